# shellcheck shell=bash
# Removes all that was ever built; the downloaded is fetched again.

command_clean() {
    rm -rf "$build"
}

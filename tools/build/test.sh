# shellcheck shell=bash
# Everything that tests the module on this machine: build, unit tests, suites.

# shellcheck source=tools/build/suites.sh
. "$tools/suites.sh"
# shellcheck source=tools/build/unit.sh
. "$tools/unit.sh"

command_test() {
    local files
    # All at once: apt is asked one time only.
    require_packages "${build_packages[@]}" "${unit_packages[@]}" "${suite_packages[@]}"
    require_suite_needs
    say "unit tests"
    run_unit_tests build/unit
    # A child process: set -e holds in there, though its status is asked for.
    if "$root/build.sh" build; then
        mapfile -t files < <(all_suites)
        run_installed_suites "${files[@]}"
    else
        printf 'not ok - the module does not build\n'
        count 0 1 0
    fi
    print_total
}

# shellcheck shell=bash
# What every command needs: messages, packages, the installed nginx. Sourced by build.sh.

say() { printf '== %s\n' "$*" >&2; }
warn() { printf 'build.sh: [warn] %s\n' "$*" >&2; }
die() {
    printf 'build.sh: [error] %s\n' "$*" >&2
    exit 1
}

# The tools of nginx and of this project are run quietly unless they fail.
quietly() { # LOG COMMAND...
    local log=$1
    shift
    if ! "$@" >"$log" 2>&1; then
        tail -n 60 "$log" >&2
        warn "failed: $*"
        warn "the whole output is in $log"
        return 1
    fi
}

jobs_count() { nproc 2>/dev/null || echo 1; }

is_installed() { # PACKAGE
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo -- "$@"
    fi
}

# Installs what is missing of the named packages; asks for nothing, and needs no root, when nothing is.
need_packages() {
    local package missing=()
    if ! command -v dpkg-query >/dev/null; then
        die "this is not Debian: install what corresponds to these packages, then use config by hand: $*"
    fi
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        die "missing packages, install them as root: apt-get install ${missing[*]}"
    fi
    mkdir -p "$build/logs"
    say "installing ${missing[*]}"
    # Once is enough for all that a command installs.
    if [ -z "${apt_updated:-}" ]; then
        quietly "$build/logs/apt-update.log" as_root apt-get update -q || return 1
        apt_updated=yes
    fi
    if ! install_packages "${missing[@]}"; then
        warn "cannot install: ${missing[*]}"
        return 1
    fi
}

# A status of its own (EX_UNAVAILABLE): what cannot be tried for want of packages did not fail.
status_unavailable=69
require_packages() {
    need_packages "$@" || exit "$status_unavailable"
}

install_packages() {
    local policy=/usr/sbin/policy-rc.d status=0
    # Debian starts a service as it installs it: nginx would take port 80. invoke-rc.d asks this file first.
    # An nginx that is there already is left to Debian's own rules.
    if { ! is_installed nginx || [ -n "${no_services:-}" ]; } && [ ! -e "$policy" ]; then
        on_exit remove_policy
        # shellcheck disable=SC2016
        as_root sh -c 'printf "#!/bin/sh\nexit 101\n" > "$1" && chmod 755 "$1"' sh "$policy"
        policy_is_ours=yes
    fi
    quietly "$build/logs/apt-install.log" as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends "$@" || status=$?
    remove_policy
    return "$status"
}

remove_policy() {
    [ "${policy_is_ours:-no}" = yes ] || return 0
    policy_is_ours=no
    as_root rm -f /usr/sbin/policy-rc.d
}

# Commands for the end of build.sh, however it ends.
exit_commands=()
on_exit() { # COMMAND
    exit_commands+=("$1")
    trap 'for exit_command in "${exit_commands[@]}"; do $exit_command; done' EXIT
    # Without these bash ends at once, and leaves what the commands above take away.
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

# Sets plain_build: build/ without spaces in its path, for tools that put paths into commands without quotes.
need_plain_build() {
    mkdir -p "$build"
    plain_build=$build
    if [[ $build =~ [[:space:]] ]]; then
        plain_dir=$(mktemp -d)
        on_exit remove_plain_build
        ln -s "$build" "$plain_dir/build"
        plain_build=$plain_dir/build
    fi
}

remove_plain_build() {
    rm -f "$plain_dir/build"
    rmdir "$plain_dir"
}

build_packages=(nginx nginx-dev g++ make libssl-dev)
# llvm has the symbolizer: a report without it has no names.
clang_packages=(clang libclang-rt-dev llvm)

nginx_binary() {
    local found
    # Debian keeps it in sbin, which is not in an ordinary user's PATH.
    found=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v nginx) || die "no nginx is installed"
    printf '%s\n' "$found"
}

nginx_version() { # BINARY
    "$1" -v 2>&1 | sed -n 's,^nginx version: [^/]*/\([0-9.]*\).*,\1,p'
}

# version_at_least 1.25.1 1.22.1: is the second at least the first?
version_at_least() {
    [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]
}

# A file appears whole or not at all: whoever has the old one open or mapped keeps it.
put_file() { # SOURCE TARGET
    local temporary="$2.new.$$"
    cp -- "$1" "$temporary"
    mv -f -- "$temporary" "$2"
}

# The files of the project: what git has, or would take, and is still there.
project_files() {
    (
        cd "$root" || exit
        # A checkout of another user, as in a container, is no reason not to look.
        git -c safe.directory='*' ls-files --cached --others --exclude-standard | sort -u |
            while IFS= read -r file; do
                [ ! -f "$file" ] || printf '%s\n' "$file"
            done
    )
}

# shellcheck shell=bash
# Everything that tests the module on this machine: build, unit tests, suites.

# shellcheck source=tools/build/suites.sh
. "$tools/suites.sh"
# shellcheck source=tools/build/unit.sh
. "$tools/unit.sh"

command_test() {
    local files
    need_packages "${build_packages[@]}" "${unit_packages[@]}" "${suite_packages[@]}"
    say "unit tests"
    run_unit_tests build/unit
    if prepare_suites; then
        mapfile -t files < <(all_suites)
        run_installed_suites "${files[@]}"
    else
        printf 'not ok - the module does not build, or the suites lack something\n'
        count 0 1 0
    fi
    print_total
}

# shellcheck shell=bash
# What can be said about the sources without running them. Each check counts as one test.

# shellcheck source=tools/build/build.sh
. "$tools/build.sh"
# shellcheck source=tools/build/count.sh
. "$tools/count.sh"

command_lint() {
    require_packages "${build_packages[@]}" clang clang-format clang-tidy shellcheck perl git
    mkdir -p "$build/lint" "$build/logs"
    cd "$root" || exit
    lint_files
    check layers perl t/lint/layers.pl
    check sizes perl t/lint/sizes.pl "${code[@]}"
    check words perl t/lint/words.pl "${texts[@]}"
    check README perl t/lint/readme.pl
    check metrics perl t/lint/metrics.pl
    check reasons perl t/lint/reasons.pl
    # The parts are sourced into one shell: they share variables that each alone does not set.
    check shellcheck shellcheck -x -S warning -e SC2154,SC2034 build.sh .ci/run tools/build/*.sh t/lib/*.sh
    check clang-format clang-format --dry-run -Werror "${cpp[@]}"
    check clang-tidy tidy
    print_total
}

# What git has or would take, so that nothing in build/ is looked at: the arrays cpp, code and texts.
lint_files() {
    mapfile -t texts < <(project_files)
    mapfile -t cpp < <(printf '%s\n' "${texts[@]}" | grep -E '^(src|ngx_module|t)/.*\.(cpp|h)$')
    mapfile -t code < <(printf '%s\n' "${texts[@]}" |
        grep -E '^((src|ngx_module|t|tools)/.*\.(cpp|h|t|pm|pl|sh|py)|build\.sh|config|config\.make|\.ci/run)$')
}

check() { # NAME COMMAND...
    local name=$1 log=$build/lint/$1.log
    shift
    if "$@" >"$log" 2>&1; then
        printf '%-16s ok\n' "$name"
        count 1 0 0
    else
        printf '%-16s not ok\n' "$name"
        # grep: clang-tidy also counts the warnings of the system's headers.
        grep -v -E '^[0-9]+ warnings? (generated|treated)' "$log" | tail -n 100
        count 0 1 0
    fi
}

# clang-tidy over each source that changed since it last passed, or all when a header did.
tidy() {
    local source passed stale=()
    # The module's include paths are in the makefile that nginx's configure wrote.
    build_module
    compile_commands >"$build/compile_commands.json"
    for source in src/*/*.cpp ngx_module/*.cpp; do
        passed=$build/lint/tidy/$source.passed
        if [ ! -e "$passed" ] || [ -n "$(find "$source" .clang-tidy src ngx_module \
            \( -path "$source" -o -name '*.h' -o -name .clang-tidy \) -newer "$passed" -print -quit)" ]; then
            stale+=("$source")
        fi
    done
    [ ${#stale[@]} -gt 0 ] || return 0
    # shellcheck disable=SC2016
    printf '%s\0' "${stale[@]}" | xargs -0 -n 1 -P "$(jobs_count)" nice bash -c '
        passed=build/lint/tidy/$1.passed
        mkdir -p "$(dirname "$passed")"
        touch "$passed.new"
        if clang-tidy --quiet -p build "$1"; then
            mv "$passed.new" "$passed"
        else
            rm -f "$passed" "$passed.new"
            exit 1
        fi' bash
}

compile_commands() {
    local source includes flags="-std=c++17 -Wall -Wextra" separator='['
    includes=$(make -s -C "$build/module" -f - print <<<$'include objs/Makefile\nprint:\n\t@echo $(ALL_INCS)')
    for source in src/*/*.cpp; do
        printf '%s\n{"directory": "%s", "command": "clang++ %s -Isrc -c %s", "file": "%s"}' \
            "$separator" "$root" "$flags" "$source" "$source"
        separator=,
    done
    for source in ngx_module/*.cpp; do
        printf '%s\n{"directory": "%s", "command": "clang++ %s %s -c ../../%s", "file": "../../%s"}' \
            "$separator" "$build/module" "$flags" "$includes" "$source" "$source"
    done
    printf '\n]\n'
}

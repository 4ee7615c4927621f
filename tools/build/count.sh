# shellcheck shell=bash
# How commands that test count.

total_passed=0
total_failed=0
total_skipped=0

count() { # PASSED FAILED SKIPPED
    total_passed=$((total_passed + $1))
    total_failed=$((total_failed + $2))
    total_skipped=$((total_skipped + $3))
}

# The closing line of every command that tests; its status is the command's.
print_total() {
    local line="$total_passed passed, $total_failed failed"
    [ "$total_skipped" -eq 0 ] || line+=", $total_skipped skipped"
    printf '%s\n' "$line"
    [ "$total_failed" -eq 0 ]
}

# Counts by the closing line in the output of another command that ended with STATUS.
count_output() { # LOG STATUS
    local line numbers='0 0 0'
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$1" | tail -n 1) || true
    if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+))? ]]; then
        numbers="${BASH_REMATCH[1]} ${BASH_REMATCH[2]} ${BASH_REMATCH[4]:-0}"
    fi
    # shellcheck disable=SC2086
    count $numbers
    # It ended before it counted, or after: either way something failed that is not in its numbers.
    if [ "$2" -ne 0 ] && [[ $numbers =~ ^[0-9]+\ 0\  ]]; then
        count 0 1 0
    fi
}

# shellcheck shell=bash
# How commands that test count.

# What was counted so far, over all parts of a command.
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
    [ "$total_failed" -eq 0 ] && [ "$total_passed" -gt 0 ]
}

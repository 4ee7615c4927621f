# shellcheck shell=bash
# The unit tests: cmocka programs over src/ alone.

unit_packages=(g++ make libssl-dev libcmocka-dev)

# shellcheck source=tools/build/count.sh
. "$tools/count.sh"
# shellcheck source=tools/build/crypto_mb.sh
. "$tools/crypto_mb.sh"
# shellcheck source=tools/build/ipsec_mb.sh
. "$tools/ipsec_mb.sh"

# Builds the tests in OUT (below the checkout) and runs them; counts each test function.
run_unit_tests() { # OUT [SANITIZE-FLAGS]
    local out=$1 program name log status numbers
    local make=(make -s -C "$root" -f t/unit/Makefile OUT="$out" SANITIZE="${2:-}")
    # -k: one test that does not compile hides no other. What is out of date below was not built.
    nice "${make[@]}" -k -j"$(jobs_count)" || true
    for program in "$root"/t/unit/*/*_test.cpp; do
        [ -e "$program" ] || continue
        name=${program#"$root"/t/unit/}
        name=${name%.cpp}
        if ! "${make[@]}" -q "$out/$name"; then
            printf '%-40s not ok, does not build\n' "$name"
            count 0 1 0
            continue
        fi
        log=$root/$out/results/$name.log
        mkdir -p "$(dirname "$log")"
        status=0
        (cd "$root" && exec timeout 600 "$out/$name") >"$log" 2>&1 || status=$?
        numbers=$(unit_numbers "$log" "$status")
        # shellcheck disable=SC2086
        count $numbers
        # shellcheck disable=SC2086
        printf '%-40s %s passed, %s failed, %s skipped\n' "$name" $numbers
        [ "$status" -eq 0 ] || cat "$log"
    done
}

# PASSED FAILED SKIPPED of one program. A test that was begun and has no good end failed, whatever killed it.
unit_numbers() { # LOG STATUS
    awk -v status="$2" '
        /^\[ RUN      \]/ { run++ }
        /^\[       OK \]/ { ok++ }
        /^\[  SKIPPED \] [^0-9]/ && !after { skipped++ }
        /^\[==========\].*run\.$/ { after = 1 }
        END {
            failed = run - ok - skipped
            if (failed == 0 && (status != 0 || run == 0)) failed = 1
            print ok + 0, failed, skipped + 0
        }' "$1"
}

command_unit() {
    require_packages "${unit_packages[@]}"
    need_crypto_mb
    need_ipsec_mb
    run_unit_tests build/unit
    print_total
}

# shellcheck shell=bash
# The unit tests: cmocka programs over src/ alone.

unit_packages=(g++ make libssl-dev libcmocka-dev)

# shellcheck source=tools/build/count.sh
. "$tools/count.sh"
# shellcheck source=tools/build/crypto_mb.sh
. "$tools/crypto_mb.sh"
# shellcheck source=tools/build/ipsec_mb.sh
. "$tools/ipsec_mb.sh"

# Builds the tests in OUT (below the checkout) and runs them, all or those named; counts each test function.
run_unit_tests() { # OUT [SANITIZE-FLAGS [FILE_test.cpp ...]]
    local out=$1 limit=600 files=("${@:3}") names name log status numbers
    local make=(make -s -C "$root" -f t/unit/Makefile OUT="$out" SANITIZE="${2:-}")
    [ ${#files[@]} -gt 0 ] || files=("$root"/t/unit/*/*_test.cpp)
    names=("${files[@]#"$root"/}")
    names=("${names[@]#t/unit/}")
    names=("${names[@]%.cpp}")
    # Whoever wishes for more operations has the time.
    [ -z "${TLS_UNIT_OPERATIONS:-}" ] || limit=36000
    # -k: one test that does not compile hides no other. What is out of date below was not built.
    nice "${make[@]}" -k -j"$(jobs_count)" "${names[@]/#/$out/}" || true
    for name in "${names[@]}"; do
        if ! "${make[@]}" -q "$out/$name"; then
            printf '%-40s not ok, does not build\n' "$name"
            count 0 1 0
            continue
        fi
        log=$root/$out/results/$name.log
        mkdir -p "$(dirname "$log")"
        status=0
        (cd "$root" && exec timeout "$limit" "$out/$name") >"$log" 2>&1 || status=$?
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

command_unit() { # [--operations N] [FILE_test.cpp ...]
    local file
    if [ "${1:-}" = --operations ]; then
        [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || die "unit --operations wants a number"
        export TLS_UNIT_OPERATIONS=$2
        shift 2
    fi
    for file in "$@"; do
        [[ $file == t/unit/*/*_test.cpp && -f $root/$file ]] ||
            die "no unit test \"$file\": name it from the checkout's top, as in t/unit/keys/turn_test.cpp"
    done
    require_packages "${unit_packages[@]}"
    need_crypto_mb
    need_ipsec_mb
    run_unit_tests build/unit "" "$@"
    print_total
}

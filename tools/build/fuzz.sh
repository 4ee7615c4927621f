# shellcheck shell=bash
# libFuzzer over the parsers, for a bounded time. t/fuzz/corpus/NAME/ are the inputs that are kept; what a run finds
# goes to build/fuzz, and with --keep the part of it that reaches new code is added to the kept ones.

# shellcheck source=tools/build/count.sh
. "$tools/count.sh"

command_fuzz() {
    local seconds=30 keep=no source name
    while [ $# -gt 0 ]; do
        case $1 in
            --keep) keep=yes ;;
            *[!0-9]* | '') die "fuzz takes a number of seconds and --keep" ;;
            *) seconds=$1 ;;
        esac
        shift
    done
    require_packages make libssl-dev g++ "${clang_packages[@]}"
    # g++ for the C++ library's headers, which clang takes from it.
    make -s -C "$root" -f t/fuzz/Makefile OUT=build/fuzz CXX=clang++ -j"$(jobs_count)"
    for source in "$root"/t/fuzz/*_fuzz.cpp; do
        [ -e "$source" ] || continue
        name=$(basename "$source" _fuzz.cpp)
        fuzz_target "$name" "$seconds"
        [ "$keep" = no ] || keep_inputs "$name"
    done
    print_total
}

fuzz_target() { # NAME SECONDS
    local name=$1 log=$build/fuzz/$1.log options
    options=(
        -max_total_time="$2" -max_len=20000 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
        -artifact_prefix="build/fuzz/found/$name-"
    )
    mkdir -p "$build/fuzz/corpus/$name" "$build/fuzz/found" "$root/t/fuzz/corpus/$name"
    if (cd "$root" && "build/fuzz/${name}_fuzz" "${options[@]}" "build/fuzz/corpus/$name" \
        "t/fuzz/corpus/$name") >"$log" 2>&1; then
        printf '%-24s ok, %s runs\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
        count 1 0 0
    else
        printf '%-24s not ok, the input is in build/fuzz/found\n' "$name"
        tail -n 60 "$log"
        count 0 1 0
    fi
}

keep_inputs() { # NAME
    (cd "$root" && "build/fuzz/${1}_fuzz" -merge=1 "t/fuzz/corpus/$1" "build/fuzz/corpus/$1") \
        >>"$build/fuzz/$1.log" 2>&1
}

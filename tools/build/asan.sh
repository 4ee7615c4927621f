# shellcheck shell=bash
# Unit tests and suites on an nginx and a module that AddressSanitizer, LeakSanitizer and UBSan watch.

# shellcheck source=tools/build/nginx.sh
. "$tools/nginx.sh"
# shellcheck source=tools/build/unit.sh
. "$tools/unit.sh"

sanitize="-fsanitize=address,undefined -fno-omit-frame-pointer"

# nginx's own C code stores numbers at any address where the machine can, copies nothing from NULL, adds nothing to
# it, and calls handlers through pointers of another type. None of it is the module's.
nginx_sanitize="$sanitize -fno-sanitize=alignment,nonnull-attribute,pointer-overflow,function"

command_asan() { # [FILE.t ...]
    local files=("$@") nginx_flags=() reports
    require_packages "${build_packages[@]}" "${unit_packages[@]}" "${suite_packages[@]}" dpkg-dev "${clang_packages[@]}"
    need_test_nginx || exit "$status_unavailable"
    need_nginx_source || exit "$status_unavailable"
    need_crypto_mb
    need_ipsec_mb
    need_plain_build
    reports=$plain_build/asan/reports
    rm -rf "$reports"
    mkdir -p "$reports"
    cp "$tools/lsan.supp" "$build/asan"

    say "building nginx with sanitizers"
    debian_nginx_flags
    prepare_nginx nginx-asan
    # nginx -t, and a server that refuses its configuration, return from main() with their pools: on a stack that is
    # gone they would be leaks. As a suppression it would cover the pools of connections too.
    sed -i 's/^    ngx_cycle_t  *\*cycle, init_cycle;$/    static ngx_cycle_t *cycle, init_cycle;/' \
        "$build/nginx-asan/src/core/nginx.c"
    # clang: gcc's two runtimes, one for addresses and one for the rest, do not share a report file.
    export CC=clang CXX=clang++
    # NGX_DEBUG_PALLOC: each allocation from a pool is one of malloc's, so that an overflow in a pool is seen.
    # -asan-use-private-alias: the ngx_modules of a dynamic module would be taken for nginx's own of the same name.
    # -Wno-error: what clang warns of beside gcc is for lint to stop at, not for this.
    # initial-exec: LeakSanitizer's own thread reads wild memory where a module has variables of a thread found otherwise.
    NGX_HTTP_TLS_CXXFLAGS="-fsanitize=undefined -fno-sanitize-recover=all -Wno-error -ftls-model=initial-exec" \
        build_nginx nginx-asan "${nginx_flags[@]}" \
        --with-cc-opt="-O1 -g -fPIC -DNGX_DEBUG_PALLOC=1 $nginx_sanitize -mllvm -asan-use-private-alias=1" \
        --with-ld-opt="$sanitize -fsanitize-link-c++-runtime -lstdc++"
    put_crypto_mb "$build/nginx-asan/objs"

    # A report must not be lost in a log that a suite does not read: each goes to a file, and each file fails.
    # A leak in a server that has done its work is no failed start, so it leaves the exit code alone.
    export ASAN_OPTIONS="detect_stack_use_after_return=1:log_path=$reports/report"
    export UBSAN_OPTIONS="print_stacktrace=1:log_path=$reports/report"
    export LSAN_OPTIONS="exitcode=0:print_suppressions=0:suppressions=$plain_build/asan/lsan.supp"

    say "unit tests with sanitizers"
    run_unit_tests build/asan/unit "$sanitize -fno-sanitize-recover=all"

    say "suites with sanitizers"
    # OpenSSL changes to a job's stack and back by _longjmp, at which the sanitizer takes frames of the other stack
    # for gone and gives their places to new ones: with jobs, frames it keeps on its own heap cannot be told apart.
    export ASAN_OPTIONS="detect_stack_use_after_return=0:log_path=$reports/report"
    [ ${#files[@]} -gt 0 ] || mapfile -t files < <(all_suites)
    # Leaks are looked for at each end of a server, and everything takes twice the time.
    TEST_NGINX_TIMEOUT=30 TEST_NGINX_TLS_ASAN=1 run_suites "$plain_build/nginx-asan/objs/nginx" \
        "$plain_build/nginx-asan/objs/ngx_http_tls_module.so" "$plain_build/asan/suites" "${files[@]}"

    count_reports "$reports"
    print_total
}

count_reports() { # FOLDER
    local report found=0
    for report in "$1"/*; do
        # Said once by a process in which OpenSSL changes to a job's stack, which the sanitizer does not know; no finding.
        grep -sqvE '__asan_handle_no_return|^False positive error reports|^For details see https' "$report" || continue
        found=$((found + 1))
        printf 'not ok - %s\n' "$report"
        # One bug reports itself in every server that meets it: the first few tell all.
        [ "$found" -gt 3 ] || head -n 60 "$report"
    done
    if [ "$found" -eq 0 ]; then
        printf 'no sanitizer reported anything\n'
        count 1 0 0
    else
        count 0 "$found" 0
    fi
}

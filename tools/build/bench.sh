# shellcheck shell=bash
# Measurements beside the peers. Never part of the tests: they want a quiet machine, and take minutes.
# A part is a script in tools/build/bench/; the programs it uses are in t/bench/, all it writes in build/bench/.

# shellcheck source=tools/build/build.sh
. "$tools/build.sh"

bench_dir=$build/bench

bench_usage() {
    cat >&2 <<'END'
usage: ./build.sh bench certificates [--names 1000,10000,100000] [--rounds N] [--quick]
       ./build.sh bench churn [--seconds 300] [--per-minute 1000]
END
}

command_bench() {
    local part=${1:-}
    [ $# -eq 0 ] || shift
    case $part in
        certificates | churn) "bench_$part" "$@" ;;
        *)
            bench_usage
            die "bench needs a part: certificates or churn"
            ;;
    esac
}

# Builds the programs and the module; sets bench_arguments, which every part takes.
prepare_bench() {
    require_packages "${build_packages[@]}" perl
    mkdir -p "$bench_dir"
    make -s -C "$root" -f t/bench/Makefile OUT=build/bench/bin -j"$(jobs_count)"
    build_module
    bench_arguments=(--work "$bench_dir" --bin "$bench_dir/bin" --module "$build/ngx_http_tls_module.so"
        --nginx "$(nginx_binary)")
}

bench_certificates() {
    local argument peers=() reason='its package cannot be installed'
    for argument in "$@"; do
        case $argument in
            --names | --rounds | --quick | [0-9]*) ;;
            *)
                bench_usage
                die "unknown option \"$argument\""
                ;;
        esac
    done
    prepare_bench
    if (need_packages haproxy); then
        peers=(--haproxy "$(PATH=$PATH:/usr/sbin command -v haproxy)")
    else
        warn "HAProxy is left out: $reason"
        peers=(--without-haproxy "$reason")
    fi
    perl "$tools/bench/certificates.pl" "${bench_arguments[@]}" "${peers[@]}" "$@"
}

bench_churn() {
    local argument
    for argument in "$@"; do
        case $argument in
            --seconds | --per-minute | [0-9]*) ;;
            *)
                bench_usage
                die "unknown option \"$argument\""
                ;;
        esac
    done
    prepare_bench
    perl "$tools/bench/churn.pl" "${bench_arguments[@]}" "$@"
}

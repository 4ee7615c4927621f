# shellcheck shell=bash
# Measurements beside the peers. Never part of the tests: they want a quiet machine, and take minutes.
# A part is measured by a script in tools/build/bench/; the programs it uses are in t/bench/, all it writes in build/bench/.

# shellcheck source=tools/build/peers.sh
. "$tools/peers.sh"
# shellcheck source=tools/build/plain.sh
. "$tools/plain.sh"

bench_dir=$build/bench

bench_usage() {
    cat >&2 <<'END'
usage: ./build.sh bench [handshakes|bulk|small|proxied|idle|refused|latency|instructions ...] [OPTION ...]
       ./build.sh bench certificates [--names 1000,10000,100000] [--rounds N] [--quick]
       ./build.sh bench churn [--seconds 300] [--per-minute 1000]
       ./build.sh bench costs [--rounds N]
       ./build.sh bench established [--seconds 5] [--rounds 3] [--flood 64]

Without a part: all in the first line.
  --mode LIST           busy: client and server share a core; cores: one each; one: with one connection (busy,cores)
  --servers LIST        module, ahead (with tls_signatures_ahead), plain and plain-stock (without AVX-512
                        and the libraries that need it), clear and clear-copied (nginx without TLS, by sendfile
                        and through memory), again (stock nginx twice), boringssl, haproxy, h2o, apache, hitch (all)
  --rows LIST           those rows only, by their names in build/bench/compare.json
  --rounds N, --ms N    rounds (9) and the time of each run (1000)
  --quick               3 rounds of 250 ms: to see that it works
  --nginx BINARY        another nginx, with its own TLS; can be given several times, as can these two:
  --variant NAME=TEXT   the module with these directives in its server block as well
  --other-module FILE   another build of the module
END
}

command_bench() {
    case ${1:-} in
        certificates | churn | costs | established)
            local part=$1
            shift
            "bench_$part" "$@"
            ;;
        help | --help | -h) bench_usage ;;
        *) bench_compare "$@" ;;
    esac
}

# Builds the programs and the module; sets bench_arguments, which every part takes.
prepare_bench() {
    require_packages "${build_packages[@]}" perl
    need_crypto_mb
    need_ipsec_mb
    mkdir -p "$bench_dir"
    make -s -C "$root" -f t/bench/Makefile OUT=build/bench/bin -j"$(jobs_count)"
    build_module
    bench_arguments=(--work "$bench_dir" --bin "$bench_dir/bin" --module "$build/ngx_http_tls_module.so"
        --nginx "$(nginx_binary)")
}

bench_wrong() { # WHAT
    bench_usage
    die "$1"
}

bench_compare() {
    local arguments=() wanted=() parts=() plain_module plain_environment word
    while [ $# -gt 0 ]; do
        case $1 in
            handshakes | bulk | small | proxied | idle | refused | latency | instructions)
                parts+=("$1")
                arguments+=(--part "$1")
                ;;
            --quick) arguments+=("$1") ;;
            --mode | --servers | --rows | --rounds | --ms | --nginx | --variant | --other-module)
                [ $# -gt 1 ] || bench_wrong "$1 needs a value"
                case $1 in
                    # compare.pl's --nginx is the one that has the module.
                    --nginx) arguments+=(--other "$(bench_file "$2")") ;;
                    --other-module) arguments+=("$1" "$(bench_file "$2")") ;;
                    --servers)
                        IFS=, read -r -a wanted <<<"$2"
                        arguments+=("$1" "$2")
                        ;;
                    *) arguments+=("$1" "$2") ;;
                esac
                shift
                ;;
            *) bench_wrong "unknown part or option \"$1\"" ;;
        esac
        shift
    done
    prepare_bench
    find_peers "${wanted[@]}"
    make_plain "$bench_dir/plain"
    for word in "$plain_module" "${plain_environment[@]}"; do
        arguments+=(--plain "$word")
    done
    if [[ " ${parts[*]:-instructions} " == *" instructions "* ]] && ! (need_packages valgrind); then
        arguments+=(--without-valgrind)
    fi
    perl "$tools/bench/compare.pl" "${bench_arguments[@]}" "${peer_arguments[@]}" "${arguments[@]}"
}

bench_file() { # FILE
    realpath -e -- "$1" || die "no file \"$1\""
}

bench_certificates() {
    local argument peers=() reason='its package cannot be installed'
    for argument in "$@"; do
        case $argument in
            --names | --rounds | --quick | [0-9]*) ;;
            *) bench_wrong "unknown option \"$argument\"" ;;
        esac
    done
    prepare_bench
    if need_peer haproxy haproxy; then
        peers=(--haproxy "$peer_binary")
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
            *) bench_wrong "unknown option \"$argument\"" ;;
        esac
    done
    prepare_bench
    perl "$tools/bench/churn.pl" "${bench_arguments[@]}" "$@"
}

# What is done beside a handshake: fingerprints, counting.
bench_costs() {
    local argument
    for argument in "$@"; do
        case $argument in
            --rounds | [0-9]*) ;;
            *) bench_wrong "unknown option \"$argument\"" ;;
        esac
    done
    prepare_bench
    "$bench_dir/bin/costs" --hellos "$root/t/data/ja4_vectors.tsv" "$@"
}

bench_established() {
    local argument
    for argument in "$@"; do
        case $argument in
            --seconds | --rounds | --flood | [0-9]*) ;;
            *) bench_wrong "unknown option \"$argument\"" ;;
        esac
    done
    require_packages libio-socket-ssl-perl
    prepare_bench
    perl "$tools/bench/established.pl" "${bench_arguments[@]}" "$@"
}

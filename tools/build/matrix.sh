# shellcheck shell=bash
# The tests elsewhere: Debian 13 and sid in chroots, and an nginx that was built without ssl.

# shellcheck source=tools/build/nginx.sh
. "$tools/nginx.sh"

command_matrix() {
    local entry entries=("$@")
    if [ "${2:-}" = bench ]; then
        matrix_bench "$1" "${@:3}"
        return
    fi
    [ ${#entries[@]} -gt 0 ] || entries=(nossl trixie sid)
    for entry in "${entries[@]}"; do
        case $entry in
            nossl) matrix_nossl ;;
            trixie | sid) matrix_suite "$entry" ;;
            *) die "unknown \"$entry\": matrix knows trixie, sid and nossl" ;;
        esac
    done
    print_total
}

skip() { # WHAT REASON
    printf '%s: skipped: %s\n' "$1" "$2"
    count 0 0 1
}

# Without --with-http_ssl_module, but --with-compat: the same version takes the module that was built for Debian's.
matrix_nossl() {
    local nginx_flags=() flag flags=() files tree=$build/nginx-nossl
    if ! need_packages "${build_packages[@]}" "${suite_packages[@]}" dpkg-dev || ! need_test_nginx ||
        ! need_nginx_source; then
        skip nossl "cannot fetch what it needs"
        return 0
    fi
    say "building nginx without ssl"
    debian_nginx_flags
    for flag in "${nginx_flags[@]}"; do
        case $flag in
            *_ssl_* | *_v3_*) ;;
            *) flags+=("$flag") ;;
        esac
    done
    need_crypto_mb
    need_ipsec_mb
    prepare_nginx nginx-nossl
    build_nginx nginx-nossl "${flags[@]}" --with-cc-opt="-O1 -g -fPIC" --with-ld-opt="-fPIC"
    put_crypto_mb "$build/nginx-nossl/objs"

    need_plain_build
    mapfile -t files < <(all_suites)
    say "suites on nginx without ssl"
    TEST_NGINX_TLS_NOSSL=1 run_suites "$plain_build/nginx-nossl/objs/nginx" \
        "$plain_build/nginx-nossl/objs/ngx_http_tls_module.so" "$plain_build/nossl/suites" "${files[@]}"

    if [ "$(nginx_version "$tree/objs/nginx")" != "$(nginx_version "$(nginx_binary)")" ]; then
        skip "nossl, Debian's module" "the installed nginx has another version than the source"
        return 0
    fi
    build_module
    # A module of Debian's headers in an nginx that has no TLS functions to offer: nothing may stay unresolved.
    if loads_module "$tree/objs/nginx" "$build/ngx_http_tls_module.so"; then
        printf "nossl: loads the module that was built for Debian's nginx\n"
        count 1 0 0
    else
        printf "nossl: not ok, does not load the module that was built for Debian's nginx\n"
        count 0 1 0
    fi
}

# "./build.sh test" in a chroot of SUITE, which starts with nothing but apt; kept in build/matrix for the next time.
matrix_suite() { # SUITE
    local suite=$1 chroot=$build/matrix/$1 log=$build/logs/matrix-$1.log status=0
    if ! prepare_chroot "$suite"; then
        skip "$suite" "$chroot_reason"
        return 0
    fi
    say "tests in $suite"
    # shellcheck disable=SC2024
    in_chroot "$chroot" /src/build.sh test </dev/null 2>&1 | tee "$log" || status=$?
    if [ "$status" -eq "$status_unavailable" ]; then
        skip "$suite" "cannot fetch what it needs: $(grep -m 1 -E '^E:' "$log" || tail -n 1 "$log")"
        return 0
    fi
    count_output "$log" "$status"
}

# The bench in such a chroot. Its results are also in build/bench/compare-SUITE.json.
matrix_bench() { # SUITE ARGUMENTS...
    local suite=$1 chroot=$build/matrix/$1 results
    shift
    case $suite in
        trixie | sid) ;;
        *) die "no bench in \"$suite\": matrix has it in trixie and sid" ;;
    esac
    prepare_chroot "$suite" || die "$suite: $chroot_reason"
    say "bench in $suite"
    in_chroot "$chroot" /src/build.sh bench "$@" </dev/null
    results=$chroot/src/build/bench/compare.json
    [ -f "$results" ] || return 0
    mkdir -p "$build/bench"
    cp "$results" "$build/bench/compare-$suite.json"
    say "also in $build/bench/compare-$suite.json"
}

# The chroot of SUITE with the checkout in it, or chroot_reason.
prepare_chroot() { # SUITE
    local chroot=$build/matrix/$1
    chroot_reason="a chroot needs root"
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || return 1
    chroot_reason="cannot make a chroot, see build/logs/chroot-$1.log"
    need_packages mmdebstrap git && make_chroot "$1" "$chroot" || return 1
    copy_checkout "$chroot/src"
}

make_chroot() { # SUITE DIR
    local suite=$1 dir=$2 mirror keyring proxy options=()
    [ ! -e "$dir/made" ] || return 0
    mirror=$(debian_mirror) && keyring=$(debian_keyring) || return 1
    # What this machine's apt needs to reach its mirror.
    while IFS= read -r proxy; do
        options+=(--aptopt="$proxy")
    done < <(apt-config dump Acquire | grep -i -E '^Acquire::[a-z:]*proxy')
    mkdir -p "$build/matrix" "$build/logs"
    say "making a chroot of $suite"
    as_root rm -rf "$dir"
    # A suite's Release file may be older here than it says it may be.
    quietly "$build/logs/chroot-$suite.log" as_root mmdebstrap --variant=apt --include=ca-certificates \
        --keyring="$keyring" --aptopt='Acquire::Check-Valid-Until "false"' "${options[@]}" \
        "$suite" "$dir" "$mirror" || return 1
    as_root touch "$dir/made"
}

# The project's files as they are now; what the chroot has built before stays there.
copy_checkout() { # TARGET
    as_root mkdir -p "$1"
    as_root find "$1" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
    project_files | tar -C "$root" -cf - --no-recursion -T - | as_root tar -C "$1" -xf - --no-same-owner
}

# With its own processes, which end with it, and its own mounts; the network, and so loopback, is the machine's.
# Test::Nginx's locks on ports are shared, so that tests in and out of chroots do not take each other's.
in_chroot() { # DIR COMMAND...
    local dir=$1 locks
    shift
    locks=/tmp/test-nginx-port-locks-0
    # shellcheck disable=SC2016
    as_root unshare --mount --pid --fork --kill-child sh -euc '
        dir=$1 locks=$2
        shift 2
        mount -t proc proc "$dir/proc"
        mount --rbind /dev "$dir/dev"
        cp /etc/hosts /etc/resolv.conf "$dir/etc/" 2>/dev/null || true
        mkdir -p "$locks" "$dir$locks"
        mount --bind "$locks" "$dir$locks"
        exec chroot "$dir" env -i HOME=/root LANG=C.UTF-8 \
            PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
    ' sh "$dir" "$locks" "$@"
}

# shellcheck shell=bash
# The Test::Nginx suites, t/*.t, on a real nginx with the module loaded.

# shellcheck source=tools/build/build.sh
. "$tools/build.sh"
# shellcheck source=tools/build/count.sh
. "$tools/count.sh"

# What Test::Nginx uses, and what speaks TLS to the server in most suites. A suite that needs more names it in a
# line "# packages: NAME ..." of its own.
suite_packages=(
    perl procps libhttp-message-perl libipc-run-perl liblist-moreutils-perl libtest-base-perl
    libtest-longstring-perl libtext-diff-perl liburi-perl libwww-perl libio-socket-ssl-perl
    openssl curl gnutls-bin
)

# Test::Nginx is packaged in sid only. It is pure Perl: unpacking it is enough, its dependencies are ours above.
need_test_nginx() {
    [ ! -f "$build/test-nginx/usr/share/perl5/Test/Nginx/Socket.pm" ] || return 0
    say "fetching Test::Nginx"
    rm -rf "$build/debs"
    download_package sid libtest-nginx-perl "$build/debs" || return 1
    dpkg-deb -x "$build"/debs/libtest-nginx-perl_*.deb "$build/test-nginx"
}

# Fills the array suites with those whose packages are here; the others are counted as skipped.
choose_suites() { # FILE...
    local file packages
    suites=()
    for file in "$@"; do
        packages=$(sed -n 's/^# packages://p' "$root/$file" | tr '\n' ' ')
        # shellcheck disable=SC2086
        if need_packages $packages; then
            suites+=("$file")
        else
            printf '%s .. skipped: cannot install %s\n' "$file" "$packages"
            count 0 0 1
        fi
    done
}

# Runs FILEs (paths below the checkout) on BINARY with MODULE and counts what they say. What their servers wrote
# stays in WORK/servroot/NAME. No path of the three may have spaces.
run_suites() { # BINARY MODULE WORK FILE...
    local binary=$1 module=$2 work=$3 status=0 suites=()
    shift 3
    choose_suites "$@"
    [ ${#suites[@]} -gt 0 ] || return 0
    mkdir -p "$work"
    rm -f "$work/counts"
    (
        cd "$root"
        export TEST_NGINX_BINARY=$binary TEST_NGINX_LOAD_MODULES=$module
        # SIGTERM: the suites hold connections open, and waiting for them would only take time.
        export TEST_NGINX_FAST_SHUTDOWN=${TEST_NGINX_FAST_SHUTDOWN:-1}
        # Two suites and their clients share two cores.
        export TEST_NGINX_TIMEOUT=${TEST_NGINX_TIMEOUT:-10}
        # One more than there are cores: suites wait more than they work.
        PATH=$PATH:/usr/sbin perl "$tools/suites.pl" --jobs "$(($(jobs_count) + 1))" --work "$work" \
            --lib t/lib --lib "$build/test-nginx/usr/share/perl5" -- "${suites[@]}"
    ) || status=$?
    if [ -s "$work/counts" ]; then
        # shellcheck disable=SC2046
        count $(cat "$work/counts")
    else
        warn "the suites did not run (status $status)"
        count 0 1 0
    fi
}

# The suites on the installed nginx.
run_installed_suites() { # FILE...
    need_plain_build
    say "suites on $(nginx_binary) $(nginx_version "$(nginx_binary)")"
    run_suites "$(nginx_binary)" "$plain_build/ngx_http_tls_module.so" "$plain_build/suites" "$@"
}

# The paths of all suites, from the checkout's top.
all_suites() {
    (cd "$root" && for file in t/*.t; do [ ! -e "$file" ] || printf '%s\n' "$file"; done)
}

# All that building and running the suites takes.
require_suite_needs() {
    require_packages "${build_packages[@]}" "${suite_packages[@]}"
    need_test_nginx || exit "$status_unavailable"
    need_crypto_mb
    need_ipsec_mb
}

command_suites() {
    local files=("$@") file
    if [ ${#files[@]} -eq 0 ]; then
        mapfile -t files < <(all_suites)
    fi
    for file in "${files[@]}"; do
        [ -f "$root/$file" ] || die "no suite \"$file\": name it from the checkout's top, as in t/name.t"
    done
    require_suite_needs
    build_module
    run_installed_suites "${files[@]}"
    print_total
}

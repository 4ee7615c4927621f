# shellcheck shell=bash
# The module into the installed nginx, with the same files as a Debian module package, but not a package. With DESTDIR
# all of it goes below that folder, as others have it who pack what they install.

# shellcheck source=tools/build/build.sh
. "$tools/build.sh"

command_install() {
    local nginx modules available=/usr/share/nginx/modules-available enabled=/etc/nginx/modules-enabled
    local below=${DESTDIR:-} link
    [ $# -eq 0 ] || die "install takes no arguments"
    require_packages "${build_packages[@]}"
    if [ -z "$below" ] && is_installed libnginx-mod-http-tls; then
        die "the package libnginx-mod-http-tls owns these files: remove it first, or install a new package"
    fi
    build_module
    need_crypto_mb
    need_ipsec_mb
    nginx=$(nginx_binary)
    modules=$("$nginx" -V 2>&1 | sed -n 's/.* --modules-path=\([^ ]*\).*/\1/p')
    [ -n "$modules" ] || die "$nginx does not say where its modules are (nginx -V, --modules-path)"

    loads_module "$nginx" "$build/ngx_http_tls_module.so" || die "$nginx does not load the module"
    place_file "$build/ngx_http_tls_module.so" "$below$modules/ngx_http_tls_module.so"
    if [ -e "$build/libcrypto_mb.so.11" ]; then
        place_file "$build/libcrypto_mb.so.11" "$below$modules/libcrypto_mb.so.11"
    fi
    printf 'load_module modules/ngx_http_tls_module.so;\n' >"$build/mod-http-tls.conf"
    place_file "$build/mod-http-tls.conf" "$below$available/mod-http-tls.conf"
    link=$below$enabled/50-mod-http-tls.conf
    with_rights mkdir -p "$below$enabled"
    with_rights ln -sfn "$available/mod-http-tls.conf" "$link"

    say "installed $below$modules/ngx_http_tls_module.so, loaded by $link"
    [ -n "$below" ] || say "check with: nginx -t; a running nginx takes it at its next reload"
}

# Whose folder DESTDIR is, is the caller's business.
with_rights() { # COMMAND...
    if [ -n "${DESTDIR:-}" ]; then
        "$@"
    else
        as_root "$@"
    fi
}

# By rename within the folder: a running nginx has the old file mapped, and reload loads a new inode only.
place_file() { # SOURCE TARGET
    # shellcheck disable=SC2016
    with_rights sh -c 'mkdir -p "$(dirname "$2")" && cp -- "$1" "$2.new" && chmod 644 "$2.new" && mv -f -- "$2.new" "$2"' \
        sh "$1" "$2"
}

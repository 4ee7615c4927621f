# shellcheck shell=bash
# The module, built against an nginx source tree; for the installed nginx that is what nginx-dev installs.

# shellcheck source=tools/build/crypto_mb.sh
. "$tools/crypto_mb.sh"
# shellcheck source=tools/build/ipsec_mb.sh
. "$tools/ipsec_mb.sh"

# Makes TREE look like nginx's sources without a copy: configure writes into the current folder, and
# /usr/share/nginx/src is not ours. Paths stay relative, so a checkout may have spaces in its path.
link_nginx_dev() { # TREE
    local tree=$1 from=/usr/share/nginx/src part
    [ -f "$from/conf_flags" ] || die "$from/conf_flags not found: the package nginx-dev is incomplete"
    mkdir -p "$tree"
    for part in auto configure src; do
        ln -sfn "$from/$part" "$tree/$part"
    done
}

# Configures TREE/objs when the list of sources, nginx or the options changed, and makes TARGETS there: "modules",
# or "binary modules" for a whole nginx. TREE is a folder in build/, which makes the checkout ../.. for it.
make_in_tree() { # TREE TARGETS CONFIGURE-ARGUMENTS...
    local tree=$1 targets=$2 key sources
    shift 2
    key=$({
        printf '%s\n' "$@" "${CC:-}" "${NGX_HTTP_TLS_CXXFLAGS:-}"
        nginx_tree_version "$tree"
        cat "$root/config" "$root/config.make"
    } | cksum)
    sources=$(cd "$root" && LC_ALL=C ls src/*/*.cpp ngx_module/*.cpp 2>/dev/null) || true
    [ -n "$sources" ] || die "no sources in $root/src and $root/ngx_module"

    if [ "$(cat "$tree/objs.key" 2>/dev/null)" != "$key" ]; then
        rm -rf "$tree/objs" "$tree/objs.sources"
    fi
    if [ "$(cat "$tree/objs.sources" 2>/dev/null)" != "$sources" ]; then
        configure_tree "$tree" "$@" --add-dynamic-module=../..
        printf '%s\n' "$key" >"$tree/objs.key"
        printf '%s\n' "$sources" >"$tree/objs.sources"
    fi
    # shellcheck disable=SC2086
    (cd "$tree" && nice make -s -f objs/Makefile -j"$(jobs_count)" $targets)
}

# What an object depends on beside its own headers: two nginx versions are never mixed in one objs folder.
nginx_tree_version() { # TREE
    grep -h 'define nginx_version ' "$1/src/core/nginx.h"
    if [ -L "$1/src" ]; then
        dpkg-query -W -f='${Package} ${Version}\n' nginx-dev libssl-dev
    fi
}

configure_tree() { # TREE CONFIGURE-ARGUMENTS...
    local tree=$1 header
    shift
    say "configuring in ${tree#"$root"/}"
    mkdir -p "$tree/objs" "$build/logs"
    # nginx's rules let every object depend on these two: keep them when they come out the same, so that a new
    # source file does not mean compiling all the others again.
    for header in ngx_auto_config.h ngx_auto_headers.h; do
        [ ! -f "$tree/objs/$header" ] || mv "$tree/objs/$header" "$tree/objs/$header.before"
    done
    (cd "$tree" && quietly "$build/logs/configure-$(basename "$tree").log" \
        ./configure "$@" --builddir=objs)
    for header in ngx_auto_config.h ngx_auto_headers.h; do
        if cmp -s "$tree/objs/$header" "$tree/objs/$header.before"; then
            mv "$tree/objs/$header.before" "$tree/objs/$header"
        else
            rm -f "$tree/objs/$header.before"
        fi
    done
}

debian_configure_arguments() { # fills the array configure_arguments
    local NGX_CONF_FLAGS=()
    # The flags that decide a struct's layout on 32-bit machines (large files, 64-bit time) are dpkg's.
    # Without these two they name no absolute path, which might have a space in it, and is the folder of whoever calls.
    # Newer packages of nginx ask dpkg in their file, too.
    export DEB_BUILD_MAINT_OPTIONS="reproducible=-fixfilepath,-fixdebugpath"
    # shellcheck source=/dev/null
    . /usr/share/nginx/src/conf_flags
    configure_arguments=(
        --with-cc-opt="$(dpkg-buildflags --get CFLAGS) $(dpkg-buildflags --get CPPFLAGS) -fPIC"
        --with-ld-opt="$(dpkg-buildflags --get LDFLAGS) -fPIC"
        "${NGX_CONF_FLAGS[@]}"
    )
    unset DEB_BUILD_MAINT_OPTIONS
}

build_module() {
    local configure_arguments=() tree=$build/module target=$build/ngx_http_tls_module.so
    require_packages "${build_packages[@]}"
    link_nginx_dev "$tree"
    debian_configure_arguments
    make_in_tree "$tree" modules "${configure_arguments[@]}"
    # Reload does not load a rebuilt library from the same inode.
    cmp -s "$tree/objs/ngx_http_tls_module.so" "$target" || put_file "$tree/objs/ngx_http_tls_module.so" "$target"
}

# Does BINARY take MODULE, with a server in which it is used? Needs no root and no port.
loads_module() { # BINARY MODULE
    local work=$build/load
    mkdir -p "$work/logs"
    cat >"$work/nginx.conf" <<END
load_module "$2";
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server { listen unix:nginx.sock; tls on; tls_reject_handshake on; }
}
END
    # Debian's default error log belongs to root.
    (cd "$work" && "$1" -t -q -e stderr -p "$work" -c "$work/nginx.conf")
}

command_build() {
    build_module
    need_crypto_mb
    need_ipsec_mb
    say "built $build/ngx_http_tls_module.so for $(nginx_binary) $(nginx_version "$(nginx_binary)")"
}

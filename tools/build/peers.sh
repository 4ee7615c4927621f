# shellcheck shell=bash
# The servers that the bench compares with: Debian's packages, and an nginx built against its BoringSSL.

# shellcheck source=tools/build/nginx.sh
. "$tools/nginx.sh"

# What to tell compare.pl about each peer that is wanted (all, when none is named): where it is, or why not.
find_peers() { # KEY...
    local entry key name packages
    peer_arguments=()
    for entry in "haproxy:HAProxy:haproxy" "h2o:h2o:h2o" "apache:Apache:apache2-bin" "hitch:hitch:hitch"; do
        IFS=: read -r key name packages <<<"$entry"
        peer_is_wanted "$key" "$@" || continue
        if need_peer "${key/apache/apache2}" "$packages"; then
            peer_arguments+=(--peer "$key=$peer_binary")
        else
            warn "$name is left out: $packages cannot be installed"
            peer_arguments+=(--left-out "$name: $packages cannot be installed")
        fi
    done
    peer_is_wanted boringssl "$@" || return 0
    if build_boringssl_nginx; then
        peer_arguments+=(--peer "boringssl=$build/nginx-boringssl/objs/nginx")
    else
        warn "nginx with BoringSSL is left out: $boringssl_reason"
        peer_arguments+=(--left-out "nginx with BoringSSL: $boringssl_reason")
    fi
}

peer_is_wanted() { # KEY WANTED...
    local key=$1
    shift
    [ $# -gt 0 ] || return 0
    [[ " $* " == *" $key "* ]]
}

# Sets peer_binary. A package that comes with a service of the same name is installed without starting it, now or at the
# next boot: it is here for the bench only.
need_peer() { # PROGRAM PACKAGE
    local program=$1 package=$2
    if ! is_installed "$package"; then
        # In a shell of its own: a peer that cannot be installed is no reason to end.
        (no_services=yes && need_packages "$package" && remove_service "$package") || return 1
    fi
    peer_binary=$(PATH=$PATH:/usr/sbin command -v "$program")
}

remove_service() { # NAME
    if command -v systemctl >/dev/null && [ -e "/lib/systemd/system/$1.service" ]; then
        quietly "$build/logs/service-$1.log" as_root systemctl disable "$1.service" ||
            warn "$1 may start at the next boot: it was installed for the bench"
    fi
}

# build/nginx-boringssl/objs/nginx: Debian's nginx, with Debian's flags, against its BoringSSL. Says why not in
# boringssl_reason.
build_boringssl_nginx() {
    local tree=$build/nginx-boringssl libraries nginx_flags=() configure_arguments=()
    if ! (need_packages android-libboringssl-dev dpkg-dev); then
        boringssl_reason='android-libboringssl-dev cannot be installed'
        return 1
    fi
    if ! need_nginx_source; then
        boringssl_reason="the source of nginx cannot be fetched"
        return 1
    fi
    [ ! -x "$tree/objs/nginx" ] || [ "$tree/objs/nginx" -ot "$build/nginx-source.version" ] || return 0
    libraries=$(dirname "$(dpkg -L android-libboringssl-dev | grep -m 1 '/libssl\.so$')")
    boringssl_reason="nginx cannot be built with it, see build/logs/boringssl.log"
    say "building nginx with BoringSSL"
    debian_nginx_flags
    prepare_nginx nginx-boringssl
    rm -rf "$tree/objs"
    # Not make_in_tree: the module needs OpenSSL.
    (cd "$tree" && quietly "$build/logs/boringssl.log" nice ./configure "${nginx_flags[@]}" --builddir=objs \
        --with-cc-opt="$(dpkg-buildflags --get CFLAGS) $(dpkg-buildflags --get CPPFLAGS) -fPIC -I/usr/include/android" \
        --with-ld-opt="$(dpkg-buildflags --get LDFLAGS) -L$libraries -Wl,-rpath,$libraries" &&
        quietly "$build/logs/boringssl.log" nice make -s -f objs/Makefile -j"$(jobs_count)" binary)
}

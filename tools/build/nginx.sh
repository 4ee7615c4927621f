# shellcheck shell=bash
# An nginx of our own, from Debian's source package of the installed one, with the module in the same tree.

# shellcheck source=tools/build/suites.sh
. "$tools/suites.sh"

# The unpacked source in build/nginx-source, for the installed version.
need_nginx_source() {
    local version
    version=$(dpkg-query -W -f='${source:Version}' nginx)
    if [ "$(cat "$build/nginx-source.version" 2>/dev/null)" != "$version" ]; then
        say "fetching the source of nginx $version"
        download_source nginx "$build/nginx-source" || return 1
        printf '%s\n' "$version" >"$build/nginx-source.version"
    fi
}

# A copy of the source for one kind of build, in build/NAME.
prepare_nginx() { # NAME
    local tree=$build/$1 version
    version=$(cat "$build/nginx-source.version")
    if [ "$(cat "$tree/source.version" 2>/dev/null)" != "$version" ]; then
        rm -rf "$tree"
        cp -a "$build/nginx-source" "$tree"
        printf '%s\n' "$version" >"$tree/source.version"
    fi
}

# Makes build/NAME/objs/nginx and the module beside it; the caller's environment and arguments say how.
build_nginx() { # NAME CONFIGURE-ARGUMENTS...
    local tree=$build/$1
    shift
    make_in_tree "$tree" "binary modules" "$@"
}

# What Debian's nginx has of the core's modules, less those that are libraries of their own.
debian_nginx_flags() { # fills the array nginx_flags
    local NGX_CONF_FLAGS=()
    # shellcheck source=/dev/null
    . /usr/share/nginx/src/conf_flags
    nginx_flags=("${NGX_CONF_FLAGS[@]}" --with-http_realip_module --with-http_sub_module)
}

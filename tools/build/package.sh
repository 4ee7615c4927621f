# shellcheck shell=bash
# A Debian package for the installed nginx's ABI, from debian/ and a copy of the checkout.

# shellcheck source=tools/build/build.sh
. "$tools/build.sh"

command_package() {
    local work=$build/package/source temporary=''
    require_packages "${build_packages[@]}" dpkg-dev debhelper
    # debhelper hands nginx's configure an absolute path, and that takes no spaces.
    if [[ $work =~ [[:space:]] ]]; then
        temporary=$(mktemp -d)
        work=$temporary/source
    fi
    rm -rf "$build/package"
    mkdir -p "$build/package" "$build/logs" "$work"
    # What the package is made of, and no more: debian/rules leaves its results beside it.
    cp -a -- "$root"/{config,config.make,src,ngx_module,debian,dashboards} "$work"
    say "building the package"
    # -d: build-essential is more than this needs, and build.sh has seen to the rest.
    (
        cd "$work" || exit
        DEB_BUILD_OPTIONS="parallel=$(jobs_count) ${DEB_BUILD_OPTIONS:-}"
        export DEB_BUILD_OPTIONS
        quietly "$build/logs/package.log" dpkg-buildpackage -b -us -uc -d
    )
    [ -z "$temporary" ] || mv "$temporary"/*.deb "$build/package"
    [ -z "$temporary" ] || rm -rf "$temporary"
    dpkg-deb -x "$build"/package/libnginx-mod-http-tls_*.deb "$build/package/contents"
    loads_module "$(nginx_binary)" "$build/package/contents/usr/lib/nginx/modules/ngx_http_tls_module.so" ||
        die "nginx does not load the package's module"
    say "made $(ls "$build"/package/libnginx-mod-http-tls_*.deb)"
    dpkg-deb -f "$build"/package/libnginx-mod-http-tls_*.deb Package Version Architecture Depends
}

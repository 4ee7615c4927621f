# shellcheck shell=bash
# Intel's library for AES-GCM, which the module looks for when it runs and which only an OpenSSL before 3.1 leaves
# something to gain by. Debian 12 has both. Without it the module works all the same, so nothing here is an error.

need_ipsec_mb() {
    local package=libipsec-mb1
    [ "$(dpkg --print-architecture)" = amd64 ] || return 0
    ! is_installed "$package" || return 0
    dpkg --compare-versions "$(dpkg-query -W -f='${Version}' libssl-dev)" lt 3.1 || return 0
    [ -n "$(apt-cache policy "$package" 2>/dev/null)" ] || return 0
    need_packages "$package" || warn "works without $package, but slower"
}

# shellcheck shell=bash
# Intel's multi-buffer library, which the module looks for when it runs: in the system, then in its own folder.

# shellcheck source=tools/build/debian.sh
. "$tools/debian.sh"

# Debian has it from 13 on. For 12 the package of 13 is unpacked: it needs nothing that 12 has not, only the name of
# OpenSSL's package differs. Without it the module works all the same, so nothing here is an error.
need_crypto_mb() {
    local package
    [ "$(dpkg --print-architecture)" = amd64 ] || return 0
    for package in libcrypto-mb12 libcrypto-mb11; do
        if is_installed "$package"; then
            return 0
        fi
        if [ -n "$(apt-cache policy "$package" 2>/dev/null)" ]; then
            need_packages "$package" || warn "works without $package, but slower"
            return 0
        fi
    done
    [ ! -e "$build/libcrypto_mb.so.11" ] || return 0
    say "fetching libcrypto-mb11"
    rm -rf "$build/crypto-mb"
    if download_package trixie libcrypto-mb11 "$build/crypto-mb" &&
        dpkg-deb -x "$build"/crypto-mb/libcrypto-mb11_*.deb "$build/crypto-mb"; then
        put_file "$build"/crypto-mb/usr/lib/*/libcrypto_mb.so.11 "$build/libcrypto_mb.so.11"
    else
        warn "works without libcrypto-mb11, but slower"
    fi
}

# A module that lies elsewhere looks in its own folder, too.
put_crypto_mb() { # FOLDER
    [ ! -e "$build/libcrypto_mb.so.11" ] || put_file "$build/libcrypto_mb.so.11" "$1/libcrypto_mb.so.11"
}

# shellcheck shell=bash
# The module as it is on a machine without AVX-512 and without the libraries that need it.

# FOLDER gets a copy of the module, beside which no library is found, and what hides the system's. Sets plain_module, and in
# plain_environment what nginx then needs: OpenSSL is told to see neither AVX-512 (leaf 7, EBX 16, 17, 21, 30, 31) nor vector
# AES (ECX 9, 10).
make_plain() { # FOLDER
    mkdir -p "$1/module"
    gcc -O1 -shared -fPIC -o "$1/hide_libraries.so" "$root/t/tools/hide_libraries.c"
    plain_module=$1/module/ngx_http_tls_module.so
    put_file "$build/ngx_http_tls_module.so" "$plain_module"
    plain_environment=(OPENSSL_ia32cap=:~0x600c0230000 "LD_PRELOAD=$1/hide_libraries.so")
}

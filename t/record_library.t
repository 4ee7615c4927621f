# AES-GCM of records by libipsec-mb, where it is faster than OpenSSL: the same bytes with it and without, and servers that go on
# where it is missing or wrong.
# packages: gcc
use lib 't/lib';
use TestTLS;
use OwnServers;

run_tests();

__DATA__

=== TEST 1: a hundred megabytes down and up, of every suite and version, with it and without
--- run
make_file big 100000000
make_file some 3000000
want=$(sha html/big)
site="root $SERVROOT/html; sendfile on; client_max_body_size 0; location /put/ { dav_methods PUT; }"
configure main < <(
    server "127.0.0.1:$PORT" "tls_batch auto; $site"
    server "127.0.0.1:$PORT2" "tls_batch off; $site"
)
start main
mkdir -m 777 html/put
for port in $PORT $PORT2; do
    for suite in '--tls13-ciphers TLS_AES_128_GCM_SHA256' '--tls13-ciphers TLS_AES_256_GCM_SHA384' \
        '--tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256' '--tls-max 1.2 --ciphers ECDHE-ECDSA-AES256-GCM-SHA384'; do
        [ "$(PORT=$port tls_get localhost /big $suite | sha)" = "$want" ] && echo "down ${suite##* }"
        PORT=$port tls_code localhost /put/some -T html/some $suite
        cmp html/some html/put/some && echo "up ${suite##* }"
        rm html/put/some
    done
done
--- out
down TLS_AES_128_GCM_SHA256
201
up TLS_AES_128_GCM_SHA256
down TLS_AES_256_GCM_SHA384
201
up TLS_AES_256_GCM_SHA384
down ECDHE-ECDSA-AES128-GCM-SHA256
201
up ECDHE-ECDSA-AES128-GCM-SHA256
down ECDHE-ECDSA-AES256-GCM-SHA384
201
up ECDHE-ECDSA-AES256-GCM-SHA384
down TLS_AES_128_GCM_SHA256
201
up TLS_AES_128_GCM_SHA256
down TLS_AES_256_GCM_SHA384
201
up TLS_AES_256_GCM_SHA384
down ECDHE-ECDSA-AES128-GCM-SHA256
201
up ECDHE-ECDSA-AES128-GCM-SHA256
down ECDHE-ECDSA-AES256-GCM-SHA384
201
up ECDHE-ECDSA-AES256-GCM-SHA384



=== TEST 2: where the library is missing, lacks something or is wrong, records are OpenSSL's and one notice says of a wrong one
--- own_records
--- own_batch
--- run
make_file big 20000000
want=$(sha html/big)
stubs=$SERVROOT/stubs
mkdir -p "$stubs"
# What comes first in the loader's way hides the system's library.
name() { printf '%s/libIPSec_MB.so.%s' "$stubs" "$1"; }
missing() { echo 'not a library' | tee "$(name 1)" >"$(name 2)"; }
made_of() { # C-SOURCE
    missing
    printf '%s\n' "$1" | gcc -shared -fPIC -x c -o "$(name 2)" -
}
wrong=$(for bits in 128 256; do
    for what in pre enc dec; do
        echo "void aes_gcm_${what}_${bits}_vaes_avx512(void) {}"
    done
done)
try() {
    configure one < <(
        server "127.0.0.1:$PORT" "root $SERVROOT/html; sendfile on;"
        server "127.0.0.1:$PORT2" "root $SERVROOT/html; tls_records libssl;"
    )
    rm -f "$life/one.log"
    LD_LIBRARY_PATH=$stubs start one
    for option in --tlsv1.3 '--tls-max 1.2'; do
        [ "$(tls_get localhost /big $option | sha)" = "$want" ] && echo served
    done
    finish one
    grep -o '\[notice\].* does not use .*' "$life/one.log" | sed 's/.*: "tls/"tls/' || true
    # Refused where it would be of use, and nowhere else.
    configure two < <(server "127.0.0.1:$PORT" "tls_batch on; tls_records libssl;")
    configure three < <(server "127.0.0.1:$PORT" "tls_batch on;")
    for conf in two three; do
        LD_LIBRARY_PATH=$stubs nginx $conf -t -q 2>&1 | grep -o '"tls_batch" cannot be "on": .*' | sed 's, in /.*,,' || true
    done
}
gains() { # whether this processor and OpenSSL make it worth having
    configure four < <(server "127.0.0.1:$PORT" "tls_batch on;")
    missing
    ! LD_LIBRARY_PATH=$stubs nginx four -t -q >said 2>&1 && grep -q libIPSec_MB said
}
if gains; then
    missing && try
    made_of 'int unrelated;' && try
    made_of "$wrong" && try
else
    missing && try | grep -v cannot
    cat "$SERVROOT/html/rest"
fi
--- may_be_grave: cannot be "on"
--- user_files
>>> rest
"tls_batch" cannot be "on": libIPSec_MB: it is not installed
served
served
"tls_batch" cannot be "on": libIPSec_MB.so.2: it lacks a function that is needed
served
served
"tls_batch" does not use libIPSec_MB.so.2 for records: its answers are not OpenSSL's: AES-128-GCM of 0 bytes
"tls_batch" cannot be "on": libIPSec_MB.so.2: its answers are not OpenSSL's: AES-128-GCM of 0 bytes
--- out
served
served
"tls_batch" cannot be "on": libIPSec_MB: it is not installed
served
served
"tls_batch" cannot be "on": libIPSec_MB.so.2: it lacks a function that is needed
served
served
"tls_batch" does not use libIPSec_MB.so.2 for records: its answers are not OpenSSL's: AES-128-GCM of 0 bytes
"tls_batch" cannot be "on": libIPSec_MB.so.2: its answers are not OpenSSL's: AES-128-GCM of 0 bytes



=== TEST 3: what "on" found is told
--- own_records
--- run
configure main < <(server "127.0.0.1:$PORT" 'tls_batch on;'; server "127.0.0.1:$PORT2" 'tls_batch on;')
if nginx main -t >said 2>&1 && grep libIPSec_MB said >lines; then
    sed 's/.*: "tls/"tls/; s/so\.[12]/so/' lines
else
    # Another processor, or an OpenSSL that gains nothing by it.
    echo '"tls_batch" uses libIPSec_MB.so for records'
fi
--- may_be_grave: cannot be "on"
--- out
"tls_batch" uses libIPSec_MB.so for records

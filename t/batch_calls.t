# Calls of libcrypto_mb, counted: clients that come together share them, and nothing but servers of ours makes any, in a process
# in which nginx's own TLS is a server and a client as well.
use lib 't/lib';
use TestTLS;
use OwnServers;
use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'BASH' . $block->run);
# `start` of life.sh, with a library that writes its calls to $CRYPTO_MB_COUNTS.
start_counting() { # NAME
    local folder=$SERVROOT/counting module
    mkdir -p "$folder"
    # What comes first in the loader's way, by the first name that is tried.
    gcc -O1 -shared -fPIC -o "$folder/libcrypto_mb.so.13" "$T_LIB/../tools/counting_crypto_mb.c"
    CRYPTO_MB_REAL=$(ldconfig -p | sed -n 's/.*libcrypto_mb\.so.* => //p' | sed -n 1p)
    if [ -z "$CRYPTO_MB_REAL" ]; then
        module=$(sed -n 's/^load_module \(.*ngx_http_tls_module.so\);/\1/p' "$SERVROOT/conf/nginx.conf")
        CRYPTO_MB_REAL=${module%/*}/libcrypto_mb.so.11
    fi
    export CRYPTO_MB_REAL CRYPTO_MB_COUNTS=$SERVROOT/counts
    LD_LIBRARY_PATH=$folder start "$1"
}
BASH
});

run_tests();

__DATA__

=== TEST 1: clients that come together share calls of the library, of every kind
--- batches
--- run
main='worker_processes 1;'
{
    echo 'tls_batch on;'
    for certificate in localhost p384 rsa; do
        server "127.0.0.1:$PORT" "server_name $certificate.test;" $certificate
    done
} | configure c
start_counting c
# Whether a call had so many lanes filled in 60 handshakes. RSA is waited for in the middle of them, and each turn brings some.
together() { # KIND LANES CERTIFICATE GROUPS VERSION
    : >"$CRYPTO_MB_COUNTS"
    NAME=$3.test GROUPS_=$4 VERSION=$5 WORKER=$(workers_of c) client -e '
        my @clients = tls_together($ENV{AT}, 60, $ENV{WORKER}, name => $ENV{NAME}, groups => $ENV{GROUPS_},
            version => $ENV{VERSION});
        print scalar @clients, " handshakes, "'
    awk -v kind="$1" -v least="$2" '$1 == kind && $2 > most { most = $2 }
        END { print kind, (most >= least ? "together" : "in calls of " most + 0) }' "$CRYPTO_MB_COUNTS"
}
for version in TLSv1_3 TLSv1_2; do
    together p256_sign 8 localhost X25519:P-256 $version
    together p384_sign 8 p384 X25519:P-384 $version
    together rsa 3 rsa X25519 $version
done
together x25519 8 localhost X25519 TLSv1_3
together p256 8 localhost P-256 TLSv1_3
finish c
--- out
60 handshakes, p256_sign together
60 handshakes, p384_sign together
60 handshakes, rsa together
60 handshakes, p256_sign together
60 handshakes, p384_sign together
60 handshakes, rsa together
60 handshakes, x25519 together
60 handshakes, p256 together



=== TEST 2: nginx's own TLS to another server, in the same worker, is as without it
--- skip_nossl
--- http_start
    tls_batch auto;
    tls_signatures_ahead on;
    proxy_ssl_verify on;
    proxy_ssl_trusted_certificate $TEST_NGINX_CERTS/ca.crt;
    proxy_ssl_session_reuse off;
    proxy_ssl_server_name on;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name behind.test;
        tls on;
        tls_verify_client on;
        tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_server_name $tls_protocol $tls_client_verify $tls_client_s_dn\n"; }
    }
--- tls_config
    proxy_ssl_certificate $TEST_NGINX_CERTS/client.crt;
    proxy_ssl_certificate_key $TEST_NGINX_CERTS/client.key;
    location / {
        proxy_pass https://127.0.0.1:$TEST_NGINX_TLS_PORT2;
        proxy_ssl_name a.test;
        proxy_ssl_protocols TLSv1.3;
    }
    location /rsa {
        proxy_pass https://127.0.0.1:$TEST_NGINX_TLS_PORT2;
        proxy_ssl_name a.test;
        proxy_ssl_protocols TLSv1.2;
        proxy_ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256;
        proxy_ssl_certificate $TEST_NGINX_CERTS/client-rsa.crt;
        proxy_ssl_certificate_key $TEST_NGINX_CERTS/client-rsa.key;
    }
    location /wrong {
        proxy_pass https://127.0.0.1:$TEST_NGINX_TLS_PORT2;
        proxy_ssl_name b.test;
    }
--- run
at_once 60 localhost
at_once 60 localhost/rsa
tls_code localhost /wrong
--- out
60 a.test TLSv1.3 SUCCESS CN=good client
60 a.test TLSv1.2 SUCCESS CN=good RSA client
502
--- error_log
upstream SSL certificate does not match "b.test"



=== TEST 3: nginx's own TLS makes no call of the library, as a server or as a client
--- skip_nossl
--- batches
--- run
{
    echo 'tls_batch on;'
    server "127.0.0.1:$PORT" 'return 200 "ours\n";'
    SIDE=ssl server "127.0.0.1:$PORT2" \
        "ssl_verify_client on; ssl_client_certificate $CERTS/client-ca.crt;"' return 200 "$ssl_curves $ssl_client_verify\n";'
    printf 'server { listen 127.0.0.1:%s; location / { proxy_pass https://127.0.0.1:%s; %s } }\n' "$PLAIN_PORT" "$PORT2" \
        "proxy_ssl_certificate $CERTS/client.crt; proxy_ssl_certificate_key $CERTS/client.key; proxy_ssl_session_reuse off;"
} | configure n
start_counting n
tls_get localhost /
[ -s "$CRYPTO_MB_COUNTS" ] && echo with calls
# Its contexts are now made behind ours.
reload_of n
: >"$CRYPTO_MB_COUNTS"
for i in {1..20}; do
    PORT=$PLAIN_PORT plain_get /
done | sort | uniq -c | sed 's/^ *//; s/ .* / /'
cat "$CRYPTO_MB_COUNTS"
finish n
--- out
ours
with calls
20 SUCCESS

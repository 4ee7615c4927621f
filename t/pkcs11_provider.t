# Keys that stay in a PKCS#11 token (SoftHSM), by the provider pkcs11-provider and `store:` URIs (RFC 7512). Debian has
# it from 13 on.
# packages: softhsm2 pkcs11-provider
use lib 't/lib';
use TestTLS;
use Token;
use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
run_tests();

__DATA__

=== TEST 1: TLS 1.2 and 1.3 with a key in a token
--- token: store:
--- run
handshakes
--- out
ecdsa_secp256r1_sha256
ecdsa_secp256r1_sha256
rsa_pss_rsae_sha256
rsa_pss_rsae_sha256



=== TEST 2: a key that the token does not have; the PIN is not shown
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key "store:pkcs11:token=nginx;object=none;type=private?pin-value=1234";
    }
--- emerg
\[emerg\] .*cannot load certificate key "store:pkcs11:token=nginx;object=none;type=private\?pin-value=\.\.\.": OSSL_STORE_\w+\(\) failed(?!.*1234).* in .*/nginx.conf:\d+$



=== TEST 3: threads sign with keys in a token, many at once, before a reload and behind it
--- needs: --with-threads
--- token: store:
--- http_start
    tls_key_threads default;
--- run
for turn in 1 2; do
    at_once 60 localhost --no-sessionid --tlsv1.3 >ecdsa &
    one=$!
    at_once 60 localhost --no-sessionid --tls-max 1.2 --ciphers ECDHE-RSA-AES128-GCM-SHA256 >rsa &
    two=$!
    wait $one $two
    cat ecdsa rsa
    [ $turn = 2 ] || reload
done
--- out
60 ecdsa_secp256r1_sha256
60 rsa_pss_rsae_sha256
60 ecdsa_secp256r1_sha256
60 rsa_pss_rsae_sha256

# Keys that stay in a PKCS#11 token (SoftHSM), by the provider pkcs11-provider and `store:` URIs (RFC 7512). Debian has
# it from 13 on.
# packages: softhsm2 pkcs11-provider
use lib 't/lib';
use TestTLS;
use Token;

log_level('info');
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

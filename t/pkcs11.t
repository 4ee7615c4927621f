# Keys that stay in a PKCS#11 token (SoftHSM), by the engine of libp11: for OpenSSL before 4, which has engines. The way
# through a provider is in pkcs11_provider.t.
# packages: softhsm2 libengine-pkcs11-openssl
use lib 't/lib';

BEGIN {
    # The engine does not give back what it took when OpenSSL unloads it, and its frames are gone by then.
    if ($ENV{TEST_NGINX_TLS_ASAN}) {
        print "1..0 # SKIP libp11 leaks\n";
        exit 0;
    }
}
use TestTLS;
use Token;

log_level('info');
run_tests();

__DATA__

=== TEST 1: TLS 1.2 and 1.3 with a key in a token
--- max_openssl: 3.99
--- token: engine:pkcs11:
--- run
handshakes
--- out
ecdsa_secp256r1_sha256
ecdsa_secp256r1_sha256
rsa_pss_rsae_sha256
rsa_pss_rsae_sha256



=== TEST 2: a reload takes the keys again
--- max_openssl: 3.99
--- token: engine:pkcs11:
--- run
handshakes | sed -n 1p
reload
handshakes
--- out
ecdsa_secp256r1_sha256
ecdsa_secp256r1_sha256
ecdsa_secp256r1_sha256
rsa_pss_rsae_sha256
rsa_pss_rsae_sha256



=== TEST 3: a key that the token does not have; the PIN is not shown
--- max_openssl: 3.99
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key "engine:pkcs11:pkcs11:token=nginx;object=none;type=private?pin-value=1234";
    }
--- emerg
\[emerg\] .*cannot load certificate key "engine:pkcs11:pkcs11:token=nginx;object=none;type=private\?pin-value=\.\.\.": ENGINE_load_private_key\(\) failed (?!.*1234).* in .*/nginx.conf:\d+$

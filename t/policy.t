# What a server negotiates is decided by the name that the client asks for: each name of one address has its own protocol
# versions, cipher suites, groups, signature algorithms and preferences (RFC 8446, RFC 5246; nginx's ssl module).
use lib 't/lib';
use TestTLS;
use NamedServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: TLS 1.3 only beside TLS 1.2 only
--- servers
both.test
v3.test     tls_protocols TLSv1.3;
v2.test     tls_protocols TLSv1.2;
--- run
for name in both.test v3.test v2.test; do
    ask $name protocol
    ask $name protocol -tls1_2
    ask $name protocol -tls1_3
done
--- out
both.test TLSv1.3
both.test TLSv1.2
both.test TLSv1.3
v3.test TLSv1.3
alert 70
v3.test TLSv1.3
v2.test TLSv1.2
v2.test TLSv1.2
alert 70
--- error_log
(no_shared_version), alert protocol_version sent, server name "v3.test"
(no_shared_version), alert protocol_version sent, server name "v2.test"



=== TEST 2: whatever the default server has
--- servers
v2.test     tls_protocols TLSv1.2;
v3.test     tls_protocols TLSv1.3;
--- run
ask v3.test protocol
ask unknown.test protocol
ask unknown.test protocol -tls1_3
ask - protocol
ask - protocol -tls1_3
--- out
v3.test TLSv1.3
v2.test TLSv1.2
alert 70
v2.test TLSv1.2
alert 70



=== TEST 3: the other way round
--- servers
v3.test     tls_protocols TLSv1.3;
v2.test     tls_protocols TLSv1.2;
--- run
ask v2.test protocol
ask v2.test protocol -tls1_2
ask unknown.test protocol -tls1_2
ask - protocol -tls1_2
--- out
v2.test TLSv1.2
v2.test TLSv1.2
alert 70
alert 70



=== TEST 4: TLS 1.0 and 1.1 for one name only
--- servers
new.test    tls_ciphers ALL:@SECLEVEL=0;
old.test    tls_ciphers ALL:@SECLEVEL=0; tls_protocols TLSv1 TLSv1.1;
mixed.test  tls_ciphers ALL:@SECLEVEL=0; tls_protocols TLSv1.1 TLSv1.3;
--- run
for version in -tls1 -tls1_1 -tls1_2 -tls1_3; do
    for name in new.test old.test mixed.test; do
        ask $name protocol $version -cipher ALL:@SECLEVEL=0
    done
done
--- out
alert 70
old.test TLSv1
alert 70
alert 70
old.test TLSv1.1
mixed.test TLSv1.1
new.test TLSv1.2
not by this client
not by this client
new.test TLSv1.3
alert 70
mixed.test TLSv1.3



=== TEST 5: cipher suites of TLS 1.2
--- servers
any.test
strong.test tls_ciphers ECDHE-RSA-AES256-GCM-SHA384;
fast.test   tls_ciphers ECDHE-RSA-AES128-GCM-SHA256;
--- run
for name in any.test strong.test fast.test; do
    ask $name cipher -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256
    ask $name cipher -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384
done
--- out
any.test ECDHE-RSA-AES128-GCM-SHA256
any.test ECDHE-RSA-AES256-GCM-SHA384
alert 40
strong.test ECDHE-RSA-AES256-GCM-SHA384
fast.test ECDHE-RSA-AES128-GCM-SHA256
alert 40
--- error_log
SSL handshake failed: no_shared_cipher, alert handshake_failure sent, server name "strong.test" (SSL: error:
SSL handshake failed: no_shared_cipher, alert handshake_failure sent, server name "fast.test" (SSL: error:



=== TEST 6: cipher suites of TLS 1.3
--- servers
any.test
strong.test tls_ciphersuites TLS_AES_256_GCM_SHA384;
small.test  tls_ciphersuites TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256;
--- run
for name in any.test strong.test small.test; do
    for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256; do
        ask $name cipher -tls1_3 -ciphersuites $suite
    done
    ask $name cipher -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256
done
--- out
any.test TLS_AES_128_GCM_SHA256
any.test TLS_AES_256_GCM_SHA384
any.test TLS_CHACHA20_POLY1305_SHA256
any.test ECDHE-RSA-AES128-GCM-SHA256
alert 40
strong.test TLS_AES_256_GCM_SHA384
alert 40
strong.test ECDHE-RSA-AES128-GCM-SHA256
small.test TLS_AES_128_GCM_SHA256
alert 40
small.test TLS_CHACHA20_POLY1305_SHA256
small.test ECDHE-RSA-AES128-GCM-SHA256
--- error_log
SSL handshake failed: no_shared_cipher, alert handshake_failure sent, server name "strong.test" (SSL: error:



=== TEST 7: groups, by either name of the directive
--- servers
any.test
p384.test   tls_ecdh_curve secp384r1;
x.test      tls_groups X25519;
two.test    tls_groups prime256v1:secp384r1;
--- run
for name in any.test p384.test x.test two.test; do
    for group in X25519 P-256 P-384; do
        ask $name curve -tls1_3 -groups $group
        ask $name curve -tls1_2 -cipher ECDHE -groups $group
    done
done
--- out
any.test X25519
any.test X25519
any.test prime256v1
any.test prime256v1
any.test secp384r1
any.test secp384r1
alert 40
alert 40
alert 40
alert 40
p384.test secp384r1
p384.test secp384r1
x.test X25519
x.test X25519
alert 40
alert 40
alert 40
alert 40
alert 40
alert 40
two.test prime256v1
two.test prime256v1
two.test secp384r1
two.test secp384r1
--- error_log
SSL handshake failed: no_shared_group, alert handshake_failure sent, server name "p384.test" (SSL: error:
SSL handshake failed: no_shared_group, alert handshake_failure sent, server name "x.test" (SSL: error:



=== TEST 8: a group for which the client sent no key share is asked for (RFC 8446 section 4.1.4)
--- servers
p384.test   tls_groups secp384r1;
--- run
ask p384.test curve -tls1_3 -groups X25519:P-384
s_client -tls1_3 -groups X25519:P-384 -servername p384.test -msg | grep -ac 'Handshake.*ClientHello'
--- out
p384.test secp384r1
2



=== TEST 9: signature algorithms
--- servers
any.test
pss512.test tls_signature_algorithms rsa_pss_rsae_sha512;
ecdsa.test  tls_signature_algorithms ECDSA+SHA256;
--- run
for name in any.test pss512.test ecdsa.test; do
    for version in -tls1_3 -tls1_2; do
        for scheme in rsa_pss_rsae_sha512 rsa_pss_rsae_sha256 ECDSA+SHA256; do
            ask $name sigalg $version -sigalgs $scheme
        done
    done
done
--- out
any.test rsa_pss_rsae_sha512
any.test rsa_pss_rsae_sha256
any.test ecdsa_secp256r1_sha256
any.test rsa_pss_rsae_sha512
any.test rsa_pss_rsae_sha256
any.test ecdsa_secp256r1_sha256
pss512.test rsa_pss_rsae_sha512
alert 40
alert 40
pss512.test rsa_pss_rsae_sha512
alert 40
alert 40
alert 40
alert 40
ecdsa.test ecdsa_secp256r1_sha256
alert 40
alert 40
ecdsa.test ecdsa_secp256r1_sha256
--- error_log
SSL handshake failed: no_shared_signature, alert handshake_failure sent, server name "pss512.test" (SSL: error:



=== TEST 10: whose order counts
--- servers
http        tls_ciphers ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256;
http        tls_ciphersuites TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256;
unsaid.test
client.test tls_prefer_server_ciphers off;
server.test tls_prefer_server_ciphers on;
--- run
for name in unsaid.test client.test server.test; do
    ask $name cipher -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384
    ask $name cipher -tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384
done
--- out
unsaid.test ECDHE-RSA-AES128-GCM-SHA256
unsaid.test TLS_AES_128_GCM_SHA256
client.test ECDHE-RSA-AES128-GCM-SHA256
client.test TLS_AES_128_GCM_SHA256
server.test ECDHE-RSA-AES256-GCM-SHA384
server.test TLS_AES_256_GCM_SHA384



=== TEST 11: finite-field Diffie-Hellman needs tls_dhparam
--- servers
http        tls_ciphers DHE-RSA-AES128-GCM-SHA256;
without.test
with.test   tls_dhparam $TEST_NGINX_CERTS/dhparam.pem;
--- run
ask without.test cipher -tls1_2
ask with.test cipher -tls1_2
s_client -tls1_2 -servername with.test | grep -ao 'Temp Key: .*'
--- out
alert 40
with.test DHE-RSA-AES128-GCM-SHA256
Temp Key: DH, 2048 bits



=== TEST 12: the hybrid group is on where OpenSSL has it
--- servers
any.test
x.test      tls_groups X25519;
--- run
ask any.test curve -tls1_3 -groups X25519MLKEM768
ask any.test curve -tls1_3
ask x.test curve -tls1_3 -groups X25519MLKEM768
ask x.test curve -tls1_3 -groups X25519MLKEM768:X25519
--- out
any.test X25519MLKEM768
any.test X25519MLKEM768
alert 40
x.test X25519
--- min_openssl: 3.5

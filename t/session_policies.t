# A session belongs to what was agreed for it: it never brings a client into a server that verifies clients in another way,
# or would have agreed on something else (RFC 8446 section 4.6.1; CVE-2025-23419 of nginx is what happens otherwise).
use lib 't/lib';
use TestTLS;
use VerifyingServers;

# All share one zone and its ticket keys: nothing but the policy keeps their sessions apart.
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(http_config => "tls_session_cache shared:one:1m;\n" . $block->http_config);
    $block->set_value(run => ". '$ENV{T_LIB}/sessions.sh'\n" . $block->run) if defined $block->run;
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: from each policy into each other one, by ticket
--- servers
open.test
closed.test tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
other.test  tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-cas.crt;
deep.test   tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt; tls_verify_depth 3;
opt.test    tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
noca.test   tls_verify_client optional_no_ca;
twin.test   tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
all="open.test closed.test other.test deep.test opt.test noca.test"
for version in -tls1_2 -tls1_3; do
    for from in $all; do
        ask $from who $version -sess_out "$SERVROOT/$from.pem" -cert "$CERTS/client.crt" -key "$CERTS/client.key"
    done
    # Without its certificate: whoever it was before, it is nobody now.
    for to in $all; do
        for from in $all; do
            [ $from = $to ] || ask $to who $version -sess_in "$SERVROOT/$from.pem"
        done | uniq -c
    done
    # Where all is the same it is the client that it was.
    ask twin.test who $version -sess_in "$SERVROOT/closed.test.pem"
    ask closed.test who $version -sess_in "$SERVROOT/closed.test.pem"
done
--- out
open.test . NONE
closed.test . SUCCESS
other.test . SUCCESS
deep.test . SUCCESS
opt.test . SUCCESS
noca.test . FAILED:unable to verify the first certificate
      5 open.test . NONE
      5 closed.test 496 . NONE
      5 other.test 496 . NONE
      5 deep.test 496 . NONE
      5 opt.test . NONE
      5 noca.test . NONE
twin.test r SUCCESS
closed.test r SUCCESS
open.test . NONE
closed.test . SUCCESS
other.test . SUCCESS
deep.test . SUCCESS
opt.test . SUCCESS
noca.test . FAILED:unable to verify the first certificate
      5 open.test . NONE
      5 closed.test 496 . NONE
      5 other.test 496 . NONE
      5 deep.test 496 . NONE
      5 opt.test . NONE
      5 noca.test . NONE
twin.test r SUCCESS
closed.test r SUCCESS



=== TEST 2: the same by session id
--- servers
http        tls_session_tickets off;
open.test
closed.test tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
other.test  tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-cas.crt;
opt.test    tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
twin.test   tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
all="open.test closed.test other.test opt.test"
for version in -tls1_2 -tls1_3; do
    for from in $all; do
        ask $from who $version -sess_out "$SERVROOT/$from.pem" -cert "$CERTS/client.crt" -key "$CERTS/client.key"
    done
    for to in $all; do
        for from in $all; do
            [ $from = $to ] || ask $to who $version -sess_in "$SERVROOT/$from.pem"
        done | uniq -c
    done
    ask twin.test who $version -sess_in "$SERVROOT/closed.test.pem"
    ask open.test who $version -sess_in "$SERVROOT/open.test.pem"
done
--- out
open.test . NONE
closed.test . SUCCESS
other.test . SUCCESS
opt.test . SUCCESS
      3 open.test . NONE
      3 closed.test 496 . NONE
      3 other.test 496 . NONE
      3 opt.test . NONE
twin.test r SUCCESS
open.test r NONE
open.test . NONE
closed.test . SUCCESS
other.test . SUCCESS
opt.test . SUCCESS
      3 open.test . NONE
      3 closed.test 496 . NONE
      3 other.test 496 . NONE
      3 opt.test . NONE
twin.test r SUCCESS
open.test r NONE



=== TEST 3: the same with a ticket key file, the hole of CVE-2025-23419
--- servers
http        tls_session_ticket_key $TEST_NGINX_CERTS/ticket80.key;
first.test  tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
second.test tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/other-ca.crt;
--- run
for version in -tls1_2 -tls1_3; do
    ask first.test who $version -sess_out "$SERVROOT/first.pem" -cert "$CERTS/client.crt" -key "$CERTS/client.key"
    ask second.test who $version -sess_in "$SERVROOT/first.pem"
    ask second.test who $version -sess_in "$SERVROOT/first.pem" -cert "$CERTS/client.crt" -key "$CERTS/client.key"
    ask first.test who $version -sess_in "$SERVROOT/first.pem"
    ask second.test who $version -sess_out "$SERVROOT/second.pem" -cert "$CERTS/client-other.crt" -key "$CERTS/client-other.key"
    ask first.test who $version -sess_in "$SERVROOT/second.pem"
    ask - who $version -sess_in "$SERVROOT/second.pem"
    ask - who $version -sess_in "$SERVROOT/first.pem"
done | sed 's/FAILED.*/FAILED/'
--- out
first.test . SUCCESS
second.test 496 . NONE
second.test 495 . FAILED
first.test r SUCCESS
second.test . SUCCESS
first.test 496 . NONE
first.test 496 . NONE
first.test r SUCCESS
first.test . SUCCESS
second.test 496 . NONE
second.test 495 . FAILED
first.test r SUCCESS
second.test . SUCCESS
first.test 496 . NONE
first.test 496 . NONE
first.test r SUCCESS



=== TEST 4: from the default server, with and without a name
--- servers
open.test
closed.test tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
for version in -tls1_2 -tls1_3; do
    ask - who $version -sess_out "$SERVROOT/unnamed.pem"
    ask unknown.test who $version -sess_out "$SERVROOT/unknown.pem"
    for session in unnamed unknown; do
        ask closed.test who $version -sess_in "$SERVROOT/$session.pem"
        ask open.test who $version -sess_in "$SERVROOT/$session.pem"
    done
done
--- out
open.test . NONE
open.test . NONE
closed.test 496 . NONE
open.test r NONE
closed.test 496 . NONE
open.test r NONE
open.test . NONE
open.test . NONE
closed.test 496 . NONE
open.test r NONE
closed.test 496 . NONE
open.test r NONE



=== TEST 5: other terms than those of the verification
--- servers
a.test
same.test   tls_early_data on;
chacha.test tls_ciphers CHACHA20; tls_ciphersuites TLS_CHACHA20_POLY1305_SHA256;
groups.test tls_groups X25519;
old.test    tls_protocols TLSv1.1 TLSv1.2 TLSv1.3;
sig.test    tls_signature_algorithms ECDSA+SHA256;
cert.test   tls_certificate $TEST_NGINX_CERTS/w.test.crt; tls_certificate_key $TEST_NGINX_CERTS/w.test.key;
--- run
for version in -tls1_2 -tls1_3; do
    meet a.test kept $version
    for name in same.test chacha.test groups.test old.test sig.test cert.test a.test; do
        again $name kept $version
    done
done
--- out
a.test .
same.test r
chacha.test .
groups.test .
old.test .
sig.test .
cert.test .
a.test r
a.test .
same.test r
chacha.test .
groups.test .
old.test .
sig.test .
cert.test .
a.test r



=== TEST 6: who was refused does not come back, and its session is forgotten
--- servers
http        tls_session_tickets off;
closed.test tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
opt.test    tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
for version in -tls1_2 -tls1_3; do
    ask closed.test who $version -sess_out "$SERVROOT/nobody.pem"
    ask closed.test who $version -sess_in "$SERVROOT/nobody.pem"
    for name in closed.test opt.test; do
        ask $name who $version -sess_out "$SERVROOT/other.pem" -cert "$CERTS/client-other.crt" -key "$CERTS/client-other.key"
        ask $name who $version -sess_in "$SERVROOT/other.pem"
        ask $name who $version -sess_in "$SERVROOT/other.pem" -cert "$CERTS/client.crt" -key "$CERTS/client.key"
    done
done | sed 's/FAILED.*/FAILED/'
--- out
closed.test 496 . NONE
closed.test 496 . NONE
closed.test 495 . FAILED
closed.test 496 . NONE
closed.test . SUCCESS
opt.test 495 . FAILED
opt.test . NONE
opt.test . SUCCESS
closed.test 496 . NONE
closed.test 496 . NONE
closed.test 495 . FAILED
closed.test 496 . NONE
closed.test . SUCCESS
opt.test 495 . FAILED
opt.test . NONE
opt.test . SUCCESS



=== TEST 7: a ticket of who was refused brings the same answer
--- servers
closed.test tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
for version in -tls1_2 -tls1_3; do
    ask closed.test who $version -sess_out "$SERVROOT/nobody.pem"
    ask closed.test who $version -sess_in "$SERVROOT/nobody.pem"
    ask closed.test who $version -sess_out "$SERVROOT/other.pem" -cert "$CERTS/client-other.crt" -key "$CERTS/client-other.key"
    ask closed.test who $version -sess_in "$SERVROOT/other.pem"
done | cut -d ' ' -f 1,2
--- out
closed.test 496
closed.test 496
closed.test 495
closed.test 495
closed.test 496
closed.test 496
closed.test 495
closed.test 495



=== TEST 8: a session ends with what it was made under: a reload with a revocation list, or without verification
--- servers
a.test      tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
change() { # SED-COMMAND
    sed -i "$1" "$SERVROOT/conf/nginx.conf"
    reload
}
for version in -tls1_2 -tls1_3; do
    ask a.test who $version -sess_out "$SERVROOT/kept$version.pem" -cert "$CERTS/client-revoked.crt" -key "$CERTS/client-revoked.key"
done
change ''
for version in -tls1_2 -tls1_3; do
    ask a.test who $version -sess_in "$SERVROOT/kept$version.pem"
done
change "s|tls_verify_client optional;|tls_verify_client optional; tls_crl $CERTS/crl.pem;|"
for version in -tls1_2 -tls1_3; do
    ask a.test who $version -sess_in "$SERVROOT/kept$version.pem"
    ask a.test who $version -sess_in "$SERVROOT/kept$version.pem" -cert "$CERTS/client-revoked.crt" -key "$CERTS/client-revoked.key"
done
change "s|tls_verify_client optional;|tls_verify_client off;|"
for version in -tls1_2 -tls1_3; do
    ask a.test who $version -sess_in "$SERVROOT/kept$version.pem"
done
--- out
a.test . SUCCESS
a.test . SUCCESS
a.test r SUCCESS
a.test r SUCCESS
a.test . NONE
a.test 495 . FAILED:certificate revoked
a.test . NONE
a.test 495 . FAILED:certificate revoked
a.test . NONE
a.test . NONE

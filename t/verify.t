# Client certificates as nginx's ssl module judges them: who passes, with which verdict, what the others are told (400 with
# the codes 495 and 496), and what is asked of them in the handshake (RFC 8446 sections 4.3.2 and 4.2.4, RFC 5246 7.4.4).
use lib 't/lib';
use TestTLS;
use VerifyingServers;
use TwoServers;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<"RUN" . $block->run) if defined $block->run;
# The answers as they are without VerifyingServers' pages for them.
without_pages() {
    sed -i 's/error_page 49[56] =200[^;]*;//g' "\$SERVROOT/conf/nginx.conf"
    reload
}
as() { # CERTIFICATE: what s_client needs to be that client; nothing for "nobody"
    [ "\$1" = nobody ] || printf -- '-cert %s -key %s\\n' "\$CERTS/\$1.crt" "\$CERTS/\$1.key"
}
RUN
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: each mode and each certificate
--- servers
http        tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
off.test    tls_verify_client off;
on.test     tls_verify_client on;
opt.test    tls_verify_client optional;
noca.test   tls_verify_client optional_no_ca;
unsaid.test
--- run
for version in -tls1_2 -tls1_3; do
    for name in off.test unsaid.test on.test opt.test noca.test; do
        for client in nobody client client-rsa client-expired client-future client-other client-self; do
            printf '%s: ' $client
            ask $name who $version $(as $client)
        done | sed 's/self.signed certificate/self-signed/; s/ or the system clock is incorrect$//'
    done >"$SERVROOT/said$version"
done
diff "$SERVROOT/said-tls1_2" "$SERVROOT/said-tls1_3" && cat "$SERVROOT/said-tls1_3"
--- out
nobody: off.test . NONE
client: off.test . NONE
client-rsa: off.test . NONE
client-expired: off.test . NONE
client-future: off.test . NONE
client-other: off.test . NONE
client-self: off.test . NONE
nobody: unsaid.test . NONE
client: unsaid.test . NONE
client-rsa: unsaid.test . NONE
client-expired: unsaid.test . NONE
client-future: unsaid.test . NONE
client-other: unsaid.test . NONE
client-self: unsaid.test . NONE
nobody: on.test 496 . NONE
client: on.test . SUCCESS
client-rsa: on.test . SUCCESS
client-expired: on.test 495 . FAILED:certificate has expired
client-future: on.test 495 . FAILED:certificate is not yet valid
client-other: on.test 495 . FAILED:unable to verify the first certificate
client-self: on.test 495 . FAILED:self-signed
nobody: opt.test . NONE
client: opt.test . SUCCESS
client-rsa: opt.test . SUCCESS
client-expired: opt.test 495 . FAILED:certificate has expired
client-future: opt.test 495 . FAILED:certificate is not yet valid
client-other: opt.test 495 . FAILED:unable to verify the first certificate
client-self: opt.test 495 . FAILED:self-signed
nobody: noca.test . NONE
client: noca.test . SUCCESS
client-rsa: noca.test . SUCCESS
client-expired: noca.test 495 . FAILED:certificate has expired
client-future: noca.test 495 . FAILED:certificate is not yet valid
client-other: noca.test . FAILED:unable to verify the first certificate
client-self: noca.test . FAILED:self-signed



=== TEST 2: the same as nginx itself, page and all
--- site
    tls_verify_client off;
    tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
    tls_trusted_certificate $TEST_NGINX_CERTS/client-intermediate.crt;
    location / { return 200 "$tls_client_verify\n"; }
--- run
everybody() {
    for client in nobody client client-expired client-other client-self client-revoked client-deep; do
        for version in -tls1_2 -tls1_3; do
            echo "$client $version"
            s_request localhost / $version $(as $client) | grep -v '^Date:'
        done
        curl -q -sS -k -i --http2 --cert "$CERTS/${client/nobody/client}.crt" --key "$CERTS/${client/nobody/client}.key" \
            "https://127.0.0.1:$PORT/" | grep -iv '^date:'
    done
}
for mode in off on optional optional_no_ca; do
    sed -i "s/_verify_client .*;/_verify_client $mode;/" "$SERVROOT/conf/nginx.conf"
    reload
    printf '%s ' $mode
    both everybody >"$SERVROOT/said.$mode" || cat "$SERVROOT/said.$mode"
    grep -c '^HTTP' "$SERVROOT/said.$mode"
done
for mode in on optional_no_ca; do
    grep -E '^(HTTP/1.1 [^2]|<center>|SUCCESS|FAILED|NONE)' "$SERVROOT/said.$mode" | sort | uniq -c | sed 's/^ *//'
done
--- out_like
^off 21$
^on 21$
^optional 21$
^optional_no_ca 21$
^2 HTTP/1.1 400 Bad Request$
^2 <center>No required SSL certificate was sent</center>$
<center>The SSL certificate error</center>$
^[0-9]* SUCCESS$
--- out_unlike
the module:



=== TEST 3: what the log has
--- servers
on.test     tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
ask on.test who
ask on.test who $(as client-expired)
--- out
on.test 496 . NONE
on.test 495 . FAILED:certificate has expired
--- error_log eval
[
    qr/\[info\] \d+#\d+: \*\d+ client sent no required SSL certificate \(verify_failed\) while reading client request headers, client: 127.0.0.1, server: on.test, request: "GET \/who HTTP\/1.1", host: "on.test"/,
    qr/\[info\] \d+#\d+: \*\d+ client SSL certificate verify error: \(10:certificate has expired\) \(verify_failed\) while reading client request headers, client: 127.0.0.1, server: on.test, request: "GET \/who HTTP\/1.1", host: "on.test"/,
]



=== TEST 4: error_page for 495 and 496, and for 400
--- servers
page.test   tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt; error_page 495 =403 /wrong; error_page 496 =302 https://login.test/; location = /wrong { return 403 "wrong: $tls_client_verify\n"; }
plain.test  tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt; error_page 400 =401 /any; location = /any { return 401 "any\n"; }
--- run
without_pages
for version in -tls1_2 -tls1_3; do
    s_request page.test / -servername page.test $version $(as client-other) | grep -E '^(HTTP|wrong)'
    s_request page.test / -servername page.test $version | grep -E '^(HTTP|Location)'
    s_request page.test /server -servername page.test $version $(as client) | tail -n 1
    s_request plain.test / -servername plain.test $version | grep '^HTTP'
done
--- out
HTTP/1.1 403 Forbidden
wrong: FAILED:unable to verify the first certificate
HTTP/1.1 302 Moved Temporarily
Location: https://login.test/
page.test
HTTP/1.1 400 Bad Request
HTTP/1.1 403 Forbidden
wrong: FAILED:unable to verify the first certificate
HTTP/1.1 302 Moved Temporarily
Location: https://login.test/
page.test
HTTP/1.1 400 Bad Request



=== TEST 5: which authorities are named to the client
--- servers
client.test tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt; tls_trusted_certificate $TEST_NGINX_CERTS/other-ca.crt;
two.test    tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-cas.crt;
silent.test tls_verify_client on; tls_trusted_certificate $TEST_NGINX_CERTS/client-cas.crt;
noca.test   tls_verify_client optional_no_ca;
off.test
--- run
for version in -tls1_2 -tls1_3; do
    for name in client.test two.test silent.test noca.test off.test; do
        echo "$name:"
        s_client -servername $name $version | grep -aE '^(O ?= ?.*, CN ?= ?(Client|Other) CA|Requested Signature|No client certificate CA)' |
            sed -E 's/^O ?= ?.*, CN ?= ?(.*)/\1/; s/^(Requested).*/\1/'
        # What is trusted counts, named or not.
        ask $name who $version $(as client-other)
    done
done
--- out
client.test:
Client CA
Requested
client.test . SUCCESS
two.test:
Client CA
Other CA
Requested
two.test . SUCCESS
silent.test:
No client certificate CA names sent
Requested
silent.test . SUCCESS
noca.test:
No client certificate CA names sent
Requested
noca.test . FAILED:unable to verify the first certificate
off.test:
No client certificate CA names sent
off.test . NONE
client.test:
Client CA
Requested
client.test . SUCCESS
two.test:
Client CA
Other CA
Requested
two.test . SUCCESS
silent.test:
No client certificate CA names sent
Requested
silent.test . SUCCESS
noca.test:
No client certificate CA names sent
Requested
noca.test . FAILED:unable to verify the first certificate
off.test:
No client certificate CA names sent
off.test . NONE



=== TEST 6: tls_verify_depth
--- servers
http        tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
unsaid.test
zero.test   tls_verify_depth 0;
one.test    tls_verify_depth 1;
three.test  tls_verify_depth 3;
--- run
for name in unsaid.test zero.test one.test three.test; do
    ask $name who $(as client)
    ask $name who $(as client-deep)
    ask $name who $(as client-deep) -cert_chain "$CERTS/client-intermediate.crt"
done | sed 's/FAILED:.*/FAILED/'
--- out
unsaid.test . SUCCESS
unsaid.test 495 . FAILED
unsaid.test . SUCCESS
zero.test . SUCCESS
zero.test 495 . FAILED
zero.test 495 . FAILED
one.test . SUCCESS
one.test 495 . FAILED
one.test . SUCCESS
three.test . SUCCESS
three.test 495 . FAILED
three.test . SUCCESS



=== TEST 7: tls_crl
--- servers
http        tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
none.test
crl.test    tls_crl $TEST_NGINX_CERTS/crl.pem;
all.test    tls_crl $TEST_NGINX_CERTS/crl-all.pem;
opt.test    tls_crl $TEST_NGINX_CERTS/crl.pem; tls_verify_client optional_no_ca;
--- run
for version in -tls1_2 -tls1_3; do
    for name in none.test crl.test all.test opt.test; do
        ask $name who $version $(as client)
        ask $name who $version $(as client-revoked)
        ask $name who $version $(as client-deep) -cert_chain "$CERTS/client-intermediate.crt"
    done >"$SERVROOT/said$version"
done
diff "$SERVROOT/said-tls1_2" "$SERVROOT/said-tls1_3" && cat "$SERVROOT/said-tls1_3"
--- out
none.test . SUCCESS
none.test . SUCCESS
none.test . SUCCESS
crl.test . SUCCESS
crl.test 495 . FAILED:certificate revoked
crl.test 495 . FAILED:unable to get certificate CRL
all.test . SUCCESS
all.test 495 . FAILED:certificate revoked
all.test . SUCCESS
opt.test . SUCCESS
opt.test 495 . FAILED:certificate revoked
opt.test 495 . FAILED:unable to get certificate CRL



=== TEST 8: every request is judged, over HTTP/2 too
--- servers
on.test     tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
without_pages
two() { printf 'GET /server HTTP/1.1\r\nHost: on.test\r\n\r\nGET /server HTTP/1.1\r\nHost: on.test\r\nConnection: close\r\n\r\n'; }
two | s_client -quiet -ign_eof -servername on.test $(as client) | grep -c '^on.test'
two | s_client -quiet -ign_eof -servername on.test | grep -c '^HTTP/1.1 400'
tls_get on.test /version -k --http2 --cert "$CERTS/client.crt" --key "$CERTS/client.key"
tls_get on.test /version -k --http2 -w ' %{http_version} %{http_code}\n' -o /dev/null
tls_get on.test /version -k --http2 -w '%{http_code}\n' -o /dev/null --cert "$CERTS/client-self.crt" --key "$CERTS/client-self.key"
--- out
2
1
on.test HTTP/2.0
 2 400
400

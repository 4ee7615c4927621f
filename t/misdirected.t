# 421 (RFC 9110 section 15.5.20): what a connection was made for by its server name must not be used for a server whose
# policy is another, whatever Host or :authority say. Where the policies are equal, connections may be shared (RFC 9113
# section 9.1.1).
use lib 't/lib';
use TestTLS;
use VerifyingServers;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<"RUN" . $block->run) if defined $block->run;
# What a connection made for NAME ("-": for none) gives to a request for HOST.
visit() { # NAME HOST [S_CLIENT-OPTION...]
    local sni=(-servername "\$1") host=\$2
    [ "\$1" != - ] || sni=(-noservername)
    shift 2
    s_request "\$host" /who "\${sni[\@]}" "\$@" | sed -n '/^HTTP.1.1 200/,\$p;s/^HTTP.1.1 \\([^2].*\\)/\\1/p' |
        grep -vE '^(HTTP|<|\$|[A-Z][A-Za-z-]*:)' | sed -n 1p
}
# The same over HTTP/2.
visit2() { # NAME HOST [CURL-OPTION...]
    local said
    said=\$(tls_get "\$1" /who -k --http2 -H "Host: \$2" -w '%{http_version} %{http_code}' "\${\@:3}") || return
    case \$said in
        *"2 200") head -n 1 <<<"\$said" ;;
        *) tail -n 1 <<<"\$said" | sed 's/^2 \\(.*\\)/\\1/; s/.*>//' ;;
    esac
}
me=(-cert "\$CERTS/client.crt" -key "\$CERTS/client.key")
RUN
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: with a server name, every other policy is another server
--- servers
a.test
same.test
early.test  tls_early_data on; tls_session_tickets off; tls_buffer_size 4k;
cert.test   tls_certificate $TEST_NGINX_CERTS/w.test.crt; tls_certificate_key $TEST_NGINX_CERTS/w.test.key;
v.test      tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
opt.test    tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
noca.test   tls_verify_client optional_no_ca;
proto.test  tls_protocols TLSv1.3;
cipher.test tls_ciphers ECDHE-RSA-AES256-GCM-SHA384;
suite.test  tls_ciphersuites TLS_AES_256_GCM_SHA384;
group.test  tls_groups X25519;
sig.test    tls_signature_algorithms ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256;
order.test  tls_prefer_server_ciphers on;
--- run
for host in a.test same.test early.test cert.test v.test opt.test noca.test proto.test cipher.test suite.test group.test sig.test order.test; do
    answer=$(visit a.test $host)
    for version in -tls1_2 -tls1_3; do
        [ "$(visit a.test $host $version)" = "$answer" ] || echo "$host differs with $version"
    done
    [ "$(visit2 a.test $host)" = "${answer% Misdirected Request}" ] || echo "$host differs with HTTP/2"
    printf '%s %s\n' $host "$answer"
done
--- out
a.test a.test . NONE
same.test same.test . NONE
early.test early.test . NONE
cert.test cert.test . NONE
v.test 421 Misdirected Request
opt.test 421 Misdirected Request
noca.test 421 Misdirected Request
proto.test 421 Misdirected Request
cipher.test 421 Misdirected Request
suite.test 421 Misdirected Request
group.test 421 Misdirected Request
sig.test 421 Misdirected Request
order.test 421 Misdirected Request
--- error_log eval
qr/\[info\] \d+#\d+: \*\d+ client attempted to request the server name different from the one that was negotiated while reading client request headers, client: 127.0.0.1, server: v.test, request: "GET \/who HTTP\/1.1", host: "v.test"/



=== TEST 2: nor may a verified client go elsewhere, or one verified elsewhere come
--- servers
open.test
v.test      tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
twin.test   tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
cas.test    tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-cas.crt;
depth.test  tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt; tls_verify_depth 2;
crl.test    tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt; tls_crl $TEST_NGINX_CERTS/crl.pem;
--- run
for host in v.test twin.test open.test cas.test depth.test crl.test; do
    for version in -tls1_2 -tls1_3; do
        visit v.test $host $version "${me[@]}"
    done
    visit2 v.test $host --cert "${me[1]}" --key "${me[3]}"
done
# A refused client learns nothing more elsewhere.
visit v.test twin.test
visit v.test open.test
--- out
v.test . SUCCESS
v.test . SUCCESS
v.test . SUCCESS
twin.test . SUCCESS
twin.test . SUCCESS
twin.test . SUCCESS
421 Misdirected Request
421 Misdirected Request
421
421 Misdirected Request
421 Misdirected Request
421
421 Misdirected Request
421 Misdirected Request
421
421 Misdirected Request
421 Misdirected Request
421
twin.test 496 . NONE
421 Misdirected Request



=== TEST 3: a connection is coalesced request by request
--- servers
a.test
same.test
v.test      tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
# One connection: the URLs say a.test, so that curl uses it again.
again=(-q -sS -k --http2 --max-time 30 --connect-to "a.test:$PORT:127.0.0.1:$PORT" -w '%{http_code} %{num_connects}\n' "https://a.test:$PORT/who")
curl "${again[@]}" --next "${again[@]}" -H 'Host: v.test' -o /dev/null --next "${again[@]}" -H 'Host: same.test'
# HTTP/1.1, keepalive.
printf 'GET /who HTTP/1.1\r\nHost: a.test\r\n\r\nGET /who HTTP/1.1\r\nHost: same.test\r\n\r\nGET /who HTTP/1.1\r\nHost: v.test\r\nConnection: close\r\n\r\n' |
    s_client -quiet -ign_eof -servername a.test | grep -aE '^(HTTP|[a-z.]*test [.r])' | tr -d '\r'
--- out
a.test . NONE
200 1
421 0
same.test . NONE
200 0
HTTP/1.1 200 OK
a.test . NONE
HTTP/1.1 200 OK
same.test . NONE
HTTP/1.1 421 Misdirected Request



=== TEST 4: without a server name the client could not choose, and only a verification counts
--- servers
open.test
v.test      tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
opt.test    tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
proto.test  tls_protocols TLSv1.3;
--- run
for version in -tls1_2 -tls1_3; do
    visit - open.test $version
    visit - proto.test $version
    visit - unknown.test $version
    # Nobody asked for a certificate, so nobody is verified.
    visit - v.test $version "${me[@]}"
    visit - opt.test $version "${me[@]}"
done
--- out
open.test . NONE
proto.test . NONE
open.test . NONE
v.test 496 . NONE
opt.test . NONE
open.test . NONE
proto.test . NONE
open.test . NONE
v.test 496 . NONE
opt.test . NONE



=== TEST 5: without a server name at a default server that verifies
--- servers
v.test      tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
twin.test   tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
proto.test  tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt; tls_protocols TLSv1.3;
cas.test    tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-cas.crt;
open.test
--- run
for host in v.test twin.test proto.test cas.test open.test unknown.test; do
    visit - $host "${me[@]}"
done
--- out
v.test . SUCCESS
twin.test . SUCCESS
proto.test . SUCCESS
421 Misdirected Request
421 Misdirected Request
v.test . SUCCESS



=== TEST 6: a name that is nobody's belongs to the default server
--- servers
a.test
v.test      tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
--- run
visit unknown.test unknown.test
visit unknown.test a.test
visit unknown.test v.test "${me[@]}"
visit v.test a.test "${me[@]}"
# An nginx without ssl leaves such a request with the server that the client named.
wanted="421 Misdirected Request"
[ "$NOSSL" = 0 ] || wanted="v.test . SUCCESS"
said=$(visit v.test unknown.test "${me[@]}")
[ "$said" = "$wanted" ] || echo "$said"
--- out
a.test . NONE
a.test . NONE
421 Misdirected Request
421 Misdirected Request



=== TEST 7: servers that are not there over TLS
--- servers
a.test
reject.test tls_reject_handshake on;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name plain.test;
        location / { return 200 "never over TLS\n"; }
    }
--- run
for host in plain.test reject.test; do
    for version in -tls1_2 -tls1_3; do
        visit a.test $host $version
        visit - $host $version
    done
    visit2 a.test $host
done
--- out
421 Misdirected Request
421 Misdirected Request
421 Misdirected Request
421 Misdirected Request
421
421 Misdirected Request
421 Misdirected Request
421 Misdirected Request
421 Misdirected Request
421



=== TEST 8: error_page 421, of the server that Host names
--- servers
a.test
v.test      tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt; error_page 421 =200 /elsewhere; location = /elsewhere { return 200 "$server_name: try again\n"; }
--- run
visit a.test v.test
--- out
v.test: try again



=== TEST 9: a captured name is the same server under each of its names
--- servers
~^(?<who>.*)\.re\.test$ tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
*.wild.test tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/client-cas.crt;
--- run
visit one.re.test two.re.test "${me[@]}" | cut -d ' ' -f 2-
visit one.wild.test two.wild.test "${me[@]}" | cut -d ' ' -f 2-
visit one.re.test two.wild.test "${me[@]}"
visit one.wild.test two.re.test "${me[@]}"
--- out
. SUCCESS
. SUCCESS
421 Misdirected Request
421 Misdirected Request

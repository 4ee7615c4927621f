# The PROXY protocol in front of TLS: versions 1 and 2 of haproxy.org's specification, whole, in pieces and broken.
use lib 't/lib';
use TestTLS;

log_level('info');

# A server behind a proxy: `seen` is what it takes for the client.
add_block_preprocessor(sub {
    my ($block) = @_;
    my $inside = $block->proxied // return;
    $block->set_value(http_config => <<"HTTP");
    server {
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT proxy_protocol;
        server_name localhost;
        tls on;
        tls_certificate \$TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key \$TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "\$proxy_protocol_addr \$proxy_protocol_port \$remote_addr \$tls_protocol\\n"; }
$inside
    }
HTTP
    $block->set_value(run => <<'BASH' . $block->run);
v2=0d0a0d0a000d0a515549540a
through_proxy() {
    cut_hello "$@" && tls_get localhost / || echo "curl $?"
}
BASH
});

run_tests();

__DATA__

=== TEST 1: version 1
--- proxied
--- run
through_proxy --prefix-text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n'
through_proxy --prefix-text 'PROXY TCP6 2001:db8::1 2001:db8::2 4712 443\r\n'
through_proxy --prefix-text 'PROXY UNKNOWN\r\n'
through_proxy --prefix-text 'PROXY UNKNOWN ffff:ffff 1 2 3\r\n'
--- out
192.0.2.1 4711 127.0.0.1 TLSv1.3
2001:db8::1 4712 127.0.0.1 TLSv1.3
  127.0.0.1 TLSv1.3
  127.0.0.1 TLSv1.3

=== TEST 2: version 2, with and without TLVs, and LOCAL
--- proxied
--- run
through_proxy --prefix "${v2}2111000cc0000201c6336402126701bb"
through_proxy --prefix "${v2}2111000fc0000201c6336402126701bb040000"
through_proxy --prefix "${v2}2121002420010db800000000000000000000000120010db8000000000000000000000002126801bb"
through_proxy --prefix "${v2}20000000"
--- out
192.0.2.1 4711 127.0.0.1 TLSv1.3
192.0.2.1 4711 127.0.0.1 TLSv1.3
2001:db8::1 4712 127.0.0.1 TLSv1.3
  127.0.0.1 TLSv1.3

=== TEST 3: header and hello byte by byte
--- proxied
--- run
through_proxy --pieces 1 --prefix-text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n'
through_proxy --pieces 1 --prefix "${v2}2111000cc0000201c6336402126701bb"
--- out
192.0.2.1 4711 127.0.0.1 TLSv1.3
192.0.2.1 4711 127.0.0.1 TLSv1.3

=== TEST 4: the hello begins in the segment in which the header ends, wherever that is cut
--- proxied
--- run
for size in 15 27 28 29 30 31 32 33 48; do
    through_proxy --pieces $size --prefix "${v2}2111000cc0000201c6336402126701bb"
done | sort | uniq -c | sed 's/^ *//'
for size in 42 43 44 45 46 47 48 49; do
    through_proxy --pieces $size --prefix-text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n'
done | sort | uniq -c | sed 's/^ *//'
--- out
9 192.0.2.1 4711 127.0.0.1 TLSv1.3
8 192.0.2.1 4711 127.0.0.1 TLSv1.3

=== TEST 5: the address goes to realip, and to the log of refused hellos as in nginx
--- needs: --with-http_realip_module
--- proxied
    set_real_ip_from 127.0.0.1;
    real_ip_header proxy_protocol;
--- run
through_proxy --prefix-text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n'
--- out
192.0.2.1 4711 192.0.2.1 TLSv1.3

=== TEST 6: plain HTTP behind a header
--- proxied
    error_page 497 =200 /plain;
    location = /plain { return 200 "plain from $proxy_protocol_addr\n"; }
--- run
raw --text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\nGET / HTTP/1.0\r\n\r\n' | tail -n 2
raw --pieces 1 --text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\nGET / HTTP/1.0\r\n\r\n' | tail -n 2
plain_get / --haproxy-protocol | sed 's/127.0.0.1/itself/'
--- out
text: plain from 192.0.2.1
eof
text: plain from 192.0.2.1
eof
plain from itself

=== TEST 7: broken headers: the connection is closed, without an alert
--- proxied
--- run
raw --hello
raw --text 'PROXY TCP4 no 198.51.100.2 4711 443\r\n' --hello
raw --text 'PROXY TCP5 192.0.2.1 198.51.100.2 4711 443\r\n' --hello
raw --text 'PROXI' --hello
raw --text 'GET / HTTP/1.0\r\n\r\n'
raw --text "PROXY UNKNOWN $(printf 'x%.0s' {1..120})"
raw --hex "${v2}1111000cc0000201c6336402126701bb" --hello
raw --hex "${v2}21110004c0000201" --hello
raw --hex "${v2}2111ffff"
raw --hex "0d0a0d0a000d0a515549540b"
wait_log 'client sent a broken PROXY protocol header \(proxy_malformed\)' 10
count_log '\[info\].*client sent a broken PROXY protocol header'
--- out
eof
eof
eof
eof
eof
eof
eof
eof
eof
eof
10

=== TEST 8: what is right so far is waited for, until the time is up
--- proxied
    tls_handshake_timeout 300ms;
--- run
raw
raw --text 'PROXY TCP4 192.0.2.1'
raw --hex "${v2}2111"
raw --hex "${v2}2111000cc0000201c6336402126701bb"
raw --text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n'
raw --text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n' --hello --first 60
--- out
eof
eof
eof
eof
eof
eof
--- grep_error_log: client timed out (handshake_timeout)
--- grep_error_log_out
client timed out (handshake_timeout)
client timed out (handshake_timeout)
client timed out (handshake_timeout)
client timed out (handshake_timeout)
client timed out (handshake_timeout)
client timed out (handshake_timeout)

=== TEST 9: the client leaves within the header
--- proxied
--- run
raw --text 'PROXY TCP4 192' --shut
raw --text 'PROXY TCP4 192' --reset
wait_log 'client closed connection \(peer_closed\)'
--- out
eof
--- error_log
client closed connection (peer_closed)
--- no_error_log
[error]

=== TEST 10: only the listener that has proxy_protocol wants it
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT proxy_protocol;
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "[$proxy_protocol_addr]\n"; }
    }
--- run
PORT=$PORT2 tls_get localhost /
PORT=$PORT2 raw --text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n\r\n' | sed -n 1p
raw --hello
--- out
[]
text: HTTP/1.1 400 Bad Request
eof

=== TEST 11: HTTP/2 behind a header
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT proxy_protocol $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$proxy_protocol_addr $server_protocol\n"; }
    }
--- run
cut_hello --prefix-text 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n'
tls_get localhost / --http2
--- out
192.0.2.1 HTTP/2.0

# What comes first on an address with TLS and is not a whole, good hello: plain HTTP, other records, SSLv2, garbage,
# silence, half a hello, a client that leaves. Each ends with the right alert, answer or close, and one line in the log.
use lib 't/lib';
use TestTLS;
use TwoServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: plain HTTP is answered as nginx answers it: 400, with its page
--- site
--- run
ask() { raw --text "$1" | sed 's/^text: Date: .*/Date/'; }
both ask 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n' >said
head -n 1 said
grep -c 'The plain HTTP request was sent to HTTPS port' said
tail -n 1 said
both ask 'GET / HTTP/1.0\r\n\r\n' | sed -n 1p
both ask 'POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello' | sed -n 1p
both ask '\r\n\r\nHEAD / HTTP/1.0\r\n\r\n' | sed -n 1p
--- out
text: HTTP/1.1 400 Bad Request
2
eof
text: HTTP/1.1 400 Bad Request
text: HTTP/1.1 400 Bad Request
text: HTTP/1.1 400 Bad Request
--- error_log
client sent plain HTTP request to HTTPS port
--- no_error_log
[error]

=== TEST 2: the log line of plain HTTP is that of nginx, at info, and ours has its reason
--- site
--- run
both plain_code /
grep -cE '\[info\].*client sent plain HTTP request to HTTPS port( \(plain_http\))? while reading client request headers' "$ERROR_LOG" >both
[ "$NOSSL" = 1 ] && sed -i s/1/2/ both
cat both
count_log 'HTTPS port \(plain_http\) while'
--- out
400
2
1

=== TEST 3: plain HTTP byte by byte, and a long one
--- site
    client_header_buffer_size 512;
    large_client_header_buffers 4 32k;
--- run
cookie=$(printf 'c%.0s' {1..30000})
ask() { raw "$@" | grep -v '^text: Date'; }
both ask --pieces 1 --text 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n' | sed -n '1p;/plain/p;$p'
both ask --text "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: $cookie\r\n\r\n" | sed -n '1p;/plain/p;$p'
both ask --text "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: $cookie$cookie\r\n\r\n" | sed -n '1p;/ooki/p;$p'
--- out
text: HTTP/1.1 400 Bad Request
text: <head><title>400 The plain HTTP request was sent to HTTPS port</title></head>
text: <center>The plain HTTP request was sent to HTTPS port</center>
eof
text: HTTP/1.1 400 Bad Request
text: <head><title>400 The plain HTTP request was sent to HTTPS port</title></head>
text: <center>The plain HTTP request was sent to HTTPS port</center>
eof
text: HTTP/1.1 400 Bad Request
text: <head><title>400 Request Header Or Cookie Too Large</title></head>
text: <center>Request Header Or Cookie Too Large</center>
eof

=== TEST 4: error_page 497: a redirect to the same address over TLS
--- site
    error_page 497 =301 https://$host:$server_port$request_uri;
--- run
both plain_get /path?query -o /dev/null -w '%{http_code} %{redirect_url}\n'
--- out
301 https://127.0.0.1:PORT/path?query

=== TEST 5: error_page 497: a page, served in the clear
--- site
    error_page 497 =200 @plain;
    location @plain { return 200 "$scheme [$https] [$tls_protocol] $status $request_uri\n"; }
--- run
both plain_get /path
--- out
http [] [] 200 /path

=== TEST 6: error_page 497 of the server that Host names
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/b.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/b.test.key;
        error_page 497 =302 https://b.test$request_uri;
    }
--- run
plain_code / -H 'Host: a.test'
plain_get /x -H 'Host: b.test' -o /dev/null -w '%{http_code} %{redirect_url}\n'
--- out
400
302 https://b.test/x

=== TEST 7: after an answer in the clear the connection is closed, and does not turn to TLS
--- site
    error_page 497 =200 @plain;
    location @plain { return 200 "plain\n"; }
--- run
ask() { raw --text 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' --hello | grep -v 'text: Date'; }
both ask | sed -n '1p;/Connection/p;$p'
--- out
text: HTTP/1.1 200 OK
text: Connection: close
eof

=== TEST 8: HTTP/2 in the clear is not spoken, where HTTP/2 over TLS is and where it is not
--- site
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
preface() { raw --text 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' | grep -av '^text: Date'; }
both preface | sed -n '1p;$p'
PORT=$PLAIN_PORT preface | sed -n '1p;$p'
both plain_code / --http2-prior-knowledge 2>/dev/null || true
--- out
text: HTTP/1.1 400 Bad Request
eof
text: HTTP/1.1 400 Bad Request
eof
000

=== TEST 9: an SSLv2 hello: protocol_version
--- tls_config
--- run
# The record header, type 1, version 3.3, one cipher (TLS_RSA_WITH_AES_128_CBC_SHA), no session, a challenge of 16 bytes.
sslv2=801c0103030003000000100000 2>/dev/null
raw --hex "${sslv2}2f$(printf 'ab%.0s' {1..16})"
# A byte that is under way when the server closes makes a reset of the end.
raw --hex "${sslv2}2f$(printf 'ab%.0s' {1..16})" --pieces 1 | sed 's/reset/eof/'
# Version 2.0, as it was in 1995.
raw --hex "802b010002001200000010010080020080030080040080050080060040070 0c0$(printf 'ab%.0s' {1..16})"
--- out
alert 70 protocol_version
eof
alert 70 protocol_version
eof
alert 70 protocol_version
eof
--- error_log eval: qr/\[info\].*SSLv2 hello.*alert protocol_version sent/

=== TEST 10: records that are not of a handshake: unexpected_message
--- tls_config
--- run
raw --hex 140303000101
raw --hex 15030300020100
raw --hex 170303000100
raw --hex 18030300020100
--- out
alert 10 unexpected_message
eof
alert 10 unexpected_message
eof
alert 10 unexpected_message
eof
alert 10 unexpected_message
eof
--- grep_error_log eval: qr/\[\w+\].*client refused: the first record is not of a handshake.*alert unexpected_message sent/
--- grep_error_log_out eval: qr/\A(\[info\].*\n){4}\z/

=== TEST 11: a handshake record of another major version: protocol_version
--- tls_config
--- run
raw --hex 1602000005
raw --hex 16fefd0005
raw --hex 1604
--- out
alert 70 protocol_version
eof
alert 70 protocol_version
eof
alert 70 protocol_version
eof

=== TEST 12: neither TLS nor HTTP: closed, without a word
--- tls_config
--- run
raw --hex 00
raw --hex 0000000000000000
raw --hex 01
raw --hex 1500
raw --hex ffff00
raw --hex 808002
raw --text '(garbage)\r\n'
raw --text ' GET / HTTP/1.0\r\n\r\n'
--- out
eof
eof
eof
eof
eof
eof
eof
eof

=== TEST 13: silence ends at tls_handshake_timeout
--- tls_config
    client_header_timeout 60s;
    tls_handshake_timeout 300ms;
--- run
raw
raw --hex 16
raw --hex 80
raw --hello --first 5
raw --hello --first 100
raw --hello --records 1 --first 20
raw --hello --all --seconds 5 | tail -n 1
--- out
eof
eof
eof
eof
eof
eof
eof
--- grep_error_log eval: qr/\[\w+\].*client timed out \(handshake_timeout\).*while SSL handshaking/
--- grep_error_log_out eval: qr/\A(\[info\].*\n){7}\z/

=== TEST 14: by default at client_header_timeout, of the address's default server
--- tls_config
    client_header_timeout 300ms;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        client_header_timeout 60s;
        tls on;
    }
--- run
raw
raw --hello --first 100
raw --hello --all --seconds 5 | tail -n 1
--- out
eof
eof
eof

=== TEST 15: tls_handshake_timeout is longer than client_header_timeout, which has its time after the handshake
--- tls_config
    client_header_timeout 300ms;
    tls_handshake_timeout 60s;
--- run
raw --seconds 1
raw --hello --first 100 --seconds 1
raw --hello --all --seconds 1 | tail -n 1
s_client -quiet -servername localhost -ign_eof >said || true
wait_log 'client timed out .*while waiting for request'
--- out
timeout
timeout
timeout

=== TEST 16: the time is for all of the hello: one that trickles in does not get more
--- tls_config
    tls_handshake_timeout 1s;
    location / { return 200 "ok\n"; }
--- run
raw --hello --pieces 10 --pause 0.1 --first 200 | grep -v server_hello | tr '\n' ' ' | sed 's/reset/eof/'
# Plain HTTP has nginx's own time.
raw --text 'GET / HTTP/1.0\r\n\r\n' --pieces 3 --pause 0.3 | sed -n 1p
--- out
eof text: HTTP/1.1 400 Bad Request

=== TEST 17: the client leaves before it has said anything, or enough
--- tls_config
--- run
raw --shut
raw --hex 16 --shut
raw --hello --first 100 --shut
wait_log 'client closed connection \(peer_closed\) while SSL handshaking' 3
raw --reset
raw --hello --first 100 --reset
raw --hello --shut --all | tail -n 1
tls_code localhost /
--- out
eof
eof
eof
eof
200
--- no_error_log
[error]

=== TEST 18: broken records within the hello
--- tls_config
--- run
begun=$(raw --hello --records 50 --print | cut -c 1-110)
echo "too long"; raw --hex 1603014001
echo "empty"; raw --hex 1603010000
echo "another type in between"; raw --hex "${begun}15030100020100"
echo "another version in between"; raw --hex "${begun}160201000100"
echo "another message"; raw --hello --type 2
echo "finished first"; raw --message 14000000
echo "more behind it"; raw --message "$(raw --hello --print | cut -c 11-)01000000"
--- out
too long
alert 22 record_overflow
eof
empty
alert 10 unexpected_message
eof
another type in between
alert 10 unexpected_message
eof
another version in between
alert 70 protocol_version
eof
another message
alert 10 unexpected_message
eof
finished first
alert 10 unexpected_message
eof
more behind it
alert 10 unexpected_message
eof

=== TEST 19: garbage and refusals leave nothing behind
--- tls_config
    tls_handshake_timeout 2s;
    location / { return 200 "ok\n"; }
--- run
tls_get localhost /
before=$(worker_descriptors)
for i in $(seq 20); do
    raw --hex 00
    raw --hello --twice 10
    raw --text 'GET / HTTP/1.0\r\n\r\n'
    raw --hello --first 50 --reset
    raw --hello --reset
done >/dev/null
has_no_more() { [ "$(worker_descriptors)" -le "$before" ]; }
wait_for has_no_more && echo clean
tls_get localhost /
--- out
ok
clean
ok

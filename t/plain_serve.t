# tls_plain serve: HTTP in the clear on the port of TLS, and tls_plain error beside it, by server.
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: in the clear and over TLS on one port
--- tls_config
    tls_plain serve;
    location / { return 200 "$scheme [$https] $server_port $tls_port_use [$tls_protocol] $request_uri\n"; }
--- run
plain_get '/a?b=%20c'
tls_get localhost '/a?b=%20c' | sed s/TLSv1.3/version/
plain_get / | sed "s/$PORT/PORT/"
--- out_like
\Ahttp \[\] \d+ plain \[\] /a\?b=%20c\nhttps \[on\] \d+ tls \[version\] /a\?b=%20c\nhttp \[\] PORT plain \[\] /\n\z
--- no_error_log
client sent plain HTTP request

=== TEST 2: the value is that of the server that Host names
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name served.test;
        tls on;
        tls_plain serve;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "served\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name strict.test;
        tls on;
        location / { return 200 "strict\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name first.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name second.test;
        tls on;
        tls_plain serve;
        location / { return 200 "second\n"; }
    }
--- run
for host in served.test nobody.test strict.test; do
    plain_code / -H "Host: $host"
done
for host in first.test nobody.test second.test; do
    PORT=$PORT2 plain_code / -H "Host: $host"
done
# Each request of one connection for itself.
client -e '
    my $s = tcp($ENV{AT});
    for my $host (qw(served.test strict.test)) {
        send_all($s, "GET / HTTP/1.1\r\nHost: $host\r\n\r\n");
        print response($s)->{status}, "\n";
    }
    print ending($s), "\n";
'
--- out
200
200
400
400
400
200
200
400
eof
--- error_log
client sent plain HTTP request to HTTPS port

=== TEST 3: a server without TLS is reached in the clear, and only so
--- http_config
    tls_plain serve;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "secure\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        location / { return 200 "$scheme only\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls_plain error;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name c.test;
        tls_plain redirect;
    }
--- run
plain_get / -H 'Host: a.test'
tls_code localhost / -H 'Host: a.test'
raw --hello --sni a.test
plain_code / -H 'Host: b.test'
plain_code / -H 'Host: c.test'
--- out
http only
421
alert 112 unrecognized_name
eof
400
400

=== TEST 4: the warning says what can still not be reached
--- http_config
    tls_plain serve;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls_plain error;
    }
--- warn
\A(?!.*"a\.test")(?s:.*)\[warn\] .*server "b\.test" in .*nginx\.conf:\d+ has no "tls on" but shares 127\.0\.0\.1:\d+ with a server that has, it cannot be reached there without "tls_plain serve"

=== TEST 5: old HTTP, which names no host
--- tls_config
    tls_plain serve;
    location / { return 200 "$server_name $server_protocol $scheme\n"; }
--- run
raw --text 'GET / HTTP/1.0\r\n\r\n' | sed '1p;$!{/^text: localhost/!d}' | uniq
raw --text 'GET /\r\n'
--- out
text: HTTP/1.1 200 OK
text: localhost HTTP/1.0 http
eof
text: localhost  http
eof

=== TEST 6: requests one after the other, and all at once
--- tls_config
    tls_plain serve;
    keepalive_requests 1000;
    location / { return 200 "$connection_requests $request_uri\n"; }
    location /echo { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
--- config
    location /echo { return 200 "$request_method $content_length\n"; }
--- run
client -e '
    my $s = tcp($ENV{AT});
    print get($s, "/$_")->{body} for 1 .. 3;
    my $body = "x" x 5000;
    send_all($s, "GET /4 HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n$body"
        . "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        . join "", map { "GET /$_ HTTP/1.1\r\nHost: x\r\n\r\n" } 7 .. 300);
    my $last = "";
    for (4 .. 300) {
        $last = response($s)->{body};
        print $last if $_ < 8;
    }
    print $last;
'
--- out
1 /1
2 /2
3 /3
4 /4
POST 5000
POST 5
7 /7
300 /300

=== TEST 7: behind the PROXY protocol
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT proxy_protocol;
        server_name localhost;
        tls on;
        tls_plain serve;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$proxy_protocol_addr $tls_port_use\n"; }
    }
--- run
plain_get / --haproxy-protocol
header='PROXY TCP4 192.0.2.7 192.0.2.8 7777 80\r\n'
raw --text "${header}GET / HTTP/1.0\r\n\r\n" | tail -n 2
raw --text "${header}GET / HTTP/1.0\r\n\r\n" --pieces 7 | tail -n 2
--- out
127.0.0.1 plain
text: 192.0.2.7 plain
eof
text: 192.0.2.7 plain
eof

=== TEST 8: first bytes that come one by one, and a method that takes its time
--- tls_config
    tls_plain serve;
    tls_handshake_timeout 20s;
    location / { return 200 "$request_method $tls_port_use\n"; }
--- run
raw --text 'GET / HTTP/1.0\r\n\r\n' --pieces 1 --pause 0.02 | tail -n 2
raw --text '\r\n\r\nGET / HTTP/1.0\r\n\r\n' --pieces 1 | tail -n 2
raw --text 'DELETE / HTTP/1.0\r\n\r\n' --pieces 3 --pause 0.1 | tail -n 2
--- out
text: GET plain
eof
text: GET plain
eof
text: DELETE plain
eof

=== TEST 9: large bodies in both directions
--- tls_config
    tls_plain serve;
    client_max_body_size 0;
    dav_methods PUT;
    root $TEST_NGINX_SERVROOT/html;
    location /kept/ { client_body_in_file_only on; dav_methods PUT; create_full_put_path on; }
--- run
head -c 20000000 /dev/urandom >html/big
plain_get /big --limit-rate 40M | cmp - html/big && echo down
plain_code /kept/up -T html/big
cmp html/big html/kept/up && echo up
--- out
down
201
up

=== TEST 10: HTTP/2 in the clear, by prior knowledge
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_plain serve;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$server_protocol $scheme $tls_port_use\n"; }
        location /big { alias $TEST_NGINX_SERVROOT/html/big; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name strict.test;
        tls on;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_plain serve;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
head -c 5000000 /dev/urandom >html/big
plain_get / --http2-prior-knowledge
plain_get / --http1.1
tls_get localhost / --http2
plain_code / --http2-prior-knowledge -H 'Host: strict.test'
plain_get /big --http2-prior-knowledge | cmp - html/big && echo whole
# The preface, byte by byte: the server's SETTINGS come.
client -e '
    my $s = tcp($ENV{AT});
    for my $byte (split //, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") { send_all($s, $byte); has_input($s, 0.005) }
    print unpack("x3 C", rest($s, 9)) == 4 ? "settings\n" : "something else\n";
'
PORT=$PORT2 raw --text 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' | sed -n '1p;$p'
# What begins as the preface does.
raw --text 'PROPFIND / HTTP/1.0\r\n\r\n' --pieces 1 | tail -n 2
--- out
HTTP/2.0 http plain
HTTP/1.1 http plain
HTTP/2.0 https tls
400
whole
settings
text: HTTP/1.1 400 Bad Request
eof
text: HTTP/1.0 http plain
eof

=== TEST 11: what is logged of each connection's requests
--- http_config
    log_format use '$tls_port_use $status $request';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_plain serve;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
        location / { return 200; }
        location /error { error_page 404 = /page; return 404; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name strict.test;
        tls on;
        error_page 497 =200 /page;
        location = /page { return 200 "page\n"; }
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name moved.test;
        tls on;
        tls_plain redirect;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
    }
--- run
plain_code /
tls_code localhost /
plain_code /error
plain_get / -H 'Host: strict.test'
plain_code / -H 'Host: moved.test'
raw --text 'GET / HTTP/1.1\r\n\r\n' | sed -n 1p
raw --text 'GET bad HTTP/1.1\r\n\r\n' | sed -n 1p
raw --text 'GET / HT' --shut
wait_for grep -q 'GET / HT$' logs/use.log
cat logs/use.log
--- out
200
200
200
page
301
text: HTTP/1.1 400 Bad Request
text: HTTP/1.1 400 Bad Request
eof
plain 200 GET / HTTP/1.1
tls 200 GET / HTTP/1.1
plain 200 GET /error HTTP/1.1
refused 200 GET / HTTP/1.1
redirected 301 GET / HTTP/1.1
plain 400 GET / HTTP/1.1
plain 400 GET bad HTTP/1.1
plain 400 GET / HT

# tls_plain redirect: to https with the same host, port and URI, whatever the server's own locations say.
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: 301 for GET and HEAD, 308 for others, the URI as it was sent
--- tls_config
    tls_plain redirect;
    return 200 "never in the clear\n";
    error_page 301 308 /page;
--- run
moved / -H 'Host: a.test'
moved '/a%20b/../c//d?e=%26&f=g%20h#i' -H 'Host: a.test'
raw --text 'GET /? HTTP/1.1\r\nHost: a.test\r\n\r\n' --shut | sed -n "s/:$PORT/:PORT/; s/^text: Location: //p"
moved / -H 'Host: A.Test:1234'
moved / -I
moved /x -X POST -d body
moved /x -X PUT -T /etc/hostname
moved /x -X DELETE
moved /x -X OPTIONS
tls_get localhost /
plain_get /y -L --cacert "$CERTS/ca.crt" --connect-to "localhost:$PORT:127.0.0.1:$PORT" -H 'Host: localhost' \
    -w '%{num_redirects} %{url_effective}\n' | sed "s/:$PORT\b/:PORT/"
--- out
301 https://a.test:PORT/
301 https://a.test:PORT/a%20b/../c//d?e=%26&f=g%20h
https://a.test:PORT/?
301 https://a.test:PORT/
301 https://127.0.0.1:PORT/
308 https://127.0.0.1:PORT/x
308 https://127.0.0.1:PORT/x
308 https://127.0.0.1:PORT/x
308 https://127.0.0.1:PORT/x
never in the clear
never in the clear
1 https://localhost:PORT/y

=== TEST 2: nothing that a client writes gets into the header as it is
--- tls_config
    tls_plain redirect;
--- run
moved '/a"<b>\^`{|}' -g -H 'Host: a.test'
raw --text 'GET /\r\nHost: x\r\n\r\n' | sed -n 1p
ask() { raw "$@" --shut | sed -n -e "s/:$PORT/:PORT/" -e 's/^text: HTTP.1.1 //p' -e 's/^text: Location: //p' -e 's/^text: X/X/p' | paste -sd ' '; }
ask --text 'GET /%0d%0aX:%20y HTTP/1.1\r\nHost: a.test\r\n\r\n'
ask --text 'GET / HTTP/1.1\r\nHost: a.test\r\n X: y\r\n\r\n'
# Of what may be in a host, each version of nginx has its own idea.
ask --text 'GET / HTTP/1.1\r\nHost: good.test@evil.test\r\n\r\n'
ask --text 'GET / HTTP/1.1\r\nHost: evil.test?\r\n\r\n'
ask --text 'GET / HTTP/1.1\r\nHost: evil.test#\r\n\r\n'
ask --text 'GET / HTTP/1.1\r\nHost: evil.test\x\r\n\r\n'
ask --text 'GET / HTTP/1.1\r\nHost: "><script>\r\n\r\n'
ask --text 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'
ask --text 'GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n'
printf 'GET /\xc3\xbc HTTP/1.1\r\nHost: \xc3\xbc.test\r\n\r\n' >request
ask --file request
--- out_like
^301 https://a\.test:PORT/a%22%3Cb%3E%5C%5E%60%7B%7C%7D$
^text: <html>$
^301 Moved Permanently https://a\.test:PORT/%0d%0aX:%20y$
^400 Bad Request$
^(400 Bad Request|301 Moved Permanently https://good\.test%40evil\.test:PORT/)$
^(400 Bad Request|301 Moved Permanently https://evil\.test%3F:PORT/)$
^(400 Bad Request|301 Moved Permanently https://evil\.test%23:PORT/)$
^(400 Bad Request|301 Moved Permanently https://evil\.test%5Cx:PORT/)$
^(400 Bad Request|301 Moved Permanently https://%22%3E%3Cscript%3E:PORT/)$
^400 Bad Request$
^301 Moved Permanently https://\[::1\]:PORT/$
^(400 Bad Request|301 Moved Permanently https://%C3%BC\.test:PORT/%C3%BC)$

=== TEST 3: clients that name no host, and targets that name one
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name first.test second.test;
        tls on;
        tls_plain redirect;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name third.test;
        tls on;
        tls_plain redirect;
        server_name_in_redirect on;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name *.pattern.test;
        absolute_redirect off;
        port_in_redirect off;
        tls on;
        tls_plain redirect;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
ask() { raw --text "$1" --shut | grep -a '^text: Location' | sed "s/:$PORT/:PORT/"; }
ask 'GET /x HTTP/1.0\r\n\r\n'
ask 'GET http://second.test HTTP/1.1\r\nHost: second.test\r\n\r\n'
ask 'GET http://second.test?a=b HTTP/1.1\r\nHost: second.test\r\n\r\n'
ask 'GET http://second.test:80/y?z HTTP/1.1\r\nHost: ignored.test\r\n\r\n'
ask 'GET / HTTP/1.1\r\nHost: third.test:99\r\n\r\n'
PORT=$PORT2
ask 'GET /x HTTP/1.0\r\n\r\n'
ask 'GET /x HTTP/1.0\r\nHost: a.pattern.test\r\n\r\n'
--- out
text: Location: https://first.test:PORT/x
text: Location: https://second.test:PORT/
text: Location: https://second.test:PORT/?a=b
text: Location: https://second.test:PORT/y?z
text: Location: https://third.test:PORT/
text: Location: https://127.0.0.1/x
text: Location: https://a.pattern.test/x

=== TEST 4: paths that are excepted are served in the clear
--- tls_config
    tls_plain redirect except=/.well-known/acme-challenge/ except=/status;
    root $TEST_NGINX_SERVROOT/html;
    location /status { return 200 "$scheme $tls_port_use\n"; }
--- user_files
>>> .well-known/acme-challenge/token
a token
--- run
plain_get /.well-known/acme-challenge/token
plain_get /status
plain_get /status/x?y
moved /.well-known/acme-challenge
moved /.well-known/acme-challenge/../../secret
moved /.well-known/acme-challenge/..%2F..%2Fsecret
moved /x/status
moved '/?/status'
# The same path in other letters.
plain_get '/.well-known/%61cme-challenge/token'
tls_get localhost /.well-known/acme-challenge/token
--- out
a token
http plain
http plain
301 https://127.0.0.1:PORT/.well-known/acme-challenge
301 https://127.0.0.1:PORT/.well-known/acme-challenge/../../secret
301 https://127.0.0.1:PORT/.well-known/acme-challenge/..%2F..%2Fsecret
301 https://127.0.0.1:PORT/x/status
301 https://127.0.0.1:PORT/?/status
a token
a token

=== TEST 5: the port that the client came to, as a proxy in front says
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT proxy_protocol;
        server_name localhost;
        tls on;
        tls_plain redirect;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen unix:$TEST_NGINX_SERVROOT/redirect.sock;
        tls on;
        tls_plain redirect;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
request='GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n'
raw --text "PROXY TCP4 192.0.2.7 192.0.2.8 7777 443\r\n$request" --shut | grep Location
raw --text "PROXY TCP4 192.0.2.7 192.0.2.8 7777 8080\r\n$request" --shut | grep Location
raw --text "PROXY UNKNOWN\r\n$request" --shut | grep Location | sed "s/:$PORT/:PORT/"
PORT=0 raw --unix redirect.sock --text "$request" --shut | grep Location
PORT=0 raw --unix redirect.sock --text 'GET /x HTTP/1.0\r\n\r\n' --shut | grep Location
--- out
text: Location: https://a.test/x
text: Location: https://a.test:8080/x
text: Location: https://a.test:PORT/x
text: Location: https://a.test/x
text: Location: https://localhost/x

=== TEST 6: over HTTP/2 in the clear, pipelined, and on one connection
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_plain redirect;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
moved '/a?b' --http2-prior-knowledge
moved / --http2-prior-knowledge -X POST
client -e '
    my $s = tcp($ENV{AT});
    send_all($s, join "", map { "GET /$_ HTTP/1.1\r\nHost: x\r\n\r\n" } 1 .. 3);
    for (1 .. 3) { print response($s)->{head} =~ m{^(Location: https://x:\d+/\d)\r}m ? "to the right place\n" : "elsewhere\n" }
    send_all($s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" . "x" x 100000);
    print response($s)->{status}, "\n";
    print get($s, "/")->{status}, "\n";
'
--- out
301 https://127.0.0.1:PORT/a?b
308 https://127.0.0.1:PORT/
to the right place
to the right place
to the right place
308
301
--- no_error_log
[error]

=== TEST 7: HTTP/0.9 gets a page, and nothing else
--- tls_config
    tls_plain redirect;
--- run
raw --text 'GET /x\r\n' | grep -c '301 Moved'
--- out
2

=== TEST 8: OPTIONS * stays nginx's to refuse
--- tls_config
    tls_plain redirect;
--- run
raw --text 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n' | sed -n 1p
--- out
text: HTTP/1.1 400 Bad Request

=== TEST 9: who got no redirect was not redirected
--- http_config
    log_format use '$tls_port_use $status $request';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_plain redirect;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
    }
--- run
plain_code /
raw --text 'GET bad HTTP/1.1\r\n\r\n' | sed -n 1p
raw --text 'GET / HTTP/1.1\r\n\r\n' | sed -n 1p
raw --text 'GET / HT' --shut
wait_for grep -q 'GET / HT$' logs/use.log
cat logs/use.log
--- out
301
text: HTTP/1.1 400 Bad Request
text: HTTP/1.1 400 Bad Request
eof
redirected 301 GET / HTTP/1.1
refused 400 GET bad HTTP/1.1
refused 400 GET / HTTP/1.1
refused 400 GET / HT

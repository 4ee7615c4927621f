# Requests over TLS see what they see behind nginx's own ssl: one site is served by both, and `both` says what differs.
use lib 't/lib';
use TestTLS;
use TwoServers;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
run_tests();

__DATA__

=== TEST 1: $scheme, $https and the port, over every HTTP
--- site
    location / { return 200 "$scheme|$https|$server_port|$server_protocol\n"; }
--- run
visit() {
    tls_get localhost / --http1.0
    tls_get localhost / --http1.1
    tls_get localhost / --http2
}
both visit
--- out
https|on|PORT|HTTP/1.0
https|on|PORT|HTTP/1.1
https|on|PORT|HTTP/2.0

=== TEST 2: redirects are to https
--- site
    location = /return { return 301 /x; }
    location = /rewrite { rewrite ^ /y permanent; }
    location = /error { error_page 404 =302 $scheme://$http_host/z; return 404; }
    location /dir { autoindex on; }
    location /portless { port_in_redirect off; return 302 /x; }
    location /relative { absolute_redirect off; return 302 /x; }
    location /named { server_name_in_redirect on; return 302 /x; }
--- run
mkdir -p html/dir
visit() {
    local path http
    for http in --http1.0 --http1.1 --http2; do
        for path in return rewrite error dir portless relative named; do
            tls_get localhost "/$path" "$http" -o /dev/null -w "%{http_code} %header{location}\n"
        done
    done
    # Without a Host, the address is the name.
    client -e '$s = tls($ENV{AT}); send_all($s, "GET /return HTTP/1.0\r\n\r\n"); print response($s)->{head} =~ /(Location.*)\r/, "\n"'
    # Another name than the one of the handshake, but of the same server.
    tls_get localhost /return -H 'Host: other.test' -o /dev/null -w "%header{location}\n"
}
both visit
--- out
301 https://localhost:PORT/x
301 https://localhost:PORT/y
302 https://localhost:PORT/z
301 https://localhost:PORT/dir/
302 https://localhost/x
302 /x
302 https://localhost:PORT/x
301 https://localhost:PORT/x
301 https://localhost:PORT/y
302 https://localhost:PORT/z
301 https://localhost:PORT/dir/
302 https://localhost/x
302 /x
302 https://localhost:PORT/x
301 https://localhost:PORT/x
301 https://localhost:PORT/y
302 https://localhost:PORT/z
301 https://localhost:PORT/dir/
302 https://localhost/x
302 /x
302 https://localhost:PORT/x
Location: https://127.0.0.1:PORT/x
https://other.test:PORT/x

=== TEST 3: an upstream hears of https, and its redirects come back as https
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        location = /told { return 200 "$http_x_forwarded_proto|$http_x_https|$http_host\n"; }
        location = /moved { absolute_redirect off; return 302 $arg_to; }
    }
--- site
    location /a/ {
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Https $https;
        proxy_set_header Host $http_host;
    }
    location /b/ {
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/;
        proxy_redirect http:// $scheme://;
    }
    location /c/ {
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/;
        proxy_redirect http://up.test/ /c/;
    }
--- run
moved() { tls_get localhost "$1" -o /dev/null -w '%header{location}\n'; }
visit() {
    tls_get localhost /a/told
    tls_get localhost /a/told --http1.1
    moved '/b/moved?to=http://up.test/page'
    moved '/c/moved?to=http://up.test/page'
    moved '/a/moved?to=http://127.0.0.1/page'
}
both visit
--- out
https|on|localhost:PORT
https|on|localhost:PORT
https://up.test/page
https://localhost:PORT/c/page
http://127.0.0.1/page

=== TEST 4: many requests on one connection
--- site
    keepalive_requests 10000;
    location / { return 200 "$connection $connection_requests\n"; }
--- run
visit() {
    client -e '
        for my $version (qw(TLSv1_2 TLSv1_3)) {
            my $s = tls($ENV{AT}, version => $version);
            my ($connections, $last) = ({});
            for (1 .. 500) {
                my $body = get($s, "/")->{body};
                (my $connection, $last) = $body =~ /(\d+) (\d+)/;
                $connections->{$connection} = 1;
            }
            print keys(%$connections) . " connection, request $last\n";
        }'
}
both visit
--- out
1 connection, request 500
1 connection, request 500

=== TEST 5: pipelined requests are answered in their order
--- site
    location / { return 200 "$arg_n,"; }
    location /file { alias $TEST_NGINX_SERVROOT/html/file; }
--- run
make_file file 100000
visit() {
    # All at once; then each byte of two requests in a record of its own.
    client -e '
        my $s = tls($ENV{AT});
        my $files = 0;
        send_all($s, join "", map { "GET /?n=$_ HTTP/1.1\r\nHost: h\r\n\r\nGET /file HTTP/1.1\r\nHost: h\r\n\r\n" } 1 .. 30);
        for (1 .. 30) {
            print response($s)->{body};
            $files++ if response($s)->{body} eq slurp("html/file");
        }
        print " $files files\n";
        syswrite $s, $_ for split //, "GET /?n=a HTTP/1.1\r\nHost: h\r\n\r\nGET /?n=b HTTP/1.1\r\nHost: h\r\n\r\n";
        print response($s)->{body}, response($s)->{body}, "\n";'
}
both visit
--- out
1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30, 30 files
a,b,

=== TEST 6: the PROXY protocol's address, by the realip module
--- listen: proxy_protocol
--- site
    set_real_ip_from 127.0.0.1;
    real_ip_header proxy_protocol;
    location / { return 200 "$remote_addr:$remote_port $realip_remote_addr $proxy_protocol_addr $scheme $server_protocol\n"; }
--- run
visit() {
    tls_get localhost / --haproxy-protocol --http1.1 | sed 's/:[0-9]* /:N /'
    # Numbers that no suite has for its ports, which `both` takes away.
    client -e '
        my $v1 = "PROXY TCP4 192.0.2.7 192.0.2.8 1111 443\r\n";
        my $v2 = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" . pack "C8nn", 192, 0, 2, 9, 192, 0, 2, 8, 1222, 443;
        my $v6 = "PROXY TCP6 fd00::1 fd00::2 1333 443\r\n";
        for ($v1, $v2, $v6) { print get(tls($ENV{AT}, preface => $_), "/")->{body} }'
}
both visit
--- out
127.0.0.1:N 127.0.0.1 127.0.0.1 https HTTP/1.1
192.0.2.7:1111 127.0.0.1 192.0.2.7 https HTTP/1.1
192.0.2.9:1222 127.0.0.1 192.0.2.9 https HTTP/1.1
fd00::1:1333 127.0.0.1 fd00::1 https HTTP/1.1

=== TEST 7: what the access log says
--- http_config
    log_format all '$remote_addr [$request] $status $body_bytes_sent $bytes_sent $request_length $connection_requests '
        '$pipe $scheme $https $http_host $upstream_status $sent_http_content_length $request_completion $tcpinfo_rtt_is';
    map $tcpinfo_rtt $tcpinfo_rtt_is { '' none; default some; }
    access_log $TEST_NGINX_SERVROOT/logs/all.log all;
    server { listen unix:$TEST_NGINX_SERVROOT/up.sock; access_log off; return 200 "up"; }
--- site
    location / { return 200 "body"; }
    location /up { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock; }
    location /file { alias $TEST_NGINX_SERVROOT/html/file; }
--- run
make_file file 123456
log_has_lines() { [ "$(wc -l <"$SERVROOT/logs/all.log")" -eq "$1" ]; }
visit() {
    : >"$SERVROOT/logs/all.log"
    client -e '
        my $s = tls($ENV{AT});
        get($s, "/$_") for 1 .. 2;
        send_all($s, "GET /p HTTP/1.1\r\nHost: h\r\n\r\n" x 2);
        response($s) for 1 .. 2;
        get($s, "/up");
        get($s, "/file");
        send_all($s, "POST /post HTTP/1.1\r\nHost: h\r\nContent-Length: 50000\r\n\r\n" . "x" x 50000);
        response($s);
        send_all($s, "bad\r\n\r\n");
        response($s);'
    wait_for log_has_lines 8
    sed 's/nginx[^"]*//' "$SERVROOT/logs/all.log"
}
both visit
--- out_like
\[GET /1 HTTP/1\.1\] 200 4 \d+ 36 1 \. https on localhost - 4 OK some
\[GET /2 HTTP/1\.1\] 200 4 \d+ 36 2 \. https on localhost - 4 OK some
\[GET /p HTTP/1\.1\] 200 4 \d+ 28 4 p https on h - 4 OK some
\[GET /up HTTP/1\.1\] 200 2 \d+ 37 5 \. https on localhost 200 2 OK some
\[GET /file HTTP/1\.1\] 200 123456 \d+ 39 6 \. https on localhost - 123456 OK some
\[POST /post HTTP/1\.1\] 200 4 \d+ \d+ 7 \. https on h - 4 OK some
\[bad\] 400 \d+ \d+ 0 8 \. https on - - \d+ OK some
--- out_unlike
the module:

=== TEST 8: nginx's own $ssl_ variables keep answering
--- skip_nossl
--- site
    location / {
        return 200 "$ssl_protocol|$ssl_cipher|$ssl_curves|$ssl_server_name|$ssl_session_reused|$ssl_client_verify|$ssl_alpn_protocol|$ssl_early_data\n";
    }
--- run
visit() {
    tls_get localhost / --http1.1 --tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256 --curves X25519:P-256
    tls_get localhost / --http2 --tls13-ciphers TLS_AES_128_GCM_SHA256 --curves P-384
}
# How a group is called depends on OpenSSL's version.
both visit | sed 's/|[^|]*|localhost/|GROUPS|localhost/'
--- out
TLSv1.2|ECDHE-ECDSA-AES128-GCM-SHA256|GROUPS|localhost|.|NONE|http/1.1|
TLSv1.3|TLS_AES_128_GCM_SHA256|GROUPS|localhost|.|NONE|h2|

# tls_plain upgrade_required: nothing is answered in the clear but that TLS is required (RFC 9110 section 15.5.22).
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: upgrade_required: 426 for who does not ask
--- http_config
    log_format use '$tls_port_use $status $request';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_plain upgrade_required;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
        location / { return 200 "$tls_port_use\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name page.test;
        tls on;
        tls_plain upgrade_required requests=any;
        error_page 426 /page;
        location = /page { internal; return 200 "own page\n"; }
        location / { return 200 "$tls_port_use\n"; }
    }
--- run
plain_get / -i | tr -d '\r' | grep -vE '^(Date|Server)'
plain_code / -I
plain_code / -X POST -d body
plain_code / -0
plain_code / -X OPTIONS -H 'Connection: Upgrade' -H 'Upgrade: TLS/1.2' -0
plain_code / -H 'Connection: Upgrade' -H 'Upgrade: TLS/1.2'
plain_code / --http2-prior-knowledge 2>/dev/null || true
plain_get / -H 'Host: page.test' -w '%{http_code}\n'
raw --text 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | sed -n 1p
tls_get localhost /
upgrading -e '
    my $s = tcp($ENV{AT});
    print get($s, "/")->{status}, "\n" for 1 .. 2;
    print said(response(upgrade($s)));
    print said(response(upgrade(tcp($ENV{AT}), host => "page.test", line => "GET / HTTP/1.1", name => "page.test")));
'
sort logs/use.log | uniq -c | sed 's/^ *//'
--- out
HTTP/1.1 426 Upgrade Required
Content-Type: text/html
Content-Length: 235
Connection: keep-alive
Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1
Connection: Upgrade

<html>
<head><title>426 Upgrade Required</title></head>
<body>
<center><h1>426 Upgrade Required</h1></center>
<hr><center>This server answers inside TLS only: ask for it with Upgrade, or connect by TLS.</center>
</body>
</html>
426
426
426
426
426
000
own page
426
text: HTTP/1.1 426 Upgrade Required
tls
426
426
200 upgraded
200 upgraded
1 refused 400 PRI * HTTP/2.0
1 refused 426 GET / HTTP/1.0
4 refused 426 GET / HTTP/1.1
1 refused 426 HEAD / HTTP/1.1
1 refused 426 OPTIONS * HTTP/1.1
1 refused 426 OPTIONS / HTTP/1.0
1 refused 426 POST / HTTP/1.1
1 tls 200 GET / HTTP/2.0
1 upgraded 200 OPTIONS * HTTP/1.1

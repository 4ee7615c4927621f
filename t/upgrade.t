# tls_plain upgrade: from HTTP in the clear to TLS on the same connection (RFC 2817, RFC 9110 section 7.8).
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: OPTIONS * as CUPS sends it: 101, the handshake, and the answer inside
--- tls_config
    tls_plain upgrade;
    location / { return 200 "$request_method $request_uri $uri $scheme $tls_port_use $tls_protocol [$http_upgrade]\n"; }
--- run
upgrading -e '
    my $s = tcp($ENV{AT});
    my $switching = ask($s);
    print $switching->{head} =~ s/\r//gr;
    my $tls = start_tls($s, name => "localhost");
    print said(response($tls));
    print said(get($tls, "/next")) for 1 .. 2;
    print ending($tls), "\n" if send_all($tls, "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    print end_of($tls) =~ /\r\n\r\n(.*)/s;
'
--- out
HTTP/1.1 101 Switching Protocols
Upgrade: TLS/1.2, HTTP/1.1
Connection: Upgrade
200 OPTIONS * / https upgraded TLSv1.3 []
200 GET /next /next https upgraded TLSv1.3 []
200 GET /next /next https upgraded TLSv1.3 []
close_notify
GET /last /last https upgraded TLSv1.3 []
--- no_error_log
[error]

=== TEST 2: who does not ask is served in the clear, and told that TLS is there
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_plain upgrade;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$scheme $tls_port_use\n"; }
        location /missing { return 404; }
        location /file { root $TEST_NGINX_SERVROOT/html; }
        location /proxied { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name old.test;
        tls on;
        tls_plain upgrade;
        tls_protocols TLSv1.2;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name without.test;
        tls_plain upgrade;
        location / { return 200 "$scheme $tls_port_use\n"; }
    }
--- config
    location /proxied { return 200 "proxied\n"; }
--- user_files
>>> file
a file
--- run
ask() { curl -q -sS -i --max-time 10 "$@" | tr -d '\r' | grep -E '^(HTTP|Upgrade|Connection|[a-z]+( [a-z]+)?$)'; }
for path in / /missing /file /proxied; do ask "http://127.0.0.1:$PORT$path"; done
ask "http://127.0.0.1:$PORT/" -H 'Host: old.test'
ask "http://127.0.0.1:$PORT/" -H 'Host: without.test'
ask "http://127.0.0.1:$PORT/" -0
# Inside TLS there is nothing to offer.
tls_get localhost / -i | tr -d '\r' | grep -ciE '^(upgrade|connection: upgrade)' || true
--- out
HTTP/1.1 200 OK
Connection: keep-alive
Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1
Connection: Upgrade
http plain
HTTP/1.1 404 Not Found
Connection: keep-alive
Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1
Connection: Upgrade
HTTP/1.1 200 OK
Connection: keep-alive
Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1
Connection: Upgrade
a file
HTTP/1.1 200 OK
Connection: keep-alive
Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1
Connection: Upgrade
proxied
HTTP/1.1 200 OK
Connection: keep-alive
Upgrade: TLS/1.2, HTTP/1.1
Connection: Upgrade
HTTP/1.1 200 OK
Connection: keep-alive
http plain
HTTP/1.1 200 OK
Connection: close
Upgrade: TLS/1.3, TLS/1.2, HTTP/1.1
Connection: Upgrade
http plain
0

=== TEST 3: what counts as asking
--- tls_config
    tls_plain upgrade;
    location / { return 200 "$tls_port_use\n"; }
--- run
upgrading -e '
    my @asking = (
        [ upgrade => "TLS/1.0" ], [ upgrade => "tls/1.3" ], [ upgrade => "TLS/1.1, TLS/1.2" ],
        [ upgrade => "h2c, , websocket,TLS/1.2" ], [ connection => "keep-alive, UPGRADE" ],
        [ line => "OPTIONS / HTTP/1.1" ], [ line => "OPTIONS /a?b HTTP/1.1" ], [ line => "OPTIONS  *  HTTP/1.1" ],
        [ more => "Upgrade: websocket\r\n\r\n" ], [ upgrade => "", more => "Upgrade: h2c\r\nUpgrade: TLS/1.3\r\n\r\n" ],
        [ more => "Content-Length: 0\r\n\r\n" ], [ line => "OPTIONS http://localhost/ HTTP/1.1" ],
    );
    my @not = (
        [ upgrade => "" ], [ connection => "" ], [ connection => "close" ], [ upgrade => "TLS" ], [ upgrade => "SSL/3.0" ],
        [ upgrade => "TLS/1.2 foo" ], [ upgrade => "websocket" ], [ line => "GET / HTTP/1.1" ], [ line => "POST / HTTP/1.1" ],
        [ line => "OPTIONS / HTTP/1.0" ], [ line => "options / HTTP/1.1" ], [ line => "HEAD / HTTP/1.0" ],
    );
    for my $case (@asking) {
        my $s = tcp($ENV{AT});
        my $switching = ask($s, @$case);
        my ($protocol) = $switching->{head} =~ /^Upgrade: (.*)\r/m;
        my $tls = $switching->{status} == 101 ? start_tls($s, name => "localhost") : $s;
        print "@$case: $protocol, " =~ s/[\r\n]+/|/gr, said(response($tls));
    }
    print "not:\n";
    for my $case (@not) { print "@$case: ", said(ask(tcp($ENV{AT}), @$case)) }
'
--- out
upgrade TLS/1.0: TLS/1.0, HTTP/1.1, 200 upgraded
upgrade tls/1.3: TLS/1.3, HTTP/1.1, 200 upgraded
upgrade TLS/1.1, TLS/1.2: TLS/1.2, HTTP/1.1, 200 upgraded
upgrade h2c, , websocket,TLS/1.2: TLS/1.2, HTTP/1.1, 200 upgraded
connection keep-alive, UPGRADE: TLS/1.2, HTTP/1.1, 200 upgraded
line OPTIONS / HTTP/1.1: TLS/1.2, HTTP/1.1, 200 upgraded
line OPTIONS /a?b HTTP/1.1: TLS/1.2, HTTP/1.1, 200 upgraded
line OPTIONS  *  HTTP/1.1: TLS/1.2, HTTP/1.1, 200 upgraded
more Upgrade: websocket|: TLS/1.2, HTTP/1.1, 200 upgraded
upgrade  more Upgrade: h2c|Upgrade: TLS/1.3|: TLS/1.3, HTTP/1.1, 200 upgraded
more Content-Length: 0|: TLS/1.2, HTTP/1.1, 200 upgraded
line OPTIONS http://localhost/ HTTP/1.1: TLS/1.2, HTTP/1.1, 200 upgraded
not:
upgrade : 200 plain
connection : 200 plain
connection close: 200 plain
upgrade TLS: 200 plain
upgrade SSL/3.0: 200 plain
upgrade TLS/1.2 foo: 200 plain
upgrade websocket: 200 plain
line GET / HTTP/1.1: 200 plain
line POST / HTTP/1.1: 200 plain
line OPTIONS / HTTP/1.0: 200 plain
line options / HTTP/1.1: 400 <html>
line HEAD / HTTP/1.0: 200 

=== TEST 4: requests=any: any request, whose answer travels inside
--- tls_config
    tls_plain upgrade requests=any;
    root $TEST_NGINX_SERVROOT/html;
    location /x { return 200 "$request_method $request_uri $scheme\n"; }
    location /proxied { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
--- config
    location /proxied { if ($http_connection ~* upgrade) { return 500; } return 200 "$request_uri [$http_upgrade]\n"; }
--- run
head -c 3000000 /dev/urandom >html/big
upgrading -e '
    for my $request ("GET /x?y", "DELETE /x", "OPTIONS /x", "POST /x", "GET /proxied") {
        print said(response(upgrade(tcp($ENV{AT}), line => "$request HTTP/1.1")));
    }
    my $tls = upgrade(tcp($ENV{AT}), line => "GET /big HTTP/1.1");
    print response($tls)->{body} eq slurp("html/big") ? "whole\n" : "broken\n";
    print get($tls, "/big")->{body} eq slurp("html/big") ? "whole\n" : "broken\n";
    $tls = upgrade(tcp($ENV{AT}), line => "HEAD /big HTTP/1.1");
    print response($tls, head => 1)->{head} =~ /^(Content-Length: \d+)/m, "\n";
    print get($tls, "/x")->{body};
'
--- out
200 GET /x?y https
200 DELETE /x https
200 OPTIONS /x https
200 POST /x https
200 /proxied []
whole
whole
Content-Length: 3000000
GET /x https

=== TEST 5: in any pieces, after other requests, and pipelined behind them
--- tls_config
    tls_plain upgrade;
    keepalive_requests 1000;
    location / { return 200 "$request_uri $tls_port_use $connection_requests\n"; }
    location /echo { proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT; }
--- config
    location /echo { return 200 "$request_method $content_length\n"; }
--- run
upgrading -e '
    my $head = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n";
    my $finish = sub {
        my ($s) = @_;
        my $switching = response($s);
        return print "no 101: $switching->{head}" if $switching->{status} != 101;
        my $tls = start_tls($s, name => "localhost");
        print said(response($tls)), said(get($tls, "/after"));
    };
    for my $cut (1, 4, 8, 9, 10, 30) {
        my $s = tcp($ENV{AT});
        send_all($s, substr $head, 0, $cut);
        has_input($s, 0.02);
        send_all($s, substr $head, $cut);
        $finish->($s);
    }
    my $s = tcp($ENV{AT});
    for my $byte (split //, "\r\n$head") { send_all($s, $byte); has_input($s, 0.001) }
    $finish->($s);
    print "behind others\n";
    $s = tcp($ENV{AT});
    print said(get($s, "/before")) for 1 .. 2;
    send_all($s, $head);
    $finish->($s);
    print "pipelined\n";
    $s = tcp($ENV{AT});
    send_all($s, "GET /one HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello$head");
    print said(response($s)), said(response($s));
    $finish->($s);
    print "pipelined and cut\n";
    for my $cut (5, 8, 9) {
        $s = tcp($ENV{AT});
        send_all($s, "GET /one HTTP/1.1\r\nHost: x\r\n\r\n" . substr $head, 0, $cut);
        print said(response($s));
        send_all($s, substr $head, $cut);
        $finish->($s);
    }
'
--- out
200 * upgraded 1
200 /after upgraded 2
200 * upgraded 1
200 /after upgraded 2
200 * upgraded 1
200 /after upgraded 2
200 * upgraded 1
200 /after upgraded 2
200 * upgraded 1
200 /after upgraded 2
200 * upgraded 1
200 /after upgraded 2
200 * upgraded 1
200 /after upgraded 2
behind others
200 /before plain 1
200 /before plain 2
200 * upgraded 3
200 /after upgraded 4
pipelined
200 /one plain 1
200 POST 5
200 * upgraded 3
200 /after upgraded 4
pipelined and cut
200 /one plain 1
200 * upgraded 2
200 /after upgraded 3
200 /one plain 1
200 * upgraded 2
200 /after upgraded 3
200 /one plain 1
200 * upgraded 2
200 /after upgraded 3

=== TEST 6: OPTIONS * without asking, and targets that only look like it
--- tls_config
    tls_plain upgrade;
    location / { return 200 "$request $uri\n"; }
--- run
for target in '*' '*x' '**' '*/' '*?a' '/*'; do
    raw --text "OPTIONS $target HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" | sed -n '1p;/OPTIONS/p'
done
raw --text 'GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' | sed -n 1p
# Inside TLS nginx's own rule holds.
printf 'OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n' | s_client -quiet -ign_eof -servername localhost | grep -a HTTP | tr -d '\r'
--- out
text: HTTP/1.1 200 OK
text: OPTIONS * HTTP/1.1 /
text: HTTP/1.1 400 Bad Request
text: HTTP/1.1 400 Bad Request
text: HTTP/1.1 400 Bad Request
text: HTTP/1.1 400 Bad Request
text: HTTP/1.1 200 OK
text: OPTIONS /* HTTP/1.1 /*
text: HTTP/1.1 400 Bad Request
HTTP/1.1 400 Bad Request

=== TEST 7: what an upstream sees of it
--- tls_config
    tls_plain upgrade;
    location / {
        proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header X-Scheme $scheme;
    }
--- run
perl -MIO::Socket::INET -e '
    my $l = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die;
    open my $ready, ">", "ready"; close $ready;
    alarm 20;
    while (my $c = $l->accept) {
        my $head = "";
        until ($head =~ /\r\n\r\n/) { sysread $c, $head, 4096, length $head or last }
        $head =~ s/\r//g;
        print $c "HTTP/1.1 200 OK\r\nContent-Length: ", length $head, "\r\nConnection: close\r\n\r\n$head";
    }' "$PLAIN_PORT" &
wait_for test -e ready
upgrading -e 'print response(upgrade(tcp($ENV{AT})))->{body}'
--- out_like
\AOPTIONS \* HTTP/1.1\n
^Host: localhost$
^X-Scheme: https$
--- out_unlike
(?i)^upgrade:

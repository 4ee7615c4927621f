# What else goes on at a port where clients may ask for TLS: a PROXY protocol in front, HTTP/2 and old HTTP, WebSocket in the
# clear, requests that ask inside TLS, and protocols for tls_other.
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: behind the PROXY protocol, at once and in pieces
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT proxy_protocol;
        server_name localhost;
        tls on;
        tls_plain upgrade;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        set_real_ip_from 127.0.0.1;
        real_ip_header proxy_protocol;
        location / { return 200 "$proxy_protocol_addr $remote_addr $tls_port_use $request_uri\n"; }
    }
--- run
upgrading -e '
    my $header = "PROXY TCP4 192.0.2.7 192.0.2.8 7777 631\r\n";
    my $s = tcp($ENV{AT});
    send_all($s, $header);
    print said(response(my $tls = upgrade($s)));
    print said(get($tls, "/next"));
    $s = tcp($ENV{AT});
    send_all($s, $header);
    print said(get($s, "/before"));
    print said(response(upgrade($s)));
    $s = tcp($ENV{AT});
    my $head = "${header}OPTIONS * HTTP/1.1\r\nHost: localhost\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n";
    for my $byte (split //, $head) { send_all($s, $byte); has_input($s, 0.001) }
    print response($s)->{status}, "\n";
    print said(response(start_tls($s, name => "localhost")));
    # A second header behind the 101 is nothing that begins TLS.
    $s = tcp($ENV{AT});
    send_all($s, $header);
    print ask($s)->{status}, " ";
    send_all($s, $header);
    print ending($s), "\n";
'
--- out
200 192.0.2.7 192.0.2.7 upgraded *
200 192.0.2.7 192.0.2.7 upgraded /next
200 192.0.2.7 192.0.2.7 plain /before
200 192.0.2.7 192.0.2.7 upgraded *
101
200 192.0.2.7 192.0.2.7 upgraded *
101 eof

=== TEST 2: HTTP/2 is never upgraded, and offers nothing
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_plain upgrade requests=any;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$request_method $server_protocol $tls_port_use\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name required.test;
        tls on;
        tls_plain upgrade_required;
    }
--- run
plain_get / -i --http2-prior-knowledge | tr -d '\r' | grep -iE '^(HTTP|upgrade|connection|GET)' | sed 's/ $//'
# Newer versions of nginx refuse it before the server is asked.
plain_code / --http2-prior-knowledge -H 'Host: required.test' | sed 's/^421$/400/'
# Fields that HTTP/2 does not have. Newer versions of nginx refuse them.
client -e '
    my $text = sub { chr(length $_[0]) . $_[0] };
    my $frame = sub { my ($type, $flags, $stream, $payload) = @_; substr(pack("N", length $payload), 1) . pack("CCN", $type, $flags, $stream) . $payload };
    for my $method ("OPTIONS", "GET") {
        my $s = tcp($ENV{AT});
        my $fields = "\x02" . $text->($method) . "\x86\x84\x01" . $text->("localhost") . "\x00" . $text->("upgrade") . $text->("TLS/1.2")
            . "\x00" . $text->("connection") . $text->("upgrade");
        send_all($s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . $frame->(4, 0, 0, "") . $frame->(1, 5, 1, $fields));
        my $answer = "";
        until ($answer =~ /HTTP\/2.0 plain|400 Bad Request/) {
            my $header = rest($s, 9);
            last if length $header < 9;
            my ($size, $type) = unpack "NC", "\0$header";
            my $payload = rest($s, $size);
            # RST_STREAM, GOAWAY
            last if $type == 3 || $type == 7;
            $answer .= $payload if $type == 0 || $type == 1;
        }
        print $answer =~ /101|Switching/ ? "upgraded\n" : $answer =~ /$method HTTP\/2.0 plain|400 Bad Request/ || $answer eq "" ? "not upgraded\n" : "something else\n";
    }
'
--- out
HTTP/2 200
GET HTTP/2.0 plain
400
not upgraded
not upgraded

=== TEST 3: old HTTP is served in the clear, whatever it asks for
--- tls_config
    tls_plain upgrade requests=any;
    location / { return 200 "$request_method $server_protocol $tls_port_use $request_uri\n"; }
--- run
asks='Upgrade: TLS/1.2\r\nConnection: upgrade\r\n\r\n'
for request in 'GET / HTTP/1.0\r\n' 'OPTIONS * HTTP/1.0\r\n' 'OPTIONS / HTTP/1.0\r\nHost: localhost\r\n'; do
    raw --text "$request$asks" | grep -aE '^(text: (HTTP|GET|OPTIONS)|eof)'
done
raw --text 'GET /\r\n'
# Whoever speaks HTTP/1.1 has to name a host.
raw --text "OPTIONS / HTTP/1.1\r\n$asks" | sed -n '1p;$p'
--- out
text: HTTP/1.1 200 OK
text: GET HTTP/1.0 plain /
eof
text: HTTP/1.1 200 OK
text: OPTIONS HTTP/1.0 plain *
eof
text: HTTP/1.1 200 OK
text: OPTIONS HTTP/1.0 plain /
eof
text: GET  plain /
eof
text: HTTP/1.1 400 Bad Request
eof

=== TEST 4: who asks inside TLS has it already
--- tls_config
    tls_plain upgrade requests=any;
    location / { return 200 "$request_method $tls_port_use\n"; }
--- run
upgrading -e '
    my $tls = upgrade(tcp($ENV{AT}));
    print said(response($tls));
    print said(ask($tls, line => "$_ / HTTP/1.1")) for qw(OPTIONS GET);
    $tls = tls($ENV{AT}, name => "localhost");
    my $response = ask($tls, line => "OPTIONS / HTTP/1.1");
    print said($response), $response->{head} =~ /^Upgrade/mi ? "offered again\n" : "nothing offered\n";
'
--- out
200 OPTIONS upgraded
200 OPTIONS upgraded
200 GET upgraded
200 OPTIONS tls
nothing offered

=== TEST 5: WebSocket in the clear
--- tls_config
    tls_plain upgrade;
    location / {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/echo.sock;
    }
--- run
client -e '
    upstream("echo.sock", sub {
        my ($c) = @_;
        syswrite $c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
        while (sysread $c, my $piece, 65536) { send_all($c, $piece) }
    })' &
wait_for test -S echo.sock
upgrading -e '
    my $s = tcp($ENV{AT});
    my $response = ask($s, line => "GET / HTTP/1.1", upgrade => "websocket");
    print $response->{head} =~ s/\r|^Server.*\n|^Date.*\n//gmr;
    # Nothing of what follows is looked at any more.
    send_all($s, "OPTIONS * HTTP/1.1\r\n");
    print rest($s, 20) =~ s/\r//r;
    shutdown $s, SHUT_WR;
    print ending($s), "\n";
'
--- out
HTTP/1.1 101 Switching Protocols
Connection: upgrade
Upgrade: websocket
OPTIONS * HTTP/1.1
eof

=== TEST 6: tls_other is for first bytes only
--- tls_config
    tls_plain upgrade;
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    tls_other_timeout 500ms;
    tls_handshake_timeout 2s;
    location / { return 200 "$tls_port_use\n"; }
--- run
other_server greet
upgrading -e '
    for my $bytes ("SSH-2.0-x\r\n", "\0\x0e\x38", "<?xml?>", "") {
        my $s = tcp($ENV{AT});
        print ask($s)->{status}, " ";
        send_all($s, $bytes);
        print ending($s), "[", end_of($s), "]\n";
    }
    my $s = tcp($ENV{AT});
    print said(response(upgrade($s)));
    $s = tcp($ENV{AT});
    send_all($s, "SSH-2.0-x\r\n");
    print rest($s, 8);
'
--- out
101 eof[]
101 eof[]
101 eof[]
101 eof[]
200 upgraded
welcome

=== TEST 7: heads that take another of nginx's buffers, alone, cut, and behind other requests
--- tls_config
    tls_plain upgrade;
    location / { return 200 "$request_uri $tls_port_use\n"; }
--- run
upgrading -e '
    my $good = 0;
    for my $size (900, 1000, 1016, 1020, 1024, 2000, 7000) {
        for my $before ("", "GET /before HTTP/1.1\r\nHost: x\r\nX: " . "b" x $size . "\r\n\r\n") {
            for my $cut (0, 40, 1024) {
                my $s = tcp($ENV{AT});
                my $all = "${before}OPTIONS * HTTP/1.1\r\nHost: localhost\r\nX: " . "a" x $size . "\r\nUpgrade: TLS/1.2\r\nConnection: Upgrade\r\n\r\n";
                send_all($s, substr $all, 0, $cut, "");
                has_input($s, 0.01) if $cut;
                send_all($s, $all);
                my $said = $before ? said(response($s)) : "";
                $said .= response($s)->{status} . " ";
                my $tls = start_tls($s, name => "localhost");
                $said .= said(response($tls)) . said(get($tls, "/after"));
                my $wanted = ($before ? "200 /before plain\n" : "") . "101 200 * upgraded\n200 /after upgraded\n";
                $said eq $wanted ? $good++ : print "$size, $cut: $said";
            }
        }
    }
    print "$good good\n";
'
--- out
42 good

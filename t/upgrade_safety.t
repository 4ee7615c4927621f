# What must not happen around an upgrade: bytes in the clear that are taken for bytes inside, policies mixed, answers to
# clients whose handshake failed. RFC 2817, RFC 9110 section 7.8, RFC 9931.
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: bytes behind the request that are no hello end the connection
--- http_config
    log_format use '$tls_port_use $status $request';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_plain upgrade;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
        location / { return 200 "$request_uri\n"; }
        location /smuggled { return 200 "smuggled\n"; }
    }
--- run
head='OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: TLS/1.2\r\n\r\n'
smuggled='GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n'
echo "in one segment"
raw --text "$head$smuggled"
raw --text "${head}x"
raw --text "${head}\r\n"
raw --text "$head\0"
raw --text "$head" --hex 15030300020100
raw --text "$head" --hex 1602000005
echo "in a segment of its own"
upgrading -e '
    for my $bytes ("GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n", "x", "\r", "\0", "SSH-2.0-x\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
        my $s = tcp($ENV{AT});
        print ask($s)->{status}, " ";
        send_all($s, $bytes);
        print ending($s), "[", end_of($s), "]\n";
    }
'
echo "no hello"
upgrading -e '
    for my $bytes ("\x15", "\x15\x03\x03\x00\x02\x01\x00", "\x16\x02", "\x80\x03\x01") {
        my $s = tcp($ENV{AT});
        print ask($s)->{status}, " ";
        send_all($s, $bytes);
        print ending($s), "[", end_of($s), "]\n";
    }
'
echo "a hello, and something in the clear behind it"
raw --text "$head" --hello --text "$smuggled" --all | grep -vE '^text: (Upgrade|Connection|$)' | sed 's/^application_data$/record/' | uniq
grep -c smuggled logs/use.log || true
sort logs/use.log | uniq -c | sed 's/^ *//'
--- out_like
\Ain one segment\neof\neof\neof\neof\neof\neof\nin a segment
^in a segment of its own\n(101 eof\[\]\n){6}no hello\n
^no hello\n(101 eof\[\]\n){4}a hello
^text: HTTP/1.1 101 Switching Protocols\nserver_hello\n(.*\n)*eof\n0\n
^6 refused 444 OPTIONS \* HTTP/1.1$
--- out_unlike
text: smuggled
GET /smuggled
--- error_log
client sent bytes in the clear behind its request for TLS (not_tls)
client sent bytes in the clear where TLS was to begin (not_tls)
--- no_error_log
[error]

=== TEST 2: a hello that comes with the request is a hello
--- tls_config
    tls_plain upgrade;
    location / { return 200; }
--- run
head='OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: TLS/1.2\r\n\r\n'
raw --text "$head" --hello --sni localhost | grep -vE '^text: (Upgrade|Connection|$)'
raw --text "$head" --hello --sni localhost --pieces 7 | grep -vE '^text: (Upgrade|Connection|$)'
raw --text "$head" --hello --sni localhost --alpn http/1.1 | grep -vE '^text: (Upgrade|Connection|$)'
--- out
text: HTTP/1.1 101 Switching Protocols
server_hello
text: HTTP/1.1 101 Switching Protocols
server_hello
text: HTTP/1.1 101 Switching Protocols
alert 120 no_application_protocol
eof

=== TEST 3: RFC 9931: where the upgrade is not granted, TLS that comes anyway is no request
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    log_format use '$server_name $tls_port_use $status';
    access_log $TEST_NGINX_SERVROOT/logs/use.log use;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name served.test; tls on; tls_plain serve; location / { return 200 "/x\n"; } }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name moved.test; tls on; tls_plain redirect; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name strict.test; tls on; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name options.test; tls on; tls_plain upgrade; location / { return 200 "/x\n"; } }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name required.test; tls on; tls_plain upgrade_required; }
--- run
# Each with its own status first, and then 400 for the hello, or nothing.
for host in served moved strict options required; do
    head="GET /x HTTP/1.1\r\nHost: $host.test\r\nConnection: upgrade\r\nUpgrade: TLS/1.2\r\n\r\n"
    echo "$host" "$(raw --text "$head" --hello | grep -aoE '^(text: HTTP/1.1 [0-9]+|text: /x|eof|alert|server_hello)' | sed 's/text: //; s/HTTP.1.1 //' | paste -sd ' ')"
done
# Nothing behind the hello's first bytes was taken for a request.
sort logs/use.log | uniq -c | sed 's/^ *//'
# CONNECT is refused, and what follows is not read.
for target in a:1 http://served.test/; do
    raw --text "CONNECT $target HTTP/1.1\r\nHost: served.test\r\n\r\nGET / HTTP/1.1\r\nHost: served.test\r\n\r\n" |
        grep -aE '^(text: (HTTP|/x)|eof)' | sed 's/ Not Allowed/ refused/; s/ Bad Request/ refused/; s/40[05]/40x/'
done
--- out
served 200 /x 400 eof
moved 301 400 eof
strict 400 eof
options 200 /x 400 eof
required 426 400 eof
1 moved.test redirected 301
1 options.test plain 200
1 required.test refused 426
1 served.test plain 200
4 served.test plain 400
1 strict.test refused 400
text: HTTP/1.1 40x refused
eof
text: HTTP/1.1 40x refused
eof

=== TEST 4: a body is refused with a status that says so
--- tls_config
    tls_plain upgrade requests=any;
    lingering_timeout 100ms;
    location / { return 200 "$request_uri\n"; }
--- run
upgrading -e '
    for my $body ("Content-Length: 5\r\n\r\nhello", "Content-Length: 5\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    {
        for my $line ("OPTIONS * HTTP/1.1", "POST / HTTP/1.1") {
            my $s = tcp($ENV{AT});
            print ask($s, line => $line, more => $body)->{status}, " ", ending($s), "\n";
        }
    }
'
--- out
413 eof
413 eof
413 eof
413 eof
413 eof
413 eof
413 eof
413 eof
--- error_log
client sent a request for TLS with a body

=== TEST 5: a handshake that fails after the 101 ends the connection
--- http_config
    log_format use '$tls_port_use $status $request';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_plain upgrade;
        tls_protocols TLSv1.3;
        tls_handshake_timeout 3s;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
        location / { return 200 "$tls_port_use\n"; }
    }
--- run
upgrading -e '
    my $s = tcp($ENV{AT});
    ask($s);
    print "no version: ", start_tls($s, version => "TLSv1_2", may_fail => 1) ? "a handshake" : "none", "\n";
    $s = tcp($ENV{AT});
    ask($s);
    print "silence: ", ending($s), "\n";
    $s = tcp($ENV{AT});
    ask($s);
    shutdown $s, SHUT_WR;
    print "gone: ", ending($s), "\n";
    $s = tcp($ENV{AT});
    ask($s);
    send_all($s, substr hello("localhost"), 0, 100);
    reset_on_close($s);
    close $s;
    $s = tcp($ENV{AT});
    ask($s);
    send_all($s, "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00");
    1 while sysread $s, my $bytes, 100;
    print "malformed\n";
    $s = tcp($ENV{AT});
    ask($s);
    send_all($s, hello("localhost") . "\x17\x03\x03\x00\x20" . "x" x 32);
    my $all = "";
    1 while sysread $s, $all, 1000, length $all;
    print "broken later: ", $all =~ /HTTP/ ? "an answer" : "no answer", "\n";
    print said(response(upgrade(tcp($ENV{AT}))));
'
gone() { [ "$(grep -c . logs/use.log)" = 7 ]; }
wait_for gone
sort logs/use.log | uniq -c | sed 's/^ *//'
--- out
no version: none
silence: eof
gone: eof
malformed
broken later: no answer
200 upgraded
6 upgraded 101 OPTIONS * HTTP/1.1
1 upgraded 200 OPTIONS * HTTP/1.1
--- error_log
client timed out (handshake_timeout)
client closed connection (peer_closed)
no_shared_version
--- no_error_log
[error]

=== TEST 6: the server that Host names is the one whose hello is taken
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name first.test;
        tls on;
        tls_plain upgrade;
        location / { return 200 "first\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test aa.test;
        tls on;
        tls_plain upgrade;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        location / { return 200 "a\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls on;
        tls_plain upgrade;
        tls_certificate $TEST_NGINX_CERTS/b.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/b.test.key;
        location / { return 200 "b\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name strict.test;
        tls on;
        location / { return 200 "strict\n"; }
    }
--- run
upgrading -e '
    my $try = sub {
        my ($host, $name) = @_;
        my $s = tcp($ENV{AT});
        my $r = ask($s, host => $host);
        print "$host, $name: ";
        return print "$r->{status}\n" if $r->{status} != 101;
        my $tls = start_tls($s, name => $name, may_fail => 1) or return print "refused\n";
        my ($cn) = $tls->peer_certificate("commonName");
        print "$cn ", said(response($tls));
    };
    $try->(@$_) for ["a.test", "a.test"], ["a.test", "aa.test"], ["a.test", "A.Test"], ["b.test", ""], ["b.test", "a.test"],
        ["a.test", "b.test"], ["a.test", "strict.test"], ["strict.test", "a.test"], ["a.test", "unknown.test"],
        ["unknown.test", "a.test"], ["unknown.test", "other.test"], ["unknown.test", "first.test"], ["first.test", ""],
        ["127.0.0.1", "127.0.0.1"];
'
--- out
a.test, a.test: a.test 200 a
a.test, aa.test: a.test 200 a
a.test, A.Test: a.test 200 a
b.test, : b.test 200 b
b.test, a.test: refused
a.test, b.test: refused
a.test, strict.test: refused
strict.test, a.test: 400
a.test, unknown.test: refused
unknown.test, a.test: refused
unknown.test, other.test: localhost 200 first
unknown.test, first.test: localhost 200 first
first.test, : localhost 200 first
127.0.0.1, 127.0.0.1: localhost 200 first
--- error_log eval: qr/client refused: the request for TLS was for another server \(unknown_name\), alert unrecognized_name sent, server name "b\.test"/

=== TEST 7: the checks of every request inside hold for the one that upgraded, and for the next
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_plain upgrade;
        tls_verify_client on;
        tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
        location / { return 200 "$tls_client_verify\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name other.test;
        tls on;
        tls_plain upgrade;
        tls_protocols TLSv1.2;
        location / { return 200 "other\n"; }
    }
--- run
upgrading -e '
    my $tls = upgrade(tcp($ENV{AT}));
    my $r = response($tls);
    print $r->{status}, " ", $r->{body} =~ /(No required SSL certificate)/, "\n";
    $tls = upgrade(tcp($ENV{AT}), host => "other.test", name => "other.test");
    print said(response($tls));
    send_all($tls, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    print response($tls)->{status}, "\n";
'
opossum
printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
    upgraded_client -quiet -ign_eof -cert "$CERTS/client.crt" -key "$CERTS/client.key" | grep -a '^SUCCESS$'
--- out
400 No required SSL certificate
200 other
421
SUCCESS
SUCCESS

=== TEST 8: early data is not taken after an upgrade, and sessions are
--- tls_config
    tls_plain upgrade;
    tls_early_data on;
    tls_session_cache shared:upgrade:1m;
    location / { return 200 "$tls_port_use [$tls_session_reused] early [$tls_early_data] $request_uri\n"; }
--- run
opossum
printf 'GET /one HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
    s_client -quiet -servername localhost -ign_eof -sess_out session | grep -a early
printf 'GET /early HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >early
printf 'GET /two HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
    upgraded_client -sess_in session -early_data early -ign_eof | grep -aE 'early \[|was rejected'
--- out
tls [.] early [] /one
Early data was rejected
upgraded [r] early [] *
upgraded [r] early [] /two

=== TEST 9: nothing is left behind, however it ends
--- tls_config
    tls_plain upgrade;
    tls_handshake_timeout 2s;
    location / { return 200 "ok\n"; }
--- run
tls_get localhost /
before=$(worker_descriptors)
upgrading -e '
    for (1 .. 20) {
        my $s = tcp($ENV{AT});
        ask($s);
        close $s;
        $s = tcp($ENV{AT});
        ask($s);
        send_all($s, substr hello("localhost"), 0, 50);
        reset_on_close($s);
        close $s;
        $s = tcp($ENV{AT});
        ask($s);
        start_tls($s, alpn => "http/1.1", may_fail => 1);
        my $tls = upgrade(tcp($ENV{AT}));
        response($tls);
        get($tls, "/");
        $tls = upgrade(tcp($ENV{AT}));
        reset_on_close($tls);
        close $tls;
    }
'
has_no_more() { [ "$(worker_descriptors)" -le "$before" ]; }
wait_for has_no_more && echo clean
tls_get localhost /
--- out
ok
clean
ok

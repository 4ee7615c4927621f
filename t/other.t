# tls_other: what is neither TLS nor HTTP goes to another server, and back, byte for byte.
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: bytes go both ways, and both ends are kept apart
--- tls_config
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    location / { return 200 "ok\n"; }
--- run
other_server echo
client -e '
    my $s = tcp($ENV{AT});
    send_all($s, "SSH-2.0-x hello\r\n");
    print rest($s, 17) =~ s{\r}{}r;
    send_all($s, "more\n");
    print rest($s, 5);
    shutdown $s, SHUT_WR;
    print rest($s, 12);
    print ending($s), "\n";
    $s = tcp($ENV{AT});
    send_all($s, "\x00\x0e\x38 binary");
    print unpack("H*", rest($s, 10)), "\n";
'
tls_get localhost /
plain_code /
wait_log 'client relayed to tls_other "127.0.0.1:[0-9]+": 22 bytes from client, 34 bytes to client'
--- out
SSH-2.0-x hello
more
the end: 22
eof
000e382062696e617279
ok
400
--- no_error_log
[error]

=== TEST 2: without it, and for HTTP and TLS with it, nothing changes
--- tls_config
    location / { return 200 "ok\n"; }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_plain serve;
        tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "ok\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name other.test;
        tls on;
        tls_other off;
    }
--- run
raw --text 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'
raw --text "<?xml version='1.0'?>"
raw --hex 000e38
PORT=$PORT2
plain_get /
tls_get localhost /
raw --hex 15030300020100
raw --hex 1602
--- out
eof
eof
eof
ok
ok
alert 10 unexpected_message
eof
alert 70 protocol_version
eof
--- error_log
client sent neither TLS nor HTTP (not_tls)

=== TEST 3: a client that says nothing, for whose protocol the server speaks first
--- tls_config
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    tls_other_timeout 500ms;
    location / { return 200 "ok\n"; }
--- run
other_server greet
client -e '
    my $s = tcp($ENV{AT});
    my $start = time;
    print rest($s, 8), time - $start >= 0.49 ? "" : "too soon\n";
    send_all($s, "GET / HTTP/1.1\r\n");
    print rest($s, 16) =~ s/\r//r;
    # Who has said something, however little, is waited for.
    $s = tcp($ENV{AT});
    send_all($s, "GE");
    print has_input($s, 1.2) ? "too soon\n" : "waited\n";
    send_all($s, "T / HTTP/1.1\r\nHost: x\r\n\r\n");
    print response($s)->{status}, "\n";
    $s = tcp($ENV{AT});
    send_all($s, "\x16");
    print has_input($s, 1.2) ? "too soon\n" : "waited\n";
'
tls_get localhost /
--- out
welcome
GET / HTTP/1.1
waited
400
waited
ok

=== TEST 4: lines of words that are no requests, from clients that speak first
--- tls_config
    tls_plain serve;
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    location / { return 200 "$request_uri\n"; }
--- run
other_server greet
client -e '
    for my $line ("NICK somebody\r\n", "REGISTER sip:a.test SIP/2.0\r\n", "get key\r\n") {
        my $s = tcp($ENV{AT});
        send_all($s, substr $line, 0, 6);
        has_input($s, 0.02);
        send_all($s, substr $line, 6);
        print rest($s, 8 + length $line) =~ s/\r//r;
    }
'
# Requests, and what nginx has to refuse.
raw --text 'GET / HTTP/1.0\r\n\r\n' --pieces 1 | tail -n 2
raw --text 'GET http://a.test/x HTTP/1.0\r\n\r\n' --pieces 5 | tail -n 2
raw --text 'GET /\r\n'
raw --text 'GET bad HTTP/1.1\r\n\r\n' | sed -n '1p;$p'
raw --text 'CONNECT a.test:1 HTTP/1.1\r\n\r\n' | sed -n '1p;$p' | sed 's/40[05] .*/refused/'
--- out
welcome
NICK somebody
welcome
REGISTER sip:a.test SIP/2.0
welcome
get key
text: /
eof
text: /x
eof
text: /
eof
text: HTTP/1.1 400 Bad Request
eof
text: HTTP/1.1 refused
eof

=== TEST 5: the handshake's own time still holds, and two seconds are the default
--- tls_config
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    tls_handshake_timeout 300ms;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
other_server greet
raw
raw --hex 16
PORT=$PORT2 client -e '
    my $start = time;
    my $s = tcp($ENV{AT});
    print rest($s, 8);
    my $took = time - $start;
    print $took > 1.9 && $took < 8 ? "after two seconds\n" : "after $took seconds\n";
'
--- out
eof
eof
welcome
after two seconds

=== TEST 6: a megabyte to a side that reads slowly, and large amounts in both directions at once
--- tls_config
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
--- run
other_server echo
client -e '
    use IO::Select;
    my $s = tcp($ENV{AT}, rcvbuf => 4096);
    my $size = 20_000_000;
    my $block = "\0" . join "", map { chr 33 + $_ % 90 } 1 .. 65535;
    my ($sent, $got, $bad) = (0, 0, 0);
    $s->blocking(0);
    while ($got < $size) {
        my ($r, $w) = IO::Select->select(IO::Select->new($s), $sent < $size ? IO::Select->new($s) : undef, undef, 10) or last;
        if (@$w) {
            my $n = syswrite $s, substr($block, $sent % 65536, $size - $sent);
            $sent += $n if $n;
        }
        if (@$r) {
            my $n = sysread $s, my $bytes, 65536 or last;
            my $want = substr($block . $block, $got % 65536, $n);
            $bad++ if $bytes ne $want;
            $got += $n;
        }
    }
    print "$got of $size, $bad broken\n";
'
--- out
20000000 of 20000000, 0 broken

=== TEST 7: who ends first
--- tls_config
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
--- run
other_server say_and_leave
client -e '
    my $s = tcp($ENV{AT});
    send_all($s, "\0first\n");
    # The server has said all and gone; what it said comes whole.
    print ending($s), " ", length(end_of($s)), "\n";
    send_all($s, "x" x 100000);
    $s = tcp($ENV{AT});
    send_all($s, "\0first\n");
    reset_on_close($s);
    close $s;
'
wait_log 'client relayed to tls_other' 2
before=$(worker_descriptors)
client -e '
    for (1 .. 20) { my $s = tcp($ENV{AT}); send_all($s, "\0"); reset_on_close($s) if $_ % 2; close $s }
'
wait_log 'client relayed to tls_other' 22
has_no_more() { [ "$(worker_descriptors)" -le "$before" ]; }
wait_for has_no_more && echo clean
--- out
eof 1000000
clean

=== TEST 8: nobody there, and nobody at a path
--- tls_config
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_other unix:$TEST_NGINX_SERVROOT/missing.sock;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
raw --hex 00
PORT=$PORT2 raw --hex 00
wait_log 'client relayed to tls_other "127.0.0.1:[0-9]+": 1 bytes from client, 0 bytes to client, ended: tls_other could not be reached'
grep -c 'connect() .*failed .*while connecting to tls_other' "$ERROR_LOG"
--- out
eof
eof
2
--- may_log: crit

=== TEST 9: proxy_protocol: the other side is told who the client is
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT proxy_protocol;
        tls_other_timeout 200ms;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2 proxy_protocol;
        server_name localhost;
        tls on;
        tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT proxy_protocol;
        tls_other_timeout 200ms;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
other_server echo
client -e '
    my $read = sub { my ($s) = @_; my $all = ""; until ($all =~ /\n.$/s) { $all .= rest($s, 1) } return $all };
    my $s = tcp($ENV{AT});
    send_all($s, "\0");
    my ($here, $there) = ($s->sockport, $s->peerport);
    print $read->($s) eq "PROXY TCP4 127.0.0.1 127.0.0.1 $here $there\r\n\0" ? "the address\n" : "something else\n";
    my $through = $ENV{AT} =~ s/:\d+/:$ENV{PORT2}/r;
    for my $header ("TCP4 192.0.2.1 198.51.100.2 4711 443", "TCP6 2001:db8::1 2001:db8::2 4712 22", "UNKNOWN") {
        $s = tcp($through);
        send_all($s, "PROXY $header\r\n\0");
        print $read->($s) =~ s/ \d+ $ENV{PORT2}\r/ PORT PORT2\r/r =~ s/[\0\r]//gr;
    }
    # One who says nothing behind the header.
    $s = tcp($through);
    send_all($s, "PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n");
    print rest($s, 44) =~ s/\r//r;
'
--- out
the address
PROXY TCP4 192.0.2.1 198.51.100.2 4711 443
PROXY TCP6 2001:db8::1 2001:db8::2 4712 22
PROXY TCP4 127.0.0.1 127.0.0.1 PORT PORT2
PROXY TCP4 192.0.2.1 198.51.100.2 4711 443

=== TEST 10: unix sockets on both sides
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVROOT/front.sock;
        tls on;
        tls_other unix:$TEST_NGINX_SERVROOT/other.sock;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
OTHER=$SERVROOT/other.sock other_server echo
client -e '
    my $s = tcp("unix:front.sock");
    send_all($s, "\0hello\n");
    print rest($s, 7) =~ s/\0//r;
    shutdown $s, SHUT_WR;
    print rest($s, 12), ending($s), "\n";
'
--- out
hello
the end: 7
eof

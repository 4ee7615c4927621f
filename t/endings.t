# How connections end, by the server's will or the client's, is what it is behind nginx's own ssl.
use lib 't/lib';
use TestTLS;
use TwoServers;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
run_tests();

__DATA__

=== TEST 1: every end of a connection is told with close_notify
--- site
    keepalive_requests 3;
    location / { return 200 "body"; }
    location /file { alias $TEST_NGINX_SERVROOT/html/file; }
    location /short { keepalive_timeout 100ms; return 200 "body"; }
    location /chunked { ssi on; ssi_types *; alias $TEST_NGINX_SERVROOT/html/file; }
    location /bad { return 444; }
--- run
make_file file 200000
visit() {
    client -e '
        for my $version (qw(TLSv1_2 TLSv1_3)) {
            my %way = (
                "1 connection: close" => sub { get($_[0], "/file", "Connection: close\r\n") },
                "2 HTTP/1.0" => sub { send_all($_[0], "GET /file HTTP/1.0\r\n\r\n"); response($_[0]) },
                "3 HTTP/1.0, no length" => sub { send_all($_[0], "GET /chunked HTTP/1.0\r\n\r\n"); response($_[0]) },
                "4 keepalive_requests" => sub { get($_[0], "/") for 1 .. 3 },
                "5 keepalive_timeout" => sub { get($_[0], "/short") },
                "6 bad request" => sub { send_all($_[0], "bad request\r\n\r\n"); response($_[0]) },
                "7 return 444" => sub { send_all($_[0], "GET /bad HTTP/1.1\r\nHost: h\r\n\r\n") },
            );
            for my $way (sort keys %way) {
                my $s = tls($ENV{AT}, version => $version);
                $way{$way}->($s);
                print "$way: ", ending($s), "\n";
            }
        }'
}
both visit
--- out
1 connection: close: close_notify
2 HTTP/1.0: close_notify
3 HTTP/1.0, no length: close_notify
4 keepalive_requests: close_notify
5 keepalive_timeout: close_notify
6 bad request: close_notify
7 return 444: eof
1 connection: close: close_notify
2 HTTP/1.0: close_notify
3 HTTP/1.0, no length: close_notify
4 keepalive_requests: close_notify
5 keepalive_timeout: close_notify
6 bad request: close_notify
7 return 444: eof

=== TEST 2: openssl sees the close_notify of an idle connection
--- site
    location / { keepalive_timeout 100ms; return 200 "body\n"; }
--- run
visit() {
    local version
    for version in -tls1_2 -tls1_3; do
        printf 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n' | s_client -ign_eof -msg $version | grep -o '<<< .*close_notify'
    done
}
both visit
--- out
<<< TLS 1.2, Alert [length 0002], warning close_notify
<<< TLS 1.3, Alert [length 0002], warning close_notify

=== TEST 3: an unread body does not take the answer away
--- site
    client_max_body_size 0;
    lingering_timeout 1s;
    location /lingering { return 403 "no\n"; }
    location /always { lingering_close always; return 403 "no\n"; }
    location /toolarge { client_max_body_size 1000; }
--- run
visit() {
    client -e '
        for my $path (qw(lingering always toolarge)) {
            my $s = tls($ENV{AT});
            send_all($s, "POST /$path HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 3000000\r\n\r\n");
            my $sent = 0;
            for (1 .. 183) { send_all($s, "x" x 16384) or last; $sent++ }
            my $response = response($s);
            print "$path $response->{status} ", $response->{whole} ? "whole" : "broken", ", $sent sent, ", ending($s), "\n";
        }' | if [ "$SIDE${TEST_NGINX_TLS_RECORDS:-}" = tls ]; then cat; else sed 's/, eof$/, close_notify/'; fi
}
# Whether nginx itself, and so libssl's records, still says close_notify behind a half-closed connection depends on its version.
both visit
--- out
lingering 403 whole, 183 sent, close_notify
always 403 whole, 183 sent, close_notify
toolarge 413 whole, 183 sent, close_notify

=== TEST 4: a connection that is upgraded carries bytes both ways
--- http_config
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
--- site
    location / {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/echo.sock;
    }
--- run
# Answers 101 with a greeting in the same segment, then echoes; ends the connection at "end".
client -e '
    upstream("echo.sock", sub {
        my ($c, $head) = @_;
        syswrite $c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: $1\r\n\r\nhello" if $head =~ /^Upgrade: (\S+)/m;
        while (sysread $c, my $piece, 65536) {
            send_all($c, $piece);
            last if $piece =~ /end$/;
        }
    })' &
wait_for test -S echo.sock
visit() {
    client -e '
        sub receive { my ($s, $size) = @_; my $got = ""; while (length $got < $size) { sysread $s, $got, $size - length $got, length $got or last } $got }
        for my $version (qw(TLSv1_2 TLSv1_3)) {
            my $s = tls($ENV{AT}, version => $version);
            my $response = get($s, "/", "Connection: upgrade\r\nUpgrade: websocket\r\n");
            print "$response->{status} ", $response->{head} =~ /^Upgrade: (\S+)/m, " ", rest($s, 5), "\n";
            my $good = 0;
            for my $n (1 .. 200) { send_all($s, "ping $n;"); $good++ if receive($s, length "ping $n;") eq "ping $n;" }
            print "$good echoes\n";
            # Much in both directions at once.
            my ($sent, $got, $bytes) = (0, "", join "", map { pack "N", $_ } 1 .. 500_000);
            $s->blocking(0);
            my $select = IO::Select->new($s);
            while (length $got < length $bytes) {
                my $wrote = $sent < length $bytes ? syswrite($s, $bytes, 65536, $sent) : 0;
                $sent += $wrote // 0;
                my $read = sysread $s, $got, 65536, length $got;
                last if defined $read && $read == 0;
                $sent < length $bytes ? IO::Select::select($select, $select, undef, 1) : $select->can_read(1) if !$wrote && !$read && !$s->pending;
            }
            print $got eq $bytes ? "all came back\n" : "lost\n";
            $s->blocking(1);
            send_all($s, "end");
            print ending($s), " after ", end_of($s), "\n";
        }'
}
both visit
--- out
101 websocket hello
200 echoes
all came back
close_notify after end
101 websocket hello
200 echoes
all came back
close_notify after end

=== TEST 5: clients that go away
--- http_config
    log_format away '$uri $status $request_completion';
    access_log $TEST_NGINX_SERVROOT/logs/away.log away;
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        access_log off;
        location / { limit_rate 1; return 200 "very late"; }
    }
--- site
    error_log $TEST_NGINX_SERVROOT/logs/error.log info;
    location / { }
    location /never { proxy_pass http://unix:$TEST_NGINX_SERVROOT/never.sock; }
    location /late { proxy_pass http://unix:$TEST_NGINX_SERVROOT/never.sock; proxy_ignore_client_abort on; proxy_read_timeout 300ms; }
--- run
make_file big 30000000
# Takes requests and does not answer; "taken" has a byte for each.
client -e '
    open my $taken, ">", "taken";
    my $listen = IO::Socket::UNIX->new(Local => "never.sock", Listen => 50);
    my @c;
    while (my $c = $listen->accept) { push @c, $c; syswrite $taken, "x" }' &
wait_for test -S never.sock
log_lines() { [ "$(grep -c "$1" "$SERVROOT/logs/away.log")" -eq "$2" ]; }
visit() {
    : >"$SERVROOT/logs/away.log"
    client -e '
        my $request = sub {
            my ($path) = @_;
            my ($s, $before) = (tls($ENV{AT}), length slurp("taken"));
            send_all($s, "GET $path HTTP/1.1\r\nHost: h\r\n\r\n");
            await { length slurp("taken") > $before } unless $path =~ /big/;
            return $s;
        };
        my $s = $request->("/never?reset"); reset_on_close($s); $s->close(SSL_no_shutdown => 1);
        $s = $request->("/never?fin"); $s->close(SSL_no_shutdown => 1);
        $s = $request->("/never?notify"); $s->close;
        $s = $request->("/late"); $s->close;
        $s = $request->("/big?reset"); sysread $s, my $some, 1000; reset_on_close($s); $s->close(SSL_no_shutdown => 1);
        $s = $request->("/big?notify"); sysread $s, $some, 1000; $s->close;'
    wait_for log_lines /never 3
    wait_for log_lines /late 1
    wait_for log_lines /big 2
    sort "$SERVROOT/logs/away.log"
}
both visit
--- out
/big 200 
/big 200 
/late 504 
/never 499 
/never 499 
/never 499 

=== TEST 6: an idle HTTP/2 connection ends with GOAWAY and close_notify
--- site
    keepalive_timeout 200ms;
    location / { return 200 "body"; }
--- run
visit() {
    client -e '
        my $s = tls($ENV{AT}, alpn => "h2");
        my $frame = sub { my ($type, $flags, $stream, $payload) = @_; substr(pack("N", length $payload), 1) . pack("CCN", $type, $flags, $stream) . $payload };
        # HEADERS: GET, https, /, :authority h
        send_all($s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . $frame->(4, 0, 0, "") . $frame->(1, 5, 1, "\x82\x87\x84\x41\x01h"));
        my $end = ending($s);
        my ($bytes, @types) = end_of($s);
        while (length $bytes >= 9) { my ($size, $type) = unpack "NC", "\0$bytes"; push @types, $type unless $type == 8; substr $bytes, 0, 9 + $size, "" }
        print $s->alpn_selected, ": frames @types, $end\n";'
}
both visit
--- out
h2: frames 4 4 1 0 7, close_notify

=== TEST 7: an answer behind one that came in portions ends where it ends
--- site
    location /portions { limit_rate 4000; alias $TEST_NGINX_SERVROOT/html/file; }
    location /slow { proxy_buffering off; proxy_pass http://unix:$TEST_NGINX_SERVROOT/slow.sock; }
--- run
make_file file 6000
mkfifo go
client -e '
    upstream("slow.sock", sub {
        my ($c) = @_;
        syswrite $c, "HTTP/1.0 200 OK\r\nContent-Length: 8\r\n\r\nfirst";
        slurp("go");
        syswrite $c, "end";
    })' &
wait_for test -S slow.sock
visit() {
    client -e '
        for my $version (qw(TLSv1_2 TLSv1_3)) {
            my $s = tls($ENV{AT}, version => $version);
            print get($s, "/portions")->{body} eq slurp("html/file") ? "whole\n" : "broken\n";
            send_all($s, "GET /slow HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            my $got = "";
            sysread $s, $got, 4096, length $got until $got =~ /first/ || $s->errstr;
            open my $go, ">", "go" or die $!;
            print $go "go";
            close $go;
            1 while sysread $s, $got, 4096, length $got;
            print $got =~ /\r\n\r\n(.*)/s, "\n";
        }'
}
both visit
--- out
whole
firstend
whole
firstend

=== TEST 8: close_notify where nginx lingers, behind an end that comes by itself
--- site
    location / { proxy_buffering off; proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock; }
--- run
client -e '
    upstream("up.sock", sub {
        my ($c) = @_;
        syswrite $c, "HTTP/1.0 200 OK\r\n\r\nto the end";
    })' &
wait_for test -S up.sock
visit() {
    client -e '
        for my $version (qw(TLSv1_2 TLSv1_3)) {
            my $s = tls($ENV{AT}, version => $version);
            # What comes behind the request makes nginx linger.
            send_all($s, "GET / HTTP/1.0\r\n\r\nmore");
            print response($s)->{body}, ": ", ending($s), "\n";
        }'
}
both visit
--- out
to the end: close_notify
to the end: close_notify

# Clients that go away in every state of a connection, in every way: each leaves nothing behind, and the next one is served.
use lib 't/lib';
use TestTLS;
use TwoServers;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);

# Beside "--- site": an upstream that is slow, one that never answers, and nginx's own count of connections.
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(http_config => <<'HTTP' . ($block->http_config // ''));
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        client_max_body_size 0;
        location / { }
        location /slow/ { limit_rate 50k; alias $TEST_NGINX_SERVROOT/html/; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        access_log off;
        location / { stub_status; }
    }
HTTP
    $block->set_value(run => <<'RUN' . $block->run);
make_file big 5000000
# Takes requests and says nothing, or what is in "said".
client -e '
    my $listen = IO::Socket::UNIX->new(Local => "mute.sock", Listen => 200);
    my @c;
    while (my $c = $listen->accept) { push @c, $c; syswrite $c, slurp("said") }' &
wait_for test -S mute.sock
quiet() { curl -q -sS --max-time 5 "http://127.0.0.1:$PLAIN_PORT/" | grep -q '^Active connections: 1 '; }
# Nobody is connected, not even who asked for that.
rest() { wait_for quiet && wait_for has_closed "$PLAIN_PORT"; }
# Runs a program over each end and version and looks at what is left.
visit() { # PERL-ARGUMENT...
    local worker descriptors
    worker=$(workers)
    tls_get localhost / >/dev/null
    rest
    descriptors=$(worker_descriptors)
    client -MAborts "$@"
    rest || echo connections are left
    tls_get localhost / | head -c 4
    echo
    rest
    # Of bad records nginx says so; the module does not: it is the client's doing.
    grep '\[\(crit\|alert\)\].* server name "' "$ERROR_LOG" || true
    [ "$worker" = "$(workers)" ] || echo another worker
    [ "$descriptors" = "$(worker_descriptors)" ] || echo "descriptors: $descriptors, then $(worker_descriptors)"
}
RUN
});

run_tests();

__DATA__

=== TEST 1: before and in the handshake
--- may_log: crit
--- site
    client_header_timeout 5s;
    location / { return 200 "fine"; }
--- run
printf '' >said
both visit -e '
    my $hello = hello("localhost");
    my %state = (
        nothing => sub { tcp($ENV{AT}) },
        "half a header" => sub { sent(tcp($ENV{AT}), substr $hello, 0, 3) },
        "half a hello" => sub { sent(tcp($ENV{AT}), substr $hello, 0, 100) },
        "a hello" => sub { sent(tcp($ENV{AT}), $hello) },
        "a hello, answered" => sub { my $s = sent(tcp($ENV{AT}), $hello); has_input($s, 10); $s },
        "a bad record behind it" => sub { my $s = sent(tcp($ENV{AT}), $hello); has_input($s, 10); sent($s, "\x17\x03\x03\0\x20" . "x" x 32) },
        "an alert behind it" => sub { my $s = sent(tcp($ENV{AT}), $hello); has_input($s, 10); sent($s, "\x15\x03\x03\0\x02\x02\x28") },
    );
    leave_in(\%state, qw(reset fin));'
--- out
14 ways out of 7 states
fine

=== TEST 2: between records, in the middle of one, and with what is none
--- may_log: crit
--- site
    location / { return 200 "fine"; }
--- run
printf '' >said
both visit -e '
    my %state = map {
        my $version = $_;
        my $open = sub { my $s = tls($ENV{AT}, version => $version); get($s, "/") if $_[0]; $s };
        (
            "$version fresh" => sub { $open->(0) },
            "$version used" => sub { $open->(1) },
            "$version half a header" => sub { raw($open->(1), "\x17\x03") },
            "$version half a record" => sub { raw($open->(0), "\x17\x03\x03\x40\0" . "x" x 1000) },
            "$version a bad record" => sub { raw($open->(1), "\x17\x03\x03\0\x40" . "x" x 64) },
            "$version no record" => sub { raw($open->(0), "GET / HTTP/1.1\r\nHost: h\r\n\r\n") },
            "$version a long record" => sub { raw($open->(1), "\x17\x03\x03\xff\xff" . "x" x 20000) },
        )
    } qw(TLSv1_2 TLSv1_3);
    leave_in(\%state, qw(reset fin notify));'
--- out
42 ways out of 14 states
fine

=== TEST 3: in a request and its body
--- site
    client_max_body_size 0;
    location / { return 200 "fine"; }
    location /put/ { dav_methods PUT; root $TEST_NGINX_SERVROOT/html; }
    location /up/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/mute.sock; }
    location /unbuffered/ { proxy_request_buffering off; proxy_http_version 1.1; proxy_pass http://unix:$TEST_NGINX_SERVROOT/mute.sock; }
--- run
printf '' >said
both visit -e '
    my %state = map {
        my $version = $_;
        my $open = sub { sent(tls($ENV{AT}, version => $version), @_) };
        my $body = sub { $open->("PUT $_[0] HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" . "x" x $_[1]) };
        (
            "$version half a line" => sub { $open->("GET / HT") },
            "$version half a head" => sub { $open->("GET / HTTP/1.1\r\nHost:") },
            "$version no body" => sub { $body->("/put/a", 0) },
            "$version half a body" => sub { $body->("/put/b", 300_000) },
            "$version half a body, proxied" => sub { $body->("/up/b", 300_000) },
            "$version half a body, unbuffered" => sub { $body->("/unbuffered/b", 30_000) },
            "$version half a chunk" => sub { $open->("PUT /put/c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nxxx") },
            "$version waiting" => sub { $open->("GET /up/ HTTP/1.1\r\nHost: h\r\n\r\n") },
            "$version waiting, more asked" => sub { $open->("GET /up/ HTTP/1.1\r\nHost: h\r\n\r\n" x 3) },
        )
    } qw(TLSv1_2 TLSv1_3);
    leave_in(\%state, qw(reset fin notify));'
--- out
54 ways out of 18 states
fine

=== TEST 4: in an answer that waits for the client, for a disk, an upstream or its rate
--- may_log: crit
--- listen: sndbuf=8k
--- site
    location / { return 200 "fine"; }
    location /file/ { sendfile on; alias $TEST_NGINX_SERVROOT/html/; }
    location /threads/ { sendfile on; aio threads; alias $TEST_NGINX_SERVROOT/html/; }
    location /rate/ { limit_rate 20k; alias $TEST_NGINX_SERVROOT/html/; }
    location /proxied/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
    location /unbuffered/ { proxy_buffering off; proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
    location /slow/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock; }
    location /upgraded {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/mute.sock;
    }
--- run
{ printf 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'; head -c 100000 /dev/zero; } >said
both visit -e '
    my %state = map {
        my ($version, $path) = split / /;
        my $begin = sub {
            my $s = tls($ENV{AT}, version => $version, rcvbuf => 4096);
            sent($s, "GET $path HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n");
            sysread $s, my $some, 1000;
            $s;
        };
        (
            "$version $path" => $begin,
            "$version $path, more asked" => sub { sent($begin->(), "GET / HTTP/1.1\r\nHost: h\r\n\r\n") },
            "$version $path, a bad record" => sub { raw($begin->(), "\x17\x03\x03\0\x40" . "x" x 64) },
        )
    } map { my $version = $_; map { "$version $_" } qw(/file/big /threads/big /rate/big /proxied/big /unbuffered/big /slow/big /upgraded) }
        qw(TLSv1_2 TLSv1_3);
    leave_in(\%state, qw(reset fin notify));'
--- out
126 ways out of 42 states
fine

=== TEST 5: HTTP/2, with streams under way
--- listen: sndbuf=8k
--- site
    client_max_body_size 0;
    location / { return 200 "fine"; }
    location /file/ { sendfile on; alias $TEST_NGINX_SERVROOT/html/; }
    location /rate/ { limit_rate 20k; alias $TEST_NGINX_SERVROOT/html/; }
    location /proxied/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
    location /up/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/mute.sock; }
--- run
printf '' >said
both visit -e '
    my $frame = sub { my ($type, $flags, $stream, $payload) = @_; substr(pack("N", length $payload), 1) . pack("CCN", $type, $flags, $stream) . $payload };
    # GET (0x82) or PUT, https, a path, :authority h. A large window, so that answers fill the socket.
    my $head = sub { my ($stream, $end, $path, $method) = @_; $frame->(1, $end ? 5 : 4, $stream, ($method ? "\x02\x03PUT" : "\x82") . "\x87\x04" . chr(length $path) . $path . "\x41\x01h") };
    my $open = sub {
        my $s = tls($ENV{AT}, alpn => "h2", rcvbuf => 4096);
        sent($s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . $frame->(4, 0, 0, pack "nN", 4, 1_000_000) . $frame->(8, 0, 0, pack "N", 10_000_000) . join "", @_);
        sysread $s, my $some, 100;
        $s;
    };
    my %state = (
        "no stream" => sub { $open->() },
        "half a frame" => sub { $open->("\0\0\x10\1\5") },
        "files" => sub { $open->(map { $head->($_, 1, "/file/big") } 1, 3, 5) },
        "files, one refused" => sub { $open->((map { $head->($_, 1, "/file/big") } 1, 3, 5), $frame->(3, 0, 3, pack "N", 8)) },
        "rate" => sub { $open->($head->(1, 1, "/rate/big"), $head->(3, 1, "/file/big")) },
        "proxied" => sub { $open->($head->(1, 1, "/proxied/big"), $head->(3, 1, "/up/")) },
        "half a body" => sub { $open->($head->(1, 0, "/up/", 1), $frame->(0, 0, 1, "x" x 10_000)) },
        "goaway" => sub { $open->($head->(1, 1, "/file/big"), $frame->(7, 0, 0, pack "NN", 0, 0)) },
        "bad frame" => sub { $open->($head->(1, 1, "/file/big"), $frame->(0, 0, 0, "x")) },
    );
    leave_in(\%state, qw(reset fin notify));'
--- out
27 ways out of 9 states
fine

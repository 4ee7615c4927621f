# Whoever has the wire sees records and nothing else, in whatever way an answer comes to be, in both ways to make records.
# packages: g++ libssl-dev
use lib 't/lib';
use TestTLS;
use TwoRecords;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'RUN' . $block->run);
# Every piece of the files says so; so does what is sent.
client -e 'open my $f, ">", "html/file"; print $f "plaintext-plaintext-" for 1 .. 50_000'
start_relay() { # PORT
    kept=$(mktemp -p .)
    perl "$T_LIB/relay.pl" "$1" "$kept" &
    relay=$!
    wait_for test -s "$kept.port"
}
# What was kept: whether it is made of whole records of TLS in both directions, and how many words are in the clear. The hello's
# names are there, as they are meant to be.
look() {
    wait "$relay"
    client -e '
        my ($down, $up) = map { slurp($_) } @ARGV;
        for my $bytes ($down, $up) {
            my $at = 0;
            while ($at + 5 <= length $bytes) {
                my ($type, $version, $size) = unpack "Cnn", substr $bytes, $at, 5;
                last if $type < 20 || $type > 23 || $version < 0x301 || $version > 0x303 || $size > 16640;
                $at += 5 + $size;
            }
            # The last one may be cut by the end.
            print $at >= length $bytes ? "records, " : "else at $at of ${\length $bytes}, ";
        }
        # Of eight letters and more: one of four is in a hundred megabytes of ciphertext by chance, once in forty times.
        my @words = "$down$up" =~ m{plaintext|HTTP/1\.1|Content-|Host: localhost|localhost/}g;
        print scalar @words, "\n"' "$kept" "$kept.client"
}
RUN
});

run_tests();

__DATA__

=== TEST 1: answers of every making, and a body
--- http_config
    server { listen unix:$TEST_NGINX_SERVROOT/up.sock; location / { } }
--- records_site
    client_max_body_size 0;
    sendfile on;
    location / { }
    location /threads/ { aio threads; alias $TEST_NGINX_SERVROOT/html/; }
    location /copied/ { sendfile off; alias $TEST_NGINX_SERVROOT/html/; }
    location /proxied/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
    location /unbuffered/ { proxy_buffering off; proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
    location /disk/ { proxy_buffers 2 4k; proxy_busy_buffers_size 4k; proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
    location /rate/ { limit_rate_after 900k; limit_rate 500k; alias $TEST_NGINX_SERVROOT/html/; }
    location /put/ { dav_methods PUT; root $TEST_NGINX_SERVROOT/html; }
--- run
mkdir html/put
fetch() { # CURL-OPTION...
    curl -q -sS --max-time 30 --cacert "$CERTS/ca.crt" --connect-to "localhost::127.0.0.1:$(cat "$kept.port")" "$@"
}
for port in "$PORT" "$PORT2"; do
    for option in '--http1.1' '--http2' '--http1.1 --tls-max 1.2'; do
        for path in /file /threads/file /copied/file /proxied/file /unbuffered/file /disk/file /rate/file; do
            start_relay "$port"
            # shellcheck disable=SC2086
            fetch $option -o got "https://localhost$path"
            cmp got html/file
            look
        done
        start_relay "$port"
        # shellcheck disable=SC2086
        fetch $option -T html/file -o /dev/null "https://localhost/put/got"
        cmp html/put/got html/file
        rm html/put/got
        look
    done
done | sort | uniq -c
--- out
     48 records, records, 0

=== TEST 2: upgraded connections, new keys, refusals and ends
--- records_site
    sendfile on;
    keepalive_timeout 200ms;
    location / { }
    location /bad { return 400 "plaintext"; }
    location /echo {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/echo.sock;
    }
--- run
g++ -std=c++17 -O1 -o control_records "$T_LIB/../tools/control_records.cpp" -lssl -lcrypto
client -e '
    upstream("echo.sock", sub {
        my ($c) = @_;
        syswrite $c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
        while (sysread $c, my $piece, 65536) { send_all($c, $piece) }
    })' &
wait_for test -S echo.sock
for port in "$PORT" "$PORT2"; do
    start_relay "$port"
    PORT=$(cat "$kept.port") client -e '
        my $s = tls($ENV{AT});
        get($s, "/echo", "Connection: upgrade\r\nUpgrade: echo\r\n");
        for (1 .. 100) { send_all($s, "plaintext-" x 100); rest($s, 1000) eq "plaintext-" x 100 or print "broken\n" }
        $s->close'
    look
    start_relay "$port"
    ./control_records "$(cat "$kept.port")" /file got 50000 tell
    cmp got html/file
    look
    # Behind what nginx refuses, and a keep-alive connection that nginx closes.
    for text in 'GET /bad HTTP/1.1\r\nHost: h\r\n\r\n' 'plaintext plaintext\r\n\r\n'; do
        start_relay "$port"
        # shellcheck disable=SC2059
        printf "$text" | PORT=$(cat "$kept.port") s_client -quiet -ign_eof | grep -c plaintext || true
        look
    done
done
--- out
records, records, 0
20 updates, none, 1000000 bytes
records, records, 0
1
records, records, 0
0
records, records, 0
records, records, 0
20 updates, none, 1000000 bytes
records, records, 0
1
records, records, 0
0
records, records, 0

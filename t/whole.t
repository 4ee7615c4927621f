# A hundred megabytes up, ranges, readers that stop, sockets that take little, upgraded connections and rates: nothing is lost,
# with records of the module's own and with libssl's.
use lib 't/lib';
use TestTLS;
use TwoRecords;
use TwoServers;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);

# Says again what it hears.
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'RUN' . $block->run);
echo_server() {
    client -e '
        upstream("echo.sock", sub {
            my ($c) = @_;
            syswrite $c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";
            while (sysread $c, my $piece, 65536) { my $at = 0; $at += syswrite $c, $piece, 65536, $at while $at < length $piece }
        }, fork => 1)' &
    wait_for test -S echo.sock
}
RUN
});

run_tests();

__DATA__

=== TEST 1: a hundred megabytes are put and come back, in both ways to make records
--- http_config
    client_max_body_size 0;
    server { listen unix:$TEST_NGINX_SERVROOT/up.sock; location / { dav_methods PUT; } }
--- records_site
    location / { dav_methods PUT; }
    location /up/ { proxy_request_buffering off; proxy_http_version 1.1; proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock; }
--- run
make_file big 100000000
mkdir html/up
sha html/big >sum
for port in "$PORT" "$PORT2"; do
    for http in --http1.1 --http2; do
        PORT=$port tls_code localhost /up/got $http -T html/big
        sha html/up/got | cmp - sum && echo "$http up"
        rm html/up/got
    done
    PORT=$port tls_code localhost /put --http1.1 --tls-max 1.2 -T html/big
    sha html/put | cmp - sum && echo 1.2 up
    PORT=$port tls_get localhost /put --http2 --tls-max 1.2 | sha | cmp - sum && echo 1.2 down
    rm html/put
done
--- out
201
--http1.1 up
201
--http2 up
201
1.2 up
1.2 down
201
--http1.1 up
201
--http2 up
201
1.2 up
1.2 down

=== TEST 2: ranges
--- site
    sendfile on;
    location / { }
    location /threads/ { aio threads; alias $TEST_NGINX_SERVROOT/html/; }
    location /small/ { output_buffers 2 5k; alias $TEST_NGINX_SERVROOT/html/; }
--- run
make_file file 3000000
ranges() { # PATH HTTP
    local range
    for range in 0-0 16383-16384 16384-32767 2999999- -1 100-2000000 3000000- 0-2999999 5-1; do
        tls_get localhost "$1file" "$2" -r $range -w '%{http_code} %header{content-range} %{size_download}\n' -o part
        sha part
    done
    # Many, of which each begins and ends somewhere. The line between two is another each time.
    tls_get localhost "$1file" "$2" -r 0-0,16000-17000,5-5,100000-900000,-70000,2000000-2999999 | sed 's/^--[0-9]*/--/' | sha
}
visit() {
    local http path
    for http in --http1.1 --http2; do
        for path in / /threads/ /small/; do
            ranges $path $http >"ranges.$SIDE.${path//\//}.$http"
            cmp "ranges.$SIDE.${path//\//}.$http" "ranges.$SIDE..--http1.1" && echo "$http $path"
        done
    done
    grep -c '^206 ' "ranges.$SIDE..--http1.1"
}
both visit
[ "$NOSSL" = 1 ] || cmp ranges.tls..--http1.1 ranges.ssl..--http1.1
--- out
--http1.1 /
--http1.1 /threads/
--http1.1 /small/
--http2 /
--http2 /threads/
--http2 /small/
7

=== TEST 3: a reader that stops gets the rest when it goes on, or an end when it takes too long
--- listen: sndbuf=8k
--- site
    sendfile on;
    location / { }
    location /threads/ { aio threads; alias $TEST_NGINX_SERVROOT/html/; }
    location /impatient/ { send_timeout 300ms; alias $TEST_NGINX_SERVROOT/html/; }
--- run
make_file file 700000
visit() {
    client -e '
        # What stands in the socket grows no more.
        sub stall { my ($s) = @_; my ($before, $now) = (-1, 0); while ($before != $now) { $before = $now; select undef, undef, undef, 0.1; my $size = pack "i", 0; ioctl $s, 0x541b, $size; $now = unpack "i", $size } }
        my $late = 0;
        for my $version (qw(TLSv1_2 TLSv1_3)) {
            for my $path (qw(/file /threads/file)) {
                my $s = tls($ENV{AT}, version => $version, rcvbuf => 4096);
                send_all($s, "GET $path HTTP/1.1\r\nHost: h\r\n\r\n");
                my $got = "";
                while (length $got < 700_000) {
                    stall($s) if !(length($got) % 20) && length($got) < 100_000;
                    sysread $s, $got, 10_000 + length($got) / 3, length $got or last;
                }
                $got =~ s/^.*?\r\n\r\n//s;
                sysread $s, $got, 700_000 - length $got, length $got or last while length $got < 700_000;
                print $got eq slurp("html/file") ? "whole\n" : "broken\n";
            }
            my $s = tls($ENV{AT}, version => $version, rcvbuf => 4096);
            send_all($s, "GET /impatient/file HTTP/1.1\r\nHost: h\r\n\r\n");
            $late++;
            await { (() = slurp($ENV{ERROR_LOG}) =~ /client timed out/g) >= $late };
            my $end = ending($s);
            my $size = length end_of($s);
            print $size < 700_000 ? "not all, " : "$size, ", "$end\n";
        }'
    : >"$ERROR_LOG"
}
both visit
--- out
whole
whole
not all, eof
whole
whole
not all, eof

=== TEST 4: sockets that take little in both directions
--- listen: sndbuf=2k rcvbuf=2k
--- site
    client_max_body_size 0;
    location / { }
    location /put/ { dav_methods PUT; root $TEST_NGINX_SERVROOT/html; }
    location /echo {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/echo.sock;
    }
--- run
make_file file 60000
mkdir html/put
echo_server
visit() {
    client -e '
        for my $version (qw(TLSv1_2 TLSv1_3)) {
            my $file = slurp("html/file");
            my $s = tls($ENV{AT}, version => $version, rcvbuf => 2048);
            unlink "html/put/got";
            send_all($s, "PUT /put/got HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n$file");
            print response($s)->{status}, " ", slurp("html/put/got") eq $file ? "whole\n" : "broken\n";
            print get($s, "/file")->{body} eq $file ? "whole\n" : "broken\n";
            # Much in both directions at once, in pieces of every size.
            print get($s, "/echo", "Connection: upgrade\r\nUpgrade: echo\r\n")->{status}, "\n";
            my ($sent, $got, $step) = (0, "", 1);
            $s->blocking(0);
            my $select = IO::Select->new($s);
            while (length $got < length $file) {
                # A piece that was not taken is given again.
                my $wrote = $sent < length $file ? syswrite($s, $file, $step, $sent) : 0;
                if ($wrote) { $sent += $wrote; $step = $step * 2 % 30011 }
                my $read = sysread $s, $got, 5000, length $got;
                last if defined $read && $read == 0;
                $sent < length $file ? IO::Select::select($select, $select, undef, 1) : $select->can_read(1) if !$wrote && !$read && !$s->pending;
            }
            print $got eq $file ? "all came back\n" : "lost\n";
        }'
}
both visit
--- out
201 whole
whole
101
all came back
201 whole
whole
101
all came back

=== TEST 5: rates, of what comes from upstreams, files and threads
--- http_config
    server { listen unix:$TEST_NGINX_SERVROOT/up.sock; location / { } }
--- site
    sendfile on;
    limit_rate 300k;
    location / { }
    location /threads/ { aio threads; alias $TEST_NGINX_SERVROOT/html/; }
    location /up/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
--- run
# nginx counts whole seconds and lets the first one's worth go at once: three of them take more than one, whenever it begins.
make_file file 900000
slow() { # PATH HTTP
    local file="got.$SIDE.${1//\//}.$2"
    if awk -v t="$(tls_get localhost "$1" "$2" -o "$file" -w '%{time_total}')" 'BEGIN { exit !(t > 1 && t < 20) }'; then
        echo "$2 $1 held"
    else
        echo "$2 $1 free"
    fi
    cmp "$file" html/file
}
visit() {
    local http path
    # Side by side: it is time that they take.
    for http in --http1.1 --http2; do
        for path in /file /threads/file /up/file; do
            slow $path $http >"said.$SIDE.${path//\//}.$http" &
        done
    done
    wait $(jobs -p | tail -n 6)
    cat said.$SIDE.*
}
both visit
--- out
--http1.1 /file held
--http2 /file held
--http1.1 /threads/file held
--http2 /threads/file held
--http1.1 /up/file held
--http2 /up/file held

=== TEST 6: upgraded, a slow reader: what one call does not take goes out behind it
--- listen: sndbuf=2k
--- records_site
    location / {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_buffer_size 80k;
        proxy_buffers 4 80k;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/burst.sock;
    }
--- run
make_file file 150000
client -e '
    upstream("burst.sock", sub {
        my ($c) = @_;
        send_all($c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: burst\r\n\r\n" . slurp("html/file"));
        open my $sent, ">", "sent" or die $!;
        # Nothing more: what is left lying in nginx stays there.
        sysread $c, my $more, 1;
    })' &
wait_for test -S burst.sock
for port in "$PORT" "$PORT2"; do
    PORT=$port client -e '
        for my $version (qw(TLSv1_2 TLSv1_3)) {
            unlink "sent";
            my $s = tls($ENV{AT}, version => $version, rcvbuf => 2048);
            send_all($s, "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: burst\r\n\r\n");
            # nginx has all that its buffer takes by then.
            await(sub { -e "sent" });
            my $got = "";
            1 while ($got !~ /\r\n\r\n(.*)/s || length $1 < 150000) && sysread $s, $got, 65536, length $got;
            print $got =~ /\r\n\r\n(.*)/s && $1 eq slurp("html/file") ? "whole\n" : "broken\n";
        }'
done
--- out
whole
whole
whole
whole

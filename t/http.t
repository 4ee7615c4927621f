# Requests over TLS behave as they do behind nginx's own ssl: one site is served by both, and `both` says what differs.
# packages: nghttp2-client
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

=== TEST 6: every end of a connection is told with close_notify
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

=== TEST 7: openssl sees the close_notify of an idle connection
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

=== TEST 8: an unread body does not take the answer away
--- site
    client_max_body_size 0;
    lingering_timeout 200ms;
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
        }'
}
# Whether close_notify still goes out behind a half-closed connection depends on nginx's version.
both visit | sed 's/, [a-z_]*$//'
--- out
lingering 403 whole, 183 sent
always 403 whole, 183 sent
toolarge 413 whole, 183 sent

=== TEST 9: limit_rate holds back, limit_rate_after does not
--- site
    # One buffer for all of it: what is held back is held back by the write itself.
    location /slow { limit_rate 100k; output_buffers 1 512k; alias $TEST_NGINX_SERVROOT/html/file; }
    location /after { limit_rate 100k; limit_rate_after 200k; alias $TEST_NGINX_SERVROOT/html/file; }
    location /variable { set $limit_rate 100k; alias $TEST_NGINX_SERVROOT/html/file; }
--- run
make_file file 204800
# Two seconds' worth; the first second's part goes out at once.
slow() {
    if awk -v t="$(tls_get localhost "$1" "$2" -o "got.$SIDE" -w '%{time_total}')" 'BEGIN { exit !(t >= 0.9 && t < 8) }'; then
        echo held
    else
        echo free
    fi
    cmp "got.$SIDE" html/file
}
visit() { slow /slow --http1.1; slow /slow --http2; slow /variable --http1.1; slow /after --http1.1; }
both visit
--- out
held
held
held
free

=== TEST 10: large files, whichever way nginx reads and writes them
--- http_config
    upstream up { server unix:$TEST_NGINX_SERVROOT/up.sock; }
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        location / { }
    }
--- listen: sndbuf=8k
--- site
    location / { }
    location /sendfile/ { sendfile on; alias $TEST_NGINX_SERVROOT/html/; }
    location /chunks/ { sendfile on; sendfile_max_chunk 50k; alias $TEST_NGINX_SERVROOT/html/; }
    location /threads/ { sendfile on; aio threads; alias $TEST_NGINX_SERVROOT/html/; }
    location /directio/ { directio 1m; output_buffers 4 64k; alias $TEST_NGINX_SERVROOT/html/; }
    location /buffers/ { output_buffers 3 7k; alias $TEST_NGINX_SERVROOT/html/; }
    location /proxied/ { proxy_pass http://up/; }
    location /disk/ { proxy_buffers 2 4k; proxy_busy_buffers_size 4k; proxy_pass http://up/; }
    location /unbuffered/ { proxy_buffering off; proxy_pass http://up/; }
--- run
make_file big 30000000
sha html/big >sum
visit() {
    local way http
    for http in --http1.1 --http2; do
        for way in / /sendfile/ /chunks/ /threads/ /directio/ /buffers/ /proxied/ /disk/ /unbuffered/; do
            tls_get localhost "${way}big" "$http" | sha | cmp - sum && echo "$http $way"
        done
    done
}
both visit
--- out
--http1.1 /
--http1.1 /sendfile/
--http1.1 /chunks/
--http1.1 /threads/
--http1.1 /directio/
--http1.1 /buffers/
--http1.1 /proxied/
--http1.1 /disk/
--http1.1 /unbuffered/
--http2 /
--http2 /sendfile/
--http2 /chunks/
--http2 /threads/
--http2 /directio/
--http2 /buffers/
--http2 /proxied/
--http2 /disk/
--http2 /unbuffered/

=== TEST 11: tls_buffer_size, seen in the records
--- site
    tls_buffer_size 1k;
    location / { }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        tls_buffer_size 4k;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/b.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/b.test.key;
        tls_buffer_size 64k;
    }
--- run
make_file big 10000000
sha html/big >sum
# The longest record that carries data, and whether the file is whole. AES-GCM of TLS 1.2 adds 24 bytes to each.
longest() {
    printf 'GET /big HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" |
        s_client -tls1_2 -cipher ECDHE+AESGCM -servername "$1" -ign_eof -msg |
        sed -n 's/^<<< TLS 1.2, RecordHeader.*//;s/^    17 03 03 \(..\) \(..\)$/\1\2/p' | sort | tail -n 1 | { read -r hex; echo $((16#$hex - 24)); }
    tls_get "$1" /big | sha | cmp - sum
}
both longest localhost
longest a.test
longest b.test
--- out
1024
4096
16384

=== TEST 12: a slow reader gets all of it
--- listen: sndbuf=4k
--- site
    location / { }
    location /threads { aio threads; sendfile on; alias $TEST_NGINX_SERVROOT/html/file; }
--- run
make_file file 1000000
visit() {
    client -e '
        for my $path (qw(/file /threads)) {
            my $s = tls($ENV{AT}, rcvbuf => 2048);
            print get($s, $path, "", step => 500)->{body} eq slurp("html/file") ? "whole\n" : "broken\n";
            print get($s, $path, "", step => 500)->{body} eq slurp("html/file") ? "whole\n" : "broken\n";
        }'
}
both visit
--- out
whole
whole
whole
whole

=== TEST 13: gzip, chunks and subrequests
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        location / { return 200 "upstream $uri\n"; }
    }
--- site
    location /text { default_type text/plain; gzip on; gzip_types text/plain; alias $TEST_NGINX_SERVROOT/html/text; }
    location /ssi { ssi on; ssi_types *; alias $TEST_NGINX_SERVROOT/html/ssi; }
    location /wait { ssi on; ssi_types *; alias $TEST_NGINX_SERVROOT/html/wait; }
    location /part { return 200 "part $arg_n $scheme\n"; }
    location /large { alias $TEST_NGINX_SERVROOT/html/text; }
    location /up { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock; }
--- run
seq 300000 >html/text
for n in $(seq 30); do
    printf '<!--# include virtual="/part?n=%d" --><!--# include virtual="/up/%d" -->' "$n" "$n"
done >html/ssi
printf 'a<!--# include virtual="/large" wait="yes" -->b<!--# include virtual="/up/x" -->c' >html/wait
{ printf 'a'; cat html/text; printf 'bupstream /up/x\nc'; } >wait.expected
for n in $(seq 30); do printf 'part %d https\nupstream /up/%d\n' "$n" "$n"; done >ssi.expected
visit() {
    local http
    exec 3>&1
    for http in --http1.0 --http1.1 --http2; do
        tls_get localhost /text $http --compressed -w '%{stderr}content: %header{content-encoding}\n' 2>&3 | cmp - html/text
        tls_get localhost /ssi $http | cmp - ssi.expected
        tls_get localhost /wait $http | cmp - wait.expected
        tls_get localhost /wait $http --raw -o /dev/null -w 'transfer: %header{transfer-encoding}\n'
    done
}
both visit
--- out
content: 
transfer: 
content: gzip
transfer: chunked
content: gzip
transfer: 

=== TEST 14: uploads
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        client_max_body_size 0;
        dav_methods PUT;
        location / { root $TEST_NGINX_SERVROOT/html/store; }
    }
--- site
    client_max_body_size 0;
    location / { dav_methods PUT; root $TEST_NGINX_SERVROOT/html/store; }
    location /memory/ { client_body_buffer_size 40m; dav_methods PUT; root $TEST_NGINX_SERVROOT/html/store; }
    location /proxied/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock; }
    location /unbuffered/ {
        proxy_request_buffering off;
        proxy_http_version 1.1;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock;
    }
--- run
mkdir -p html/store/memory html/store/proxied html/store/unbuffered
make_file big 30000000
visit() {
    local way http
    for http in --http1.1 --http2; do
        for way in / /memory/ /proxied/ /unbuffered/; do
            rm -f "html/store${way}got"
            tls_code localhost "${way}got" "$http" -T html/big | tr '\n' ' '
            cmp "html/store${way}got" html/big && echo "$http $way"
        done
        # Chunks of HTTP/1.1, or no length in HTTP/2.
        rm -f html/store/proxied/got
        tls_code localhost /proxied/got "$http" -T - <html/big
        cmp html/store/proxied/got html/big
    done
}
both visit
--- out
201 --http1.1 /
201 --http1.1 /memory/
201 --http1.1 /proxied/
201 --http1.1 /unbuffered/
201
201 --http2 /
201 --http2 /memory/
201 --http2 /proxied/
201 --http2 /unbuffered/
201

=== TEST 15: a connection that is upgraded carries bytes both ways
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
    my $listen = IO::Socket::UNIX->new(Local => "echo.sock", Listen => 5);
    while (my $c = $listen->accept) {
        my $head = "";
        sysread $c, $head, 4096, length $head until $head =~ /\r\n\r\n/;
        syswrite $c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: $1\r\n\r\nhello" if $head =~ /^Upgrade: (\S+)/m;
        while (sysread $c, my $piece, 65536) {
            send_all($c, $piece);
            last if $piece =~ /end$/;
        }
    }' &
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

=== TEST 16: clients that go away
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
client -e 'my $listen = IO::Socket::UNIX->new(Local => "never.sock", Listen => 50); my @c; push @c, $_ while $_ = $listen->accept' &
wait_for test -S never.sock
log_lines() { [ "$(grep -c "$1" "$SERVROOT/logs/away.log")" -eq "$2" ]; }
visit() {
    : >"$SERVROOT/logs/away.log"
    client -e '
        my $request = sub { my $s = tls($ENV{AT}); send_all($s, "GET $_[0] HTTP/1.1\r\nHost: h\r\n\r\n"); $s };
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

=== TEST 17: many HTTP/2 streams
--- site
    http2_max_concurrent_streams 200;
    location / { add_header X-Connection $connection; }
    location /small { return 200 "small $arg_n $connection\n"; }
--- run
make_file part 300000
sha html/part >sum
many() {
    # 60 files at once on one connection.
    tls_get localhost '/part?[1-60]' --http2 --parallel --parallel-max 60 -o "got.$SIDE.#1" -D - |
        tr -d '\r' | grep -i x-connection | sort | uniq -c | awk '{ print $1, "answers on a connection" }'
    sha "got.$SIDE".* | sort | uniq -c | awk '{ print $1, "files alike" }'
    sha "got.$SIDE.1" | cmp - sum
    rm -f "got.$SIDE".*
    h2load -n 5000 -c 5 -m 100 "https://127.0.0.1:$PORT/small" | grep '^requests:'
    h2load -n 300 -c 3 -m 50 "https://127.0.0.1:$PORT/part" | grep '^requests:'
    h2load -n 2000 -c 10 -m 1 --h1 "https://127.0.0.1:$PORT/small" | grep '^requests:'
}
both many
--- out
60 answers on a connection
60 files alike
requests: 5000 total, 5000 started, 5000 done, 5000 succeeded, 0 failed, 0 errored, 0 timeout
requests: 300 total, 300 started, 300 done, 300 succeeded, 0 failed, 0 errored, 0 timeout
requests: 2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout

=== TEST 18: an idle HTTP/2 connection ends with GOAWAY and close_notify
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

=== TEST 19: renegotiation is refused
--- site
    location / { return 200 "body"; }
--- run
visit() {
    # s_client ends with an error of its own when the server says no_renegotiation.
    { printf 'R\n'; cat; } < <(client -e 'select undef, undef, undef, 1') |
        s_client -tls1_2 | grep -oE 'RENEGOTIATING|no renegotiation|^Secure Renegotiation IS' | sort -u || true
}
both visit
--- out
RENEGOTIATING
Secure Renegotiation IS
no renegotiation

=== TEST 20: the client changes its keys, and asks for the server's, in the middle of transfers
--- site
    keepalive_requests 1000;
    location / { }
--- run
make_file file 2000000
visit() {
    # s_client takes a piece of input that begins with K or k as a command. Each is sent when the one before was seen.
    client -e '
        use IPC::Open3;
        my $pid = open3(my $in, my $out, undef, qw(openssl s_client -tls1_3 -connect), $ENV{AT});
        my ($all, $updates) = ("", 0);
        my $until = sub { my ($condition) = @_; until ($condition->()) { sysread $out, $all, 65536, length $all or last } };
        my $update = sub { my $seen = () = $all =~ /KEYUPDATE/g; syswrite $in, "$_[0]\n"; $until->(sub { (() = $all =~ /KEYUPDATE/g) > $seen }); $updates++ };
        my $request = "GET /file HTTP/1.1\r\nHost: h\r\n\r\n";
        $until->(sub { $all =~ /^---\n$/m && $all =~ /Verify return code/ });
        my $files = 0;
        for my $round (1 .. 5) {
            $update->("k");
            $all = "";
            syswrite $in, $request;
            # Ask for new keys of the server while it sends.
            $until->(sub { length $all > 200_000 });
            $update->("K");
            $update->("k");
            my $want = slurp("html/file");
            $until->(sub { (my $text = $all) =~ s/KEYUPDATE\n//g; $text =~ /\r\n\r\n/ && length($text) - $+[0] >= length $want });
            (my $text = $all) =~ s/KEYUPDATE\n//g;
            $text =~ s/^.*?\r\n\r\n//s;
            $files++ if index($text, $want) == 0;
        }
        print "$updates updates, $files files\n";
        kill TERM => $pid;'
}
both visit
--- out
15 updates, 5 files

=== TEST 21: the PROXY protocol's address, by the realip module
--- listen: proxy_protocol
--- site
    set_real_ip_from 127.0.0.1;
    real_ip_header proxy_protocol;
    location / { return 200 "$remote_addr:$remote_port $realip_remote_addr $proxy_protocol_addr $scheme $server_protocol\n"; }
--- run
visit() {
    tls_get localhost / --haproxy-protocol --http1.1 | sed 's/:[0-9]* /:N /'
    client -e '
        my $v1 = "PROXY TCP4 192.0.2.7 192.0.2.8 1111 443\r\n";
        my $v2 = "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" . pack "C8nn", 192, 0, 2, 9, 192, 0, 2, 8, 2222, 443;
        my $v6 = "PROXY TCP6 fd00::1 fd00::2 3333 443\r\n";
        for ($v1, $v2, $v6) { print get(tls($ENV{AT}, preface => $_), "/")->{body} }'
}
both visit
--- out
127.0.0.1:N 127.0.0.1 127.0.0.1 https HTTP/1.1
192.0.2.7:1111 127.0.0.1 192.0.2.7 https HTTP/1.1
192.0.2.9:2222 127.0.0.1 192.0.2.9 https HTTP/1.1
fd00::1:3333 127.0.0.1 fd00::1 https HTTP/1.1

=== TEST 22: what the access log says
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

=== TEST 23: empty records
--- site
    tls_protocols TLSv1;
    tls_ciphers ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0;
    location / { return 200 "$tls_protocol $tls_cipher\n"; }
    location /post { client_max_body_size 0; dav_methods PUT; root html; }
--- run
make_file file 100000
visit() {
    # In TLS 1.0 with CBC, libssl puts an empty record before each one that has data.
    local said
    said=$(printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        s_client -tls1 -cipher ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0 -ign_eof -msg)
    grep -A1 '>>> TLS 1.0, RecordHeader' <<<"$said" | grep -c '17 03 01 00 24$' || true
    grep -o '^TLSv1 ECDHE.*' <<<"$said"
    { printf 'PUT /post HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n'; cat html/file; } |
        s_client -tls1 -cipher ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0 -ign_eof -quiet | grep -o '^HTTP/1.1 20.'
    cmp html/post html/file
    rm html/post
}
both visit
--- out
1
TLSv1 ECDHE-ECDSA-AES128-SHA
HTTP/1.1 201

=== TEST 24: small writes go out at once
--- log_level: debug
--- site
    location / { return 200 "body"; }
    location /off { tcp_nodelay off; return 200 "body"; }
--- run
visit() {
    local before
    : >"$ERROR_LOG"
    client -e 'get(tls($ENV{AT}), "/", "Connection: close\r\n")'
    # The socket is told before the first byte is sent, not only when the connection is kept.
    wait_log 'close http connection'
    grep -oE 'tcp_nodelay|http process request line|http keepalive handler' "$ERROR_LOG" | uniq
}
both visit
--- out
tcp_nodelay
http process request line

=== TEST 25: nginx's own $ssl_ variables keep answering
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

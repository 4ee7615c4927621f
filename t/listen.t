# Every kind of listening address and of accepting from it. Each block starts servers of its own; `both` does it with the
# module and with nginx's own ssl.
use lib 't/lib';
use TestTLS;
use OwnServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: many workers, reuseport, accept_mutex, multi_accept
--- run
make_file load 20000
many() {
    main='worker_processes 4;'
    events=$1
    { server "127.0.0.1:$PORT$2" 'keepalive_timeout 0; location = /pid { return 200 "$pid\n"; } location / { root '"$SERVROOT/html"'; }'; } | configure m
    start m
    start_load 4
    for _ in $(seq 40); do tls_get localhost /pid; done >pids
    load_result
    reload_of m
    tls_code localhost /load
    sort -u pids | wc -l | awk '{ print ($1 > 1 ? "several workers" : "one worker") }'
    finish m
}
both many 'worker_connections 256;' ' reuseport'
many 'worker_connections 256; accept_mutex on; multi_accept on;' '' | head -n 2
many 'worker_connections 256; accept_mutex on;' ' deferred' | head -n 2
many 'worker_connections 256; multi_accept on;' ' reuseport deferred' | head -n 2
--- out
many good, 0 bad
200
several workers
many good, 0 bad
200
many good, 0 bad
200
many good, 0 bad
200

=== TEST 2: deferred accept
--- run
deferred() {
    main='worker_processes 1;'
    {
        server "127.0.0.1:$PORT deferred" 'return 200 "served\n";'
        printf 'server { listen 127.0.0.1:%s; location / { stub_status; } }\n' "$PLAIN_PORT"
    } | configure d
    start d
    client -e '
        my $plain = "127.0.0.1:$ENV{PLAIN_PORT}";
        my $silent = tcp($ENV{AT});
        # The kernel holds a silent connection back: the worker has only the one that asks.
        print get(tcp($plain), "/", "Connection: close\r\n")->{body} =~ /Active connections: (\d+)/, " active\n";
        print get(tls($ENV{AT}), "/")->{body} for 1 .. 3;
        # Byte by byte: only the first byte comes with the accept.
        my ($s, $answer) = tcp($ENV{AT});
        syswrite $s, $_ for split //, hello("localhost");
        print sysread($s, $answer, 5) ? "answer " . ord($answer) . "\n" : "end\n";
        # Its end comes with the accept.
        $s = tcp($ENV{AT}); shutdown $s, SHUT_WR; print ending($s), "\n";
        my $late = tls($ENV{AT}, may_fail => 1); print get($late, "/")->{body}'
    tls_get localhost / --http1.0
    finish d
}
both deferred
--- out
1 active
served
served
served
answer 22
eof
served
served

=== TEST 3: unix sockets
--- run
socket() {
    main='worker_processes 1;'
    {
        server "unix:$life/tls.sock $TEST_NGINX_H2_LISTEN" "$TEST_NGINX_H2_ON"' location = /r { return 301 /x; } return 200 "$scheme $server_protocol $remote_addr $server_addr\n";'
    } | sed 's/ return 200/ location \/ { return 200/; s/\(server_addr.n";\)/\1 }/' | configure s
    start s
    tls_get localhost / --unix-socket "$life/tls.sock"
    tls_get localhost / --http1.1 --unix-socket "$life/tls.sock" | sed "s,$SERVROOT,ROOT,"
    tls_get localhost /r --http1.1 --unix-socket "$life/tls.sock" -o /dev/null -w '%header{location}\n'
    AT=unix:$life/tls.sock client -e 'my $s = tls($ENV{AT2} = "unix:$ENV{SERVROOT}/html/life/tls.sock"); print get($s, "/", "Connection: close\r\n")->{status}, " ", ending($s), "\n"'
    reload_of s
    tls_code localhost / --unix-socket "$life/tls.sock"
    finish s
    [ ! -e "$life/tls.sock" ] && echo removed
}
both socket | sed "s,$SERVROOT,ROOT,"
--- out
https HTTP/2.0 unix: unix:ROOT/html/life/tls.sock
https HTTP/1.1 unix: unix:ROOT/html/life/tls.sock
https://localhost/x
200 close_notify
200
removed

=== TEST 4: IPv6, alone and with IPv4 on one socket
--- run
v6() {
    main='worker_processes 1;'
    {
        server "[::1]:$PORT" 'return 200 "six $scheme $remote_addr\n";'
        server "[::]:$PORT2 ipv6only=off" 'return 200 "both $scheme $remote_addr\n";'
    } | configure v
    [ "${SIDE:-tls}" = tls ] || sed -i "s/:$PORT2:/:$PORT:/" "$life/v.conf"
    start v
    curl -q -sS --max-time 30 --cacert "$CERTS/ca.crt" "https://[::1]:$1/"
    curl -q -sS --max-time 30 --cacert "$CERTS/ca.crt" "https://[::1]:$2/"
    curl -q -sS --max-time 30 --cacert "$CERTS/ca.crt" "https://127.0.0.1:$2/"
    finish v
}
one_side() { PORT2=$PLAIN_PORT; v6 "$PORT" "$PLAIN_PORT"; }
both one_side
--- out
six https ::1
both https ::1
both https ::ffff:127.0.0.1

=== TEST 5: several addresses on one wildcard socket, ours and others
--- run
{
    server "$PORT" 'return 200 "any $scheme\n";'
    server "127.0.0.2:$PORT" 'return 200 "two $scheme\n";'
    printf 'server { listen 127.0.0.3:%s; return 200 "three $scheme\\n"; }\n' "$PORT"
} | configure a
start a
for address in 127.0.0.1 127.0.0.2 127.0.0.3; do
    curl -q -sS --max-time 30 --cacert "$CERTS/ca.crt" --connect-to "localhost:$PORT:$address:$PORT" "https://localhost:$PORT/" 2>/dev/null || echo "$address: no TLS"
    curl -q -sS --max-time 30 -o /dev/null -w '%{http_code}\n' "http://$address:$PORT/"
done
finish a
--- out
any https
400
two https
400
127.0.0.3: no TLS
200

=== TEST 6: a handshake that the socket does not take at once
--- run
cat "$CERTS/localhost.crt" >"$life/long.crt"
for _ in $(seq 60); do cat "$CERTS/intermediate.crt"; done >>"$life/long.crt"
cp "$CERTS/localhost.key" "$life/long.key"
slow() {
    main='worker_processes 1;'
    { CERTS=$life server "127.0.0.1:$PORT sndbuf=2k" 'client_header_timeout 3s; return 200 "served\n";' long; } | configure l
    start l
    client -e '
        for my $version (qw(TLSv1_2 TLSv1_3)) { print get(tls($ENV{AT}, version => $version, rcvbuf => 2048), "/")->{body} }
        # Who takes nothing of it is not waited for longer than for anything else.
        my $s = tcp($ENV{AT}, rcvbuf => 2048);
        send_all($s, hello("localhost"));
        print await { !kill(0, 0) || slurp("$ENV{SERVROOT}/html/life/l.log") =~ /client timed out/ } ? "timed out\n" : "waited\n";
        my $reader = tls($ENV{AT}); print get($reader, "/")->{body}'
    finish l
    : >"$life/l.log"
}
both slow
--- out
served
served
timed out
served

# The life of the process: start, reload, upgrade, shutdown, and how connections fare meanwhile. Each block starts
# servers of its own; `both` does it with the module and with nginx's own ssl.
use lib 't/lib';
use TestTLS;

add_block_preprocessor(sub {
    my ($block) = @_;
    my $start = ". '$ENV{T_LIB}/two_servers.sh'; . '$ENV{T_LIB}/life.sh'\n";
    $block->set_value(run => $start . $block->run . "\ngrave " . ($block->may_be_grave // '') . "\n");
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: nginx -t
--- run
check() {
    { server "127.0.0.1:$PORT" 'return 200 "served\n";'; } | configure t
    nginx t -t 2>&1 | sed 's/.*: //; s/ .*life.t\.conf / FILE /'
    # It opens no port and leaves nothing behind.
    client -e 'print tcp($ENV{AT}, may_fail => 1) ? "open\n" : "closed\n"'
    # While a server runs, it does not disturb it.
    start t
    tls_get localhost / | tee first
    before=$(workers_of t)
    nginx t -t 2>/dev/null && tls_get localhost /
    [ "$before" = "$(workers_of t)" ] && echo same workers
    finish t
}
both check
--- out_like
syntax is ok
test is successful
^closed
^served\nserved\nsame workers
--- out_unlike
^open
the module:

=== TEST 2: reload under load
--- run
make_file load 20000
reloads() {
    main='worker_processes 4;'
    { server "127.0.0.1:$PORT" 'location / { root '"$SERVROOT/html"'; }'; } | configure r
    start r
    start_load 4
    for _ in 1 2 3 4 5; do reload_of r; done
    load_result
    finish r
}
both reloads
--- out
many good, 0 bad

=== TEST 3: a binary upgrade under load
--- run
make_file load 20000
# The new master is the old one's child, too.
old_gone() { [ -z "$(pgrep -P "$1" -f 'nginx: worker process')" ]; }
new_master() { [ -s "$life/u.pid.oldbin" ] && [ -s "$life/u.pid" ] && [ "$(pid u)" != "$1" ] && [ -n "$(workers_of u)" ]; }
upgrade() {
    { server "127.0.0.1:$PORT" 'location / { root '"$SERVROOT/html"'; }'; } | configure u
    start u
    start_load 4
    old=$(pid u)
    kill -USR2 "$old"
    wait_for new_master "$old" && echo two masters
    kill -WINCH "$old"
    wait_for old_gone "$old" && echo old workers gone
    kill -QUIT "$old"
    wait_for gone "$old" && echo old master gone
    load_result
    tls_code localhost /load
    # And once more on what was inherited.
    reload_of u
    tls_code localhost /load
    finish u
}
both upgrade
--- out
two masters
old workers gone
old master gone
many good, 0 bad
200
200

=== TEST 4: a graceful shutdown waits for what is going on
--- run
make_file slow 400000
sha html/slow >sum
quit() {
    { server "127.0.0.1:$PORT $TEST_NGINX_H2_LISTEN" "$TEST_NGINX_H2_ON"' location / { root '"$SERVROOT/html"'; limit_rate 200k; }'; } | configure q
    start q
    local master
    master=$(pid q)
    local workers
    workers=$(workers_of q)
    tls_get localhost /slow --http1.1 -o one.part & one=$!
    tls_get localhost /slow --http2 -o two.part & two=$!
    wait_for test -s one.part
    wait_for test -s two.part
    kill -QUIT "$master"
    # Nobody new comes in.
    client -e 'await { !tcp($ENV{AT}, may_fail => 1) } and print "closed\n"'
    wait $one && sha one.part | cmp - sum && echo one whole
    wait $two && sha two.part | cmp - sum && echo two whole
    rm -f one.part two.part
    wait_for gone "$master"
    echo gone
}
both quit
--- out
closed
one whole
two whole
gone

=== TEST 5: a shutdown or a reload with handshakes half-way
--- run
half() {
    main='worker_processes 1;'
    { server "127.0.0.1:$PORT" 'client_header_timeout 8s; return 200 "served";'; } | configure h
    local signal
    for signal in QUIT HUP; do
        start h
        LOG=$life/h.log MASTER=$(pid h) SIGNAL=$signal client -e '
            my $hello = hello("localhost");
            my %connection = map { $_ => tcp($ENV{AT}) } qw(silent half idle);
            send_all($connection{half}, substr $hello, 0, 100);
            # These follow the others through the same worker: when they are answered, those have been accepted.
            $connection{idle} = tls($ENV{AT});
            get($connection{idle}, "/");
            kill $ENV{SIGNAL} => $ENV{MASTER};
            await { slurp($ENV{LOG}) =~ /gracefully shutting down/ } or print "no end\n";
            print "idle: ", ending($connection{idle}), "\n";
            # The worker waits for a handshake that has begun; what does it answer to its rest?
            my $answer = "";
            send_all($connection{half}, substr $hello, 100);
            print "half: ", (sysread($connection{half}, $answer, 1) ? "answer " . ord $answer : "end"), "\n";
            # Newer versions of nginx end a silent connection here, older ones still serve it.
            send_all($connection{silent}, $hello);
            print "silent: ", (sysread($connection{silent}, $answer, 1) ? "answer " . ord $answer : "end"), "\n";'
        if [ $signal = HUP ]; then tls_code localhost /; kill -QUIT "$(pid h)"; fi
        wait_for gone_file && echo gone
        : >"$life/h.log"
    done
}
gone_file() { [ ! -e "$life/h.pid" ]; }
both half | grep -v ^silent
--- out
idle: close_notify
half: answer 22
gone
idle: close_notify
half: answer 22
200
gone

=== TEST 6: worker_shutdown_timeout
--- run
make_file slow 1000000
timeout_ends() {
    main='worker_processes 1; worker_shutdown_timeout 300ms;'
    { server "127.0.0.1:$PORT $TEST_NGINX_H2_LISTEN" "$TEST_NGINX_H2_ON"' location / { root '"$SERVROOT/html"'; limit_rate 1k; }'; } | configure w
    start w
    master=$(pid w)
    tls_get localhost /slow --http1.1 -o one.part & one=$!
    tls_get localhost /slow --http2 -o two.part & two=$!
    wait_for test -s one.part
    wait_for test -s two.part
    # nginx itself would let a half hello wait for client_header_timeout, and the process with it.
    MASTER=$master client -e '
        my $half;
        if ($ENV{SIDE} eq "tls") { $half = tcp($ENV{AT}); send_all($half, substr hello(), 0, 50) }
        get(tls($ENV{AT}), "/none");
        kill QUIT => $ENV{MASTER};
        print STDERR "the half hello was not ended\n" if $half && ending($half) ne "eof"' 2>&1
    wait $one || echo one broken off
    wait $two || echo two broken off
    wait_for gone "$master" && echo gone
    rm -f one.part two.part
}
both timeout_ends
--- out
one broken off
two broken off
gone

=== TEST 7: idle and silent connections give way to new ones
--- run
crowd() {
    main='worker_processes 1;'
    events='worker_connections 40;'
    { server "127.0.0.1:$PORT" 'keepalive_timeout 60s; client_header_timeout 60s; return 200 "served";'; } | configure c
    start c
    KIND=$1 client -e '
        my $hello = hello("localhost");
        my (@crowd, $served);
        if ($ENV{KIND} eq "half") {
            @crowd = map { tcp($ENV{AT}) } 1 .. 20;
            send_all($_, substr $hello, 0, 60) for @crowd;
            # When this is answered, those have been read.
            get(tls($ENV{AT}), "/");
        }
        for (1 .. 100) {
            my $s = $ENV{KIND} eq "idle" ? tls($ENV{AT}, may_fail => 1) : tcp($ENV{AT});
            get($s, "/") if $s && $ENV{KIND} eq "idle";
            push @crowd, $s;
        }
        for (1 .. 5) {
            my $s = tls($ENV{AT}, may_fail => 1);
            my $response = $s ? get($s, "/") : undef;
            $served++ if $response && $response->{body} eq "served";
        }
        print "$ENV{KIND}: ", $served ? "$served served" : "none served", "\n";
        # Those that had begun a handshake are kept, whatever comes.
        my @ended = grep { $crowd[$_] && has_input($crowd[$_]) } 0 .. $#crowd;
        print @ended >= 60 ? "many were ended" : "only " . @ended . " were ended", ", from $ended[0] on\n"'
    finish c TERM
    logged c 'worker_connections are not enough' && echo warned
}
both crowd silent
both crowd idle
both crowd half
--- may_be_grave: 'worker_connections are not enough'
--- out
silent: 5 served
many were ended, from 0 on
warned
idle: 5 served
many were ended, from 0 on
warned
half: 5 served
many were ended, from 20 on
warned

=== TEST 8: a connection that is recycled in the middle of a PROXY header or of nothing is closed, and counted out
--- run
main='worker_processes 1;'
events='worker_connections 24;'
{
    server "127.0.0.1:$PORT proxy_protocol" 'client_header_timeout 60s; return 200 "served";'
    printf 'server { listen 127.0.0.1:%s; location / { stub_status; } }\n' "$PLAIN_PORT"
} | configure p
start p
client -e '
    my @crowd = map { my $s = tcp($ENV{AT}); $s } 1 .. 60;
    print get(tls($ENV{AT}, preface => "PROXY UNKNOWN\r\n"), "/")->{body}, "\n";
    my $ended = grep { has_input($_) } @crowd;
    print $ended >= 36 ? "ended\n" : "$ended ended\n";
    close $_ for @crowd;
    my $plain = "127.0.0.1:$ENV{PLAIN_PORT}";
    await { get(tcp($plain), "/", "Connection: close\r\n")->{body} =~ /Active connections: 1 / } and print "only its own left\n"'
finish p
--- may_be_grave: 'worker_connections are not enough'
--- out
served
ended
only its own left

=== TEST 9: one process, with master_process off and daemon off
--- run
single() {
    main='master_process off; daemon off;'
    { server "127.0.0.1:$PORT" 'return 200 "one $pid\n";'; } | configure s
    nginx s &
    local pid=$!
    wait_for test -s "$life/s.pid"
    wait_for tls_get localhost /
    [ "$(tls_get localhost /)" = "one $(pid s)" ] && echo served by the only process
    kill -QUIT "$(pid s)"
    wait $pid && echo ended well
}
both single
--- out
served by the only process
ended well

=== TEST 10: reloads that change what is served
--- run
names() { echo | s_client -servername localhost -verify_hostname "$1" | grep 'Verif.* return code' | head -n 1; }
both_names() { printf '%s|%s\n' "$(names localhost)" "$(names a.test)"; }
{ server "127.0.0.1:$PORT" 'return 200 "one\n";'; } | configure c
start c
names localhost
echo "-- another certificate"
{ server "127.0.0.1:$PORT" 'return 200 "two\n";' a.test; } | configure c
reload_of c
names a.test
tls_get a.test /
echo "-- tls off: the address is plain"
printf 'server { listen 127.0.0.1:%s; return 200 "plain $scheme\\n"; }\n' "$PORT" | configure c
reload_of c
plain_get /
handshake
echo "-- on again, on two addresses"
{ server "127.0.0.1:$PORT" 'return 200 "tls $scheme\n";'; server "127.0.0.1:$PORT2" 'return 200 "second $scheme\n";'; } | configure c
reload_of c
tls_get localhost /
PORT=$PORT2 tls_get localhost /
plain_code /
--- out
Verify return code: 0 (ok)
-- another certificate
Verify return code: 0 (ok)
two
-- tls off: the address is plain
plain http
failed
-- on again, on two addresses
tls https
second https
400

=== TEST 11: an address goes over from nginx's own ssl and back, under load
--- skip_nossl
--- run
make_file load 20000
site() { SIDE=$1 server "127.0.0.1:$PORT" 'location / { root '"$SERVROOT/html"'; } location = /who { return 200 "'"$1"' $tls_protocol|$ssl_protocol\n"; }'; }
site ssl | configure x
start x
start_load 4
for side in tls ssl tls; do
    site $side | configure x
    reload_of x
    tls_get localhost /who --tls-max 1.2 | sed 's/|TLSv1.2//;s/TLSv1.2|TLSv1.2/x/'
done
load_result
finish x
--- out
tls TLSv1.2
ssl TLSv1.2
tls TLSv1.2
many good, 0 bad

=== TEST 12: a reload that fails changes nothing
--- run
make_file load 20000
{ server "127.0.0.1:$PORT" 'location / { root '"$SERVROOT/html"'; }'; } | configure b
start b
start_load 4
before=$(workers_of b)
for certificate in missing garbage empty; do
    echo broken >"$life/garbage.crt"; cp "$life/garbage.crt" "$life/garbage.key"; : >"$life/empty.crt"; : >"$life/empty.key"
    CERTS=$life server "127.0.0.1:$PORT" '' $certificate | configure b
    kill -HUP "$(pid b)"
    wait_for logged b "\[emerg\].*$certificate.crt" && echo "$certificate refused"
done
tls_code localhost /load
[ "$before" = "$(workers_of b)" ] && echo same workers
load_result
{ server "127.0.0.1:$PORT" 'return 200 "good again\n";'; } | configure b
reload_of b
tls_get localhost /
finish b
--- may_be_grave: '\[emerg\]'
--- out
missing refused
garbage refused
empty refused
200
same workers
many good, 0 bad
good again

=== TEST 13: loaded and not used, the module changes nothing
--- skip_nossl
--- run
quiet() {
    {
        printf 'server { listen 127.0.0.1:%s; return 200 "plain $scheme\\n"; }\n' "$PLAIN_PORT"
        SIDE=ssl server "127.0.0.1:$PORT2 $TEST_NGINX_H2_LISTEN" "$TEST_NGINX_H2_ON"' return 200 "$scheme $ssl_protocol $ssl_server_name $server_protocol\n"; '
    } | configure n
    # In the end of a process, too, nobody knows it is there.
    [ "$1" = with ] || sed -i '/^load_module .*tls_module/d' "$life/n.conf"
    nginx n -t 2>&1 | grep -v 'syntax is ok\|test is successful'
    start n
    PORT=$PLAIN_PORT plain_get /
    PORT=$PORT2 tls_get localhost /
    PORT=$PORT2 tls_get localhost / --http1.1 --tls-max 1.2
    PORT=$PORT2 plain_get / -o /dev/null -w '%{http_code}\n'
    PORT=$PORT2 raw --hex 00000000000000 --read 2>/dev/null | head -c 100
    reload_of n
    PORT=$PORT2 tls_get localhost /
    finish n
}
quiet with >with.out
quiet without >without.out
diff with.out without.out && cat with.out | head -n 3
--- out
plain http
https TLSv1.3 localhost HTTP/2.0
https TLSv1.2 localhost HTTP/1.1

=== TEST 14: no http block at all
--- run
: | configure e
sed -i '/^http {/,$d' "$life/e.conf"
nginx e -t 2>&1 | grep -c 'test is successful'
start e
reload_of e && echo reloaded
finish e && echo ended
--- out
1
reloaded
ended

=== TEST 15: an http block without servers, and a server without tls in it
--- run
: | configure e
start e
{ server "127.0.0.1:$PORT" 'return 200 "served\n";'; } | configure e
reload_of e
tls_get localhost /
: | configure e
reload_of e
client -e 'print tcp($ENV{AT}, may_fail => 1) ? "open\n" : "closed\n"'
finish e
--- out
served
closed

=== TEST 16: many workers, reuseport, accept_mutex, multi_accept
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

=== TEST 17: deferred accept
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

=== TEST 18: unix sockets
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

=== TEST 19: IPv6, alone and with IPv4 on one socket
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

=== TEST 20: several addresses on one wildcard socket, ours and others
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

=== TEST 21: a handshake that the socket does not take at once
--- run
cat "$CERTS/localhost.crt" >"$life/long.crt"
for _ in $(seq 60); do cat "$CERTS/intermediate.crt"; done >>"$life/long.crt"
cp "$CERTS/localhost.key" "$life/long.key"
slow() {
    main='worker_processes 1;'
    { CERTS=$life server "127.0.0.1:$PORT sndbuf=2k" 'client_header_timeout 1s; return 200 "served\n";' long; } | configure l
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

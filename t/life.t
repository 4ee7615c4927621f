# The life of the process: start, shutdown, and how connections fare meanwhile. Each block starts servers of its own;
# `both` does it with the module and with nginx's own ssl.
use lib 't/lib';
use TestTLS;
use OwnServers;

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

=== TEST 2: a graceful shutdown waits for what is going on
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

=== TEST 3: a shutdown or a reload with handshakes half-way
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

=== TEST 4: worker_shutdown_timeout
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

=== TEST 5: idle and silent connections give way to new ones
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

=== TEST 6: a connection that is recycled in the middle of a PROXY header or of nothing is closed, and counted out
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

=== TEST 7: one process, with master_process off and daemon off
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

=== TEST 8: loaded and not used, the module changes nothing
--- skip_nossl
--- run
quiet() {
    {
        printf 'server { listen 127.0.0.1:%s; return 200 "plain $scheme\\n"; }\n' "$PLAIN_PORT"
        SIDE=ssl server "127.0.0.1:$PORT2 $TEST_NGINX_H2_LISTEN" "$TEST_NGINX_H2_ON"' return 200 "$scheme $ssl_protocol $ssl_server_name $server_protocol\n"; '
    } | configure n
    # In the end of a process, too, nobody knows it is there.
    [ "$1" = with ] || sed -i '/^load_module .*tls_module/d; /^tls_/d' "$life/n.conf"
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

=== TEST 9: no http block at all
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

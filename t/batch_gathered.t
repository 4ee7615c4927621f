# Connections that are gathered with others, and end there in every way and order: closed, reset, half closed, spoiled, out of
# time, or with their worker. The others are answered, nothing is left behind, and no worker dies (any [alert] fails a block).
use lib 't/lib';
use TestTLS;
use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(http_config => <<'HTTP') if defined $block->run;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_signatures_ahead on;
        tls_certificate $TEST_NGINX_CERTS/p384.crt;
        tls_certificate_key $TEST_NGINX_CERTS/p384.key;
        location / { return 200 "$tls_server_name\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/$tls_server_name.crt;
        tls_certificate_key $TEST_NGINX_CERTS/$tls_server_name.key;
        location / { return 200 "$tls_server_name\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name rsa.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_server_name\n"; }
    }
HTTP
    $block->set_value(tls_config => ($block->tls_config // '') . <<'TLS') if defined $block->run;
    tls_signatures_ahead on;
    location / { return 200 "$tls_server_name\n"; }
TLS
    # Asked without TLS: where handshakes have little time, on a busy machine that one might have too little.
    $block->set_value(config => <<'PLAIN') if defined $block->run;
    location = /active { return 200 "$connections_active\n"; }
PLAIN
    $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
# Of P-256, P-384, P-256 by name, and RSA, whose handshakes wait once more for their signature.
gathered() {
    perl "$T_LIB/gathered.pl" "$PORT" localhost a.test b.test rsa.test
}
# Nobody but who asks is connected.
is_alone() {
    [ "$(curl -q -sS --max-time 30 "http://127.0.0.1:$STOCK_PORT/active")" = 1 ]
}
still_there() {
    for name in localhost a.test b.test; do
        tls_get $name /
    done
    # The certificate has other names.
    tls_get rsa.test / -k
}
BASH
});

run_tests();

__DATA__

=== TEST 1: every end of three that came together
--- run
before=$(workers)
gathered
wait_for is_alone
still_there
[ "$(workers)" = "$before" ] && echo same worker
--- out
all answered, all asked for another hello
localhost
a.test
b.test
rsa.test
same worker



=== TEST 2: beside many that are served, with a handshake timeout that most of the late ones reach
--- tls_config
    tls_handshake_timeout 30ms;
--- run
before=$(workers)
for i in 1 2 3; do
    gathered >"$SERVROOT/gathered.$i" &
done
for i in {1..15}; do
    tls_get localhost / -o /dev/null 2>/dev/null || true
done
wait
cat "$SERVROOT"/gathered.* | grep -c answered
wait_for is_alone
[ "$(workers)" = "$before" ] && echo same worker
--- out
3
same worker



=== TEST 3: with fewer places than connections
--- main_config
    worker_rlimit_nofile 60;
--- may_log: alert crit emerg
--- run
before=$(workers)
crowd() {
    perl -MIO::Socket::INET -I"$T_LIB" -MClientHello=make_hello -e '
        my $hello = "\x16\x03\x01" . pack "n/a*", make_hello({sni => "localhost"});
        for (1 .. 20) {
            my @clients = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") } 1 .. 100;
            syswrite $_, $hello for grep { defined } @clients;
        }' "$PORT"
}
crowd
wait_for is_alone
still_there
[ "$(workers)" = "$before" ] && echo same worker
grep -c 'exited on signal' "$ERROR_LOG" || true
--- out
localhost
a.test
b.test
rsa.test
same worker
0



=== TEST 4: reloads and the end of workers meanwhile
--- workers: 2
--- run
for i in 1 2; do
    gathered >"$SERVROOT/gathered.$i" 2>&1 &
done
for i in 1 2 3; do
    reload
done
wait
cat "$SERVROOT"/gathered.* | grep -c answered
still_there
--- out
2
localhost
a.test
b.test
rsa.test



=== TEST 5: places run out while many are gathered: idle connections go, gathered ones do not
--- run
. "$T_LIB/two_servers.sh"
. "$T_LIB/life.sh"
main='worker_processes 1;'
# Two or three are nginx's own, and it makes room where two are left: for the last of the clients, by some of the idle ones.
events='worker_connections 42;'
server "127.0.0.1:$PORT2" 'keepalive_timeout 60s; return 200 "served";' | configure d
start d
before=$(workers_of d)
PORT=$PORT2 WORKER=$before client -e '
    my @idle = map { tls($ENV{AT}) } 1 .. 6;
    get($_, "/") for @idle;
    my @gathered = tls_together($ENV{AT}, 36, $ENV{WORKER});
    print scalar(grep { get($_, "/")->{body} eq "served" } @gathered), " served, ",
        (grep { IO::Select->new($_)->can_read(0) && ending($_) eq "close_notify" } @idle) ? "idle ones ended\n" : "none ended\n"'
[ "$(workers_of d)" = "$before" ] && echo same worker
logged d 'worker_connections are not enough, reusing connections' && echo warned
finish d TERM
grave
--- out
36 served, idle ones ended
same worker
warned

# How often the kernel is called for a connection: one write for all that a handshake has to say at a time, nothing read for
# nothing, the ticket with the answer where both are there, and many records a write.
# packages: gcc
use lib 't/lib';
use TestTLS;
use OwnServers;

# A server whose calls are counted, and one behind it. "Deferred": a connection is accepted when its hello is there.
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'RUN' . $block->run);
gcc -O1 -shared -fPIC -o count_calls.so "$T_LIB/../tools/count_calls.c"
make_file small 1000
make_file big 10000000
main='worker_processes 1;'
configure up < <(echo "server { listen unix:$life/up.sock; root $SERVROOT/html; }")
configure main < <(
    server "127.0.0.1:$PORT deferred" \
        "root $SERVROOT/html; sendfile on; location /proxied/ { proxy_pass http://unix:$life/up.sock:/; }"
)
start up
LD_PRELOAD=$SERVROOT/count_calls.so CALLS=$SERVROOT/calls start main
# What flights.pl says, with what was called for each of its connections.
visit() { # VERSION PATH [apart]
    : >calls
    perl -I"$T_LIB" "$T_LIB/flights.pl" "$PORT" "$@" >said
    paste -d : said calls
}
RUN
});

run_tests();

__DATA__

=== TEST 1: a handshake, a request and its answer
--- own_records
--- run
for version in TLSv1_3 TLSv1_2; do
    visit $version /small
done
--- out
full, 1000 bytes:recv 3 setsockopt 1 send 2 epoll_ctl 1
resumed, 1000 bytes:recv 3 setsockopt 1 send 2 epoll_ctl 1
full, 1000 bytes:recv 4 setsockopt 1 send 3 epoll_ctl 1
resumed, 1000 bytes:recv 3 setsockopt 1 send 2 epoll_ctl 1

=== TEST 2: a ticket does not wait for a request that does not come, nor for an answer that is made later
--- run
visit TLSv1_3 /small apart | grep -o 'send .'
visit TLSv1_3 /proxied/small | grep -o 'send .'
--- out
send 3
send 3
send 3
send 3

=== TEST 3: ten megabytes of a file and of an upstream's, 611 full records
--- own_records
--- run
writes() { # MOST PATH OPTION...
    : >calls
    tls_get localhost "$2" --http1.1 "${@:3}" -o got && cmp got html/big && wait_for test -s calls
    local count
    count=$(sed -E 's/.* send ([0-9]+) .*/\1/' calls)
    [ "$count" -le "$1" ] && echo "not more than $1" || echo "$count"
}
for options in --tlsv1.3 '--tls-max 1.2'; do
    writes 100 /big $options
    writes 300 /proxied/big $options
done
--- out
not more than 100
not more than 300
not more than 100
not more than 300

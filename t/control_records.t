# What a client says beside its data while the server is busy, or instead of any: it is obeyed behind the records that wait
# for the socket, and a flood of it is refused. Records of libssl's (OpenSSL 3.0) take no question for new keys while some wait:
# "bad length" ends the connection, as behind nginx's own ssl.
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
g++ -std=c++17 -O1 -o control_records "$T_LIB/../tools/control_records.cpp" -lssl -lcrypto
RUN
});

run_tests();

__DATA__

=== TEST 1: new keys are asked for while the socket is full of half a record
--- own_records
--- listen: sndbuf=8k
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        location / { }
    }
--- records_site
    location / { sendfile on; }
    location /threads/ { sendfile on; aio threads; alias $TEST_NGINX_SERVROOT/html/; }
    location /unbuffered/ { proxy_buffering off; proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
    location /proxied/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
--- run
make_file file 1000000
for path in /file /threads/file /unbuffered/file /proxied/file; do
    ./control_records "$PORT" "$path" got 100000 stop
    cmp got html/file
done
--- out
10 updates, answered, 1000000 bytes
10 updates, answered, 1000000 bytes
10 updates, answered, 1000000 bytes
10 updates, answered, 1000000 bytes

=== TEST 2: hundreds of new keys in the middle of a hundred megabytes, asked for and not
--- own_records
--- listen: sndbuf=128k
--- records_site
    http2_chunk_size 64k;
    location / { sendfile on; }
--- run
make_file big 100000000
for how in ask tell; do
    ./control_records "$PORT" /big got 250000 $how
    cmp got html/big
done
./control_records "$PORT2" /big got 250000 tell
cmp got html/big
--- out
400 updates, answered, 100000000 bytes
400 updates, none, 100000000 bytes
400 updates, none, 100000000 bytes

=== TEST 3: floods of what carries nothing are refused with unexpected_message
--- own_records
--- records_site
    location / { return 200 "body"; }
--- run
for what in empty warn ask tell; do
    ./control_records "$PORT" $what
done
# libssl's own records: it has no limit on new keys.
for what in empty warn; do
    ./control_records "$PORT2" $what
done
--- out
alert 10
alert 10
alert 10
alert 10
alert 10
alert 10

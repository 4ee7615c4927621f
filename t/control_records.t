# What a client says beside its data while the server is busy, or instead of any: it is obeyed behind the records that wait
# for the socket, and a flood of it is refused. Records of libssl's (OpenSSL 3.0) take no question for new keys while some wait:
# "bad length" ends the connection, as behind nginx's own ssl.
# packages: g++ libssl-dev
use lib 't/lib';
use TestTLS;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);

# The same site with records of libssl's, on the second port.
add_block_preprocessor(sub {
    my ($block) = @_;
    my $site = $block->site // return;
    chomp(my $listen = $block->listen // '');
    my $server = sub {
        my ($port, $more) = @_;
        return <<"HTTP";
    server {
        listen 127.0.0.1:\$TEST_NGINX_$port $listen \$TEST_NGINX_H2_LISTEN;
        \$TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        $more
        tls_certificate \$TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key \$TEST_NGINX_CERTS/localhost.key;
$site
    }
HTTP
    };
    $block->set_value(http_config => ($block->http_config // '') . $server->('TLS_PORT', '')
        . $server->('TLS_PORT2', 'tls_records libssl;'));
    $block->set_value(run => <<"RUN" . $block->run);
. '$ENV{T_LIB}/two_servers.sh'
g++ -std=c++17 -O1 -o control_records '$ENV{T_LIB}/../tools/control_records.cpp' -lssl -lcrypto
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
--- site
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
--- site
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
--- site
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
alert 10 after some
alert 10 after some
alert 10 after some
alert 10 after some
alert 10 after some
alert 10 after some

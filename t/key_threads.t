# tls_key_threads: signatures by long keys are made in a thread pool, and hold up nobody; what the directive says about pools.
use lib 't/lib';
use TestTLS;
use OwnServers;
use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(1024);
# One certificate for all blocks: making a key of 4096 bits takes long.
my $made = `openssl req -x509 -newkey rsa:4096 -nodes -keyout /dev/stdout -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 30 2>/dev/null`;
my ($key) = $made =~ /(-----BEGIN PRIVATE.*?END PRIVATE KEY-----\n)/s;
my ($certificate) = $made =~ /(-----BEGIN CERT.*?END CERTIFICATE-----\n)/s;
add_block_preprocessor(
    sub {
        my ($block) = @_;
        $block->set_value(needs => '--with-threads');
        $block->set_value(user_files => ">>> long.key\n$key>>> long.crt\n$certificate");
        $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
LONG=$SERVROOT/html/long
many() { # CURL-OPTION...
    at_once 40 localhost --no-sessionid --cacert "$LONG.crt" "$@"
}
BASH
    }
);
run_tests();

__DATA__

=== TEST 1: every version and key exchange, with the module's own key work and without
--- main_config
    thread_pool keys threads=2;
--- http_config
    tls_key_threads keys;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_ecdh_curve X25519:P-256;
        tls_certificate $TEST_NGINX_SERVROOT/html/long.crt;
        tls_certificate_key $TEST_NGINX_SERVROOT/html/long.key;
        location / { return 200 "$tls_protocol $tls_cipher $tls_curve\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_batch off;
        tls_certificate $TEST_NGINX_SERVROOT/html/long.crt;
        tls_certificate_key $TEST_NGINX_SERVROOT/html/long.key;
        location / { return 200 "$tls_protocol $tls_cipher $tls_curve\n"; }
    }
--- run
try() { # PORT GROUPS
    PORT=$1
    many --tlsv1.3 --curves X25519
    many --tlsv1.3 --curves "$2"
    many --tls-max 1.2 --ciphers ECDHE-RSA-AES128-GCM-SHA256 --curves P-256
    many --tls-max 1.2 --ciphers AES128-GCM-SHA256
}
# The first has no key share for what the server takes.
try "$PORT" P-384:P-256
try "$PORT2" P-384
--- out
40 TLSv1.3 TLS_AES_256_GCM_SHA384 X25519
40 TLSv1.3 TLS_AES_256_GCM_SHA384 prime256v1
40 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 prime256v1
40 TLSv1.2 AES128-GCM-SHA256 
40 TLSv1.3 TLS_AES_256_GCM_SHA384 X25519
40 TLSv1.3 TLS_AES_256_GCM_SHA384 secp384r1
40 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 prime256v1
40 TLSv1.2 AES128-GCM-SHA256 



=== TEST 2: a flood of them does not hold up another client
--- main_config
    thread_pool keys threads=1;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_key_threads keys;
        tls_certificate $TEST_NGINX_SERVROOT/html/long.crt;
        tls_certificate_key $TEST_NGINX_SERVROOT/html/long.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
--- run
# All hellos are there before the other client's; whose answers come before its own is counted.
perl -I"$T_LIB" -MClientHello=make_hello -MIO::Socket::INET -MIO::Select -e '
    sub hello {
        my $client = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or die;
        $client->syswrite("\x16\x03\x01" . pack("n/a*", make_hello({sni => $_[0]})));
        return $client;
    }
    my @flood = map { hello("localhost") } 1 .. 200;
    my $other = hello("a.test");
    my $open = IO::Select->new(@flood, $other);
    my ($before, $answered, $seen) = (0, 0, 0);
    while ($open->count) {
        for my $client ($open->can_read) {
            $open->remove($client);
            my $bytes = "";
            $client->sysread($bytes, 3);
            $bytes eq "\x16\x03\x03" or die "no answer but ", unpack("H*", $bytes);
            $answered++;
            $seen = 1, $before = $answered - 1 if $client == $other;
        }
    }
    print "$answered answers, the other client was ", $before < 100 ? "soon" : "late: $before", "\n"' "$PORT"
--- out
201 answers, the other client was soon



=== TEST 3: clients that go away while a thread signs for them, and that wait no longer
--- main_config
    thread_pool keys threads=1;
--- http_config
    tls_key_threads keys;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_SERVROOT/html/long.crt;
        tls_certificate_key $TEST_NGINX_SERVROOT/html/long.key;
        location / { return 200 "good\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_handshake_timeout 50ms;
        tls_certificate $TEST_NGINX_SERVROOT/html/long.crt;
        tls_certificate_key $TEST_NGINX_SERVROOT/html/long.key;
    }
--- run
flood() { # PORT COUNT GONE
    perl -I"$T_LIB" -MClientHello=make_hello -MIO::Socket::INET -MSocket=SOL_SOCKET,SO_LINGER -e '
        my ($port, $count, $gone) = @ARGV;
        my @clients = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or die } 1 .. $count;
        $_->syswrite("\x16\x03\x01" . pack("n/a*", make_hello({sni => "localhost"}))) for @clients;
        if ($gone) {
            setsockopt($_, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0)) for @clients[0 .. $count / 2];
            exit;
        }
        for my $client (@clients) { 1 while $client->sysread(my $bytes, 16384) }' "$@"
}
flood $PORT 150 gone
flood $PORT2 150
wait_log 'client timed out' 150
many
--- out
40 good



=== TEST 4: a pool that is nowhere
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        tls on;
        tls_key_threads nowhere;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
    }
--- emerg
\[emerg\] .*unknown thread pool "nowhere" in .*/nginx.conf:\d+$



=== TEST 5: twice
--- tls_config
    tls_key_threads off;
    tls_key_threads default;
--- emerg
\[emerg\] .*"tls_key_threads" directive is duplicate in .*/nginx.conf:\d+$



=== TEST 6: "off" in a server overrides what stands around it
--- http_config
    tls_key_threads default;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_key_threads off;
        tls_certificate $TEST_NGINX_SERVROOT/html/long.crt;
        tls_certificate_key $TEST_NGINX_SERVROOT/html/long.key;
        location / { return 200 "good\n"; }
    }
--- run
many
--- out
40 good



=== TEST 7: a reload and a shutdown under load
--- run
main='worker_processes 2; thread_pool keys threads=2;'
printf 'server { listen 127.0.0.1:%s; tls on; tls_key_threads keys; tls_certificate %s.crt; tls_certificate_key %s.key; %s }\n' \
    "$PORT" "$LONG" "$LONG" 'location / { return 200 "good\n"; }' | configure k
start k
before=$(workers_of k)
loads=()
for i in 1 2 3; do
    many >"many.$i" &
    loads+=($!)
done
kill -HUP "$(pid k)"
wait_for has_turned k "$before"
wait "${loads[@]}"
cat many.*
many >/dev/null 2>&1 &
finish k
echo ended
--- out
40 good
40 good
40 good
ended

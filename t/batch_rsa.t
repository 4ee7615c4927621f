# RSA signatures that are made together: handshakes that wait for them in every version and kind, beside clients that go
# away, over reloads and to the end of a worker.
use lib 't/lib';
use TestTLS;
use OwnServers;
use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
add_block_preprocessor(
    sub {
        my ($block) = @_;
        $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
many() { # NAME CURL-OPTION...
    at_once 100 "$1" --no-sessionid --parallel-max 50 "${@:2}"
}
vanish() { # NAME: clients that send a whole hello and then reset or close, without reading
    perl -I"$T_LIB" -MClientHello=make_hello -MIO::Socket::INET -MSocket=SOL_SOCKET,SO_LINGER -e '
        for my $i (1 .. 100) {
            my @clients = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or die } 1 .. 5;
            for my $client (@clients) {
                $client->syswrite("\x16\x03\x01" . pack("n/a*", make_hello({sni => $ARGV[1]})));
                setsockopt($client, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0)) if $i % 2;
            }
        }' "$PORT" "$1"
}
BASH
    }
);
run_tests();

__DATA__

=== TEST 1: every version and key exchange, many at once
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_protocol $tls_cipher\n"; }
    }
--- run
many localhost --tlsv1.3
many localhost --tls-max 1.2 --ciphers ECDHE-RSA-AES256-GCM-SHA384
many localhost --tls-max 1.2 --ciphers AES128-GCM-SHA256
many localhost --tlsv1.3 --curves P-384
--- out
100 TLSv1.3 TLS_AES_256_GCM_SHA384
100 TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384
100 TLSv1.2 AES128-GCM-SHA256
100 TLSv1.3 TLS_AES_256_GCM_SHA384



=== TEST 2: HelloRetryRequest, with clients beside that need none and some that go away
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_ecdh_curve X25519:P-256;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_curve\n"; }
    }
--- run
vanish localhost &
gone=$!
many localhost --tlsv1.3 --curves P-384:X25519 >first &
one=$!
many localhost --tlsv1.3 --curves X25519
wait $one
cat first
wait $gone
# Alone, nobody comes whose signature could be waited for.
s_request localhost / -tls1_3 -groups P-384:P-256 | tail -n 1
--- out
100 X25519
100 X25519
prime256v1



=== TEST 3: a client's certificate, and resumption
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_verify_client on;
        tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_protocol $tls_session_reused $tls_client_verify\n"; }
    }
--- run
many localhost --tlsv1.3 --cert "$CERTS/client.crt" --key "$CERTS/client.key" | grep -c ' SUCCESS'
many localhost --tls-max 1.2 --cert "$CERTS/client-rsa.crt" --key "$CERTS/client-rsa.key" | grep -c ' SUCCESS'
client="-cert $CERTS/client.crt -key $CERTS/client.key"
for version in tls1_2 tls1_3; do
    s_request localhost / -$version $client -sess_out "$SERVROOT/s.pem" | grep SUCCESS
    s_request localhost / -$version $client -sess_in "$SERVROOT/s.pem" | grep SUCCESS
done
--- out
1
1
TLSv1.2 . SUCCESS
TLSv1.2 r SUCCESS
TLSv1.3 . SUCCESS
TLSv1.3 r SUCCESS



=== TEST 4: two kinds of keys in one server, and names with keys of several sizes
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_server_name\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_SERVROOT/html/3072.crt;
        tls_certificate_key $TEST_NGINX_SERVROOT/html/3072.key;
        location / { return 200 "$tls_server_name\n"; }
    }
--- user_files eval
my $made = `openssl req -x509 -newkey rsa:3072 -nodes -keyout /dev/stdout -subj /CN=a.test -addext subjectAltName=DNS:a.test -days 30 2>/dev/null`;
my ($key) = $made =~ /(-----BEGIN PRIVATE.*?END PRIVATE KEY-----\n)/s;
my ($certificate) = $made =~ /(-----BEGIN CERT.*?END CERTIFICATE-----\n)/s;
[[ '3072.key' => $key ], [ '3072.crt' => $certificate ]]
--- run
many a.test --cacert "$SERVROOT/html/3072.crt" >a.test &
one=$!
many localhost --tls-max 1.2 --ciphers ECDHE-RSA-AES128-GCM-SHA256 >rsa &
two=$!
many localhost
wait $one $two
cat a.test rsa
--- out
100 localhost
100 a.test
100 localhost



=== TEST 5: early data is allowed
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_early_data on;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_early_data|$tls_session_reused\n"; }
    }
--- run
many localhost --tlsv1.3
printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >request
s_request localhost / -tls1_3 -sess_out "$SERVROOT/s.pem" | tail -n 1
s_client -quiet -ign_eof -tls1_3 -sess_in "$SERVROOT/s.pem" -early_data request | tail -n 1
--- out
100 |.
|.
1|r



=== TEST 6: a client that says nothing more, one that goes away meanwhile
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        tls on;
        tls_handshake_timeout 300ms;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "good\n"; }
    }
--- run
vanish localhost
perl -I"$T_LIB" -MClientHello=make_hello -MIO::Socket::INET -e '
    my @clients = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or die } 1 .. 9;
    $_->syswrite("\x16\x03\x01" . pack("n/a*", make_hello({sni => "localhost"}))) for @clients;
    for my $client (@clients) { 1 while $client->sysread(my $bytes, 16384) }' "$PORT2"
wait_log 'client timed out' 9
many localhost
--- out
100 good



=== TEST 7: reloads and a shutdown under load
--- run
make_file load 3000
{ server "127.0.0.1:$PORT" "root $SERVROOT/html;" rsa; } | configure l
start l
start_load 6
for turn in 1 2 3; do
    reload_of l
done
load_result
vanish localhost 2>/dev/null &
gone=$!
many localhost -o /dev/null >/dev/null 2>&1 || true &
finish l
echo ended
kill $gone 2>/dev/null || true
grave
--- out
many good, 0 bad
ended

# The accept is taken over on addresses with `tls on`, and only there: which sockets, and whose hellos however they come.
# What else may come first is in first_bytes.t, the PROXY protocol in proxy_protocol.t.
use lib 't/lib';
use TestTLS;
use TwoServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: `tls on` with a plain listen is what `listen ... ssl` is
--- site
    location / { return 200 "$scheme $tls_protocol $tls_server_name\n"; }
--- run
both tls_get localhost / --tlsv1.3
both tls_get localhost / --tls-max 1.2
both tls_get localhost / --http1.1
--- out
https TLSv1.3 localhost
https TLSv1.2 localhost
https TLSv1.3 localhost

=== TEST 2: without `tls on` an address is not touched
--- tls_config
    location / { return 200 "tls\n"; }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        tls off;
        location / { return 200 "plain $scheme [$https] [$tls_protocol]\n"; }
    }
--- config
    location = / { return 200 "stock port\n"; }
--- run
PORT=$PLAIN_PORT plain_get /
PORT=$STOCK_PORT plain_get /
PORT=$PLAIN_PORT raw --hello | head -n 1
tls_get localhost /
--- out
plain http [] []
stock port
text: HTTP/1.1 400 Bad Request
tls

=== TEST 3: a stock `listen ... ssl` server beside ours
--- skip_nossl
--- tls_config
    location / { return 200 "ours [$ssl_protocol] [$tls_protocol] [$https]\n"; }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2 ssl;
        server_name b.test;
        ssl_protocols TLSv1.3;
        ssl_certificate $TEST_NGINX_CERTS/b.test.crt;
        ssl_certificate_key $TEST_NGINX_CERTS/b.test.key;
        location / { return 200 "stock [$ssl_protocol] [$tls_protocol] [$https]\n"; }
    }
--- run
tls_get localhost /
PORT=$PORT2 tls_get b.test /
PORT=$PORT2 raw --text 'GET / HTTP/1.0\r\n\r\n' | head -n 1
--- out
ours [TLSv1.3] [TLSv1.3] [on]
stock [TLSv1.3] [] [on]
text: HTTP/1.1 400 Bad Request

=== TEST 4: a QUIC listener on the same port stays nginx's
--- needs: --with-http_v3_module
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT quic reuseport;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        ssl_certificate $TEST_NGINX_CERTS/localhost.crt;
        ssl_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$tls_protocol\n"; }
    }
--- run
tls_get localhost /
# A long header of an unknown version is answered with Version Negotiation (RFC 9000 section 6.1): its version is 0.
perl -MIO::Socket::INET -e '
    my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ENV{PORT}, Proto => "udp") or die $!;
    $s->send(pack "C N C/a C/a a1200", 0xc0, 0x1a2a3a4a, "DDDDDDDD", "SSSSSSSS", "");
    local $SIG{ALRM} = sub { die "no answer\n" };
    alarm 10;
    $s->recv(my $answer, 1500);
    my (undef, $version, $destination) = unpack "C N C/a", $answer;
    print "version $version for $destination\n";
'
--- out
TLSv1.3
version 0 for SSSSSSSS

=== TEST 5: all addresses of a server are taken
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        listen [::1]:$TEST_NGINX_TLS_PORT;
        listen unix:$TEST_NGINX_SERVROOT/html/tls.sock;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$tls_protocol $remote_addr\n"; }
    }
--- run
tls_get localhost /
PORT=$PORT2 tls_get localhost /
curl -q -sS --cacert "$CERTS/ca.crt" --resolve "localhost:$PORT:[::1]" "https://localhost:$PORT/"
tls_get localhost / --unix-socket "$SERVROOT/html/tls.sock"
raw --host ::1 --text 'GET / HTTP/1.0\r\n\r\n' | head -n 1
raw --unix "$SERVROOT/html/tls.sock" --text 'GET / HTTP/1.0\r\n\r\n' | head -n 1
--- out
TLSv1.3 127.0.0.1
TLSv1.3 127.0.0.1
TLSv1.3 ::1
TLSv1.3 unix:
text: HTTP/1.1 400 Bad Request
text: HTTP/1.1 400 Bad Request

=== TEST 6: one address with TLS on a wildcard socket
--- http_config
    server {
        listen $TEST_NGINX_TLS_PORT;
        server_name plain.test;
        location / { return 200 "plain $server_addr\n"; }
    }
    server {
        listen 127.0.0.2:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$tls_protocol $server_addr\n"; }
    }
--- run
plain_get /
plain_get / --connect-to "::127.0.0.3:$PORT"
tls_get localhost / --connect-to "::127.0.0.2:$PORT"
plain_code / --connect-to "::127.0.0.2:$PORT"
raw --hello | head -n 1
--- out
plain 127.0.0.1
plain 127.0.0.3
TLSv1.3 127.0.0.2
400
text: HTTP/1.1 400 Bad Request

=== TEST 7: one address without TLS on a wildcard socket with it
--- http_config
    server {
        listen $TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$tls_protocol $server_addr\n"; }
    }
    server {
        listen 127.0.0.2:$TEST_NGINX_TLS_PORT;
        server_name plain.test;
        location / { return 200 "plain $server_addr\n"; }
    }
--- run
tls_get localhost /
tls_get localhost / --connect-to "::127.0.0.3:$PORT"
plain_code /
plain_get / --connect-to "::127.0.0.2:$PORT"
raw --host 127.0.0.2 --hello | head -n 1
--- out
TLSv1.3 127.0.0.1
TLSv1.3 127.0.0.3
400
plain 127.0.0.2
text: HTTP/1.1 400 Bad Request

=== TEST 8: the same over IPv6
--- http_config
    server {
        listen [::]:$TEST_NGINX_TLS_PORT;
        server_name plain.test;
        location / { return 200 "plain\n"; }
    }
    server {
        listen [::1]:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$tls_protocol\n"; }
    }
    server {
        listen [::]:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$tls_protocol\n"; }
    }
    server {
        listen [::1]:$TEST_NGINX_TLS_PORT2;
        server_name plain.test;
        location / { return 200 "plain\n"; }
    }
--- run
tls_get localhost / --connect-to "::[::1]:$PORT"
plain_code / --connect-to "::[::1]:$PORT"
PORT=$PORT2 plain_get / --connect-to "::[::1]:$PORT2"
PORT=$PORT2 raw --host ::1 --hello | head -n 1
--- out
TLSv1.3
400
plain
text: HTTP/1.1 400 Bad Request

=== TEST 9: deferred accept: the hello is there when the connection is
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT deferred;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_client_hello_max_size 1k;
        location / { return 200 "$tls_protocol\n"; }
    }
--- run
tls_get localhost /
tls_get localhost / --tls-max 1.2
raw --text 'GET / HTTP/1.0\r\n\r\n' | head -n 1
raw --hello --twice 10
raw --hello --size 1025
cut_hello --pieces 40
tls_get localhost /
--- out
TLSv1.3
TLSv1.2
text: HTTP/1.1 400 Bad Request
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
TLSv1.3

=== TEST 10: several workers with reuseport
--- workers: 3
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT reuseport $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$http2 $pid\n"; }
    }
--- run
# Each connection is another worker's, perhaps: all of them must be ours.
for i in $(seq 30); do tls_get localhost /; done >answers
cut -d ' ' -f 1 answers | sort | uniq -c | sed 's/^ *//'
[ "$(sort -u answers | wc -l)" -gt 1 ] && echo "several workers"
--- out
30 h2
several workers

=== TEST 11: a reload takes over again, and lets go
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "first\n"; }
    }
--- run
tls_get localhost /
sed -i 's/"first/"second/' "$SERVROOT/conf/nginx.conf"
reload
tls_get localhost /
sed -i 's/tls on;/tls off;/' "$SERVROOT/conf/nginx.conf"
reload
plain_get /
raw --hello | head -n 1
sed -i 's/tls off;/tls on;/' "$SERVROOT/conf/nginx.conf"
reload
tls_get localhost /
--- out
first
second
second
text: HTTP/1.1 400 Bad Request
second

=== TEST 12: a hello byte by byte
--- tls_config
    location / { return 200 "$tls_protocol $http2\n"; }
--- run
cut_hello --pieces 1
tls_get localhost / --tlsv1.3
tls_get localhost / --tls-max 1.2
s_request localhost / -servername localhost | tail -n 1
--- out
TLSv1.3 h2
TLSv1.2 h2
TLSv1.3 

=== TEST 13: a hello in records of one byte, in one segment and in many
--- tls_config
    location / { return 200 "$tls_protocol\n"; }
--- run
cut_hello --records 1
tls_get localhost / --tlsv1.3
tls_get localhost / --tls-max 1.2
cut_hello --records 1 --pieces 7
tls_get localhost / --tlsv1.3
cut_hello --records 5 --pieces 1
tls_get localhost / --tls-max 1.2
--- out
TLSv1.3
TLSv1.2
TLSv1.3
TLSv1.2

=== TEST 14: a hello cut after each of its first bytes, and its header's
--- tls_config
--- run
for first in $(seq 1 12); do
    raw --hello --pieces "$first"
    raw --hello --records "$first"
done | sort | uniq -c | sed 's/^ *//'
--- out
24 server_hello

=== TEST 15: what follows the hello in its segment is not lost
--- tls_config
    location / { return 200 "$tls_protocol $request_method $request_length\n"; }
--- run
# With 0-RTT refused, early data must be skipped: the client sends it behind its hello.
tls_get localhost / --http1.1 -X POST --data-binary "$(printf 'x%.0s' {1..20000})" -o /dev/null -w '%{http_code}\n'
# An alert in the hello's own segment is seen: the handshake ends there.
raw --hello --hex 15030300020250 --all --seconds 3 >said
head -n 1 said
tail -n 1 said
wait_log 'alert internal_error received'
--- out
200
server_hello
eof

=== TEST 16: a HelloRetryRequest, whose second hello goes through libssl, also in pieces
--- tls_config
    tls_groups P-384;
    location / { return 200 "$tls_protocol $tls_curve\n"; }
--- run
retry() {
    s_request localhost / -servername localhost -groups X25519:P-384 -msg >said
    grep -ac '>>>.*ClientHello' said
    grep -ao 'TLSv1.3 secp.*' said
}
retry
raw --hello --groups 001d,0018
cut_hello --pieces 1 --both
retry
cut_hello --records 3
retry
# No group in common: no retry helps.
handshake -groups X25519
--- out
2
TLSv1.3 secp384r1
hello_retry_request
2
TLSv1.3 secp384r1
2
TLSv1.3 secp384r1
alert 40

=== TEST 17: a broken second hello is libssl's to refuse
--- tls_config
    tls_groups P-384;
--- run
# The same hello again still has no share of the group that was asked for: illegal_parameter (RFC 8446 section 4.1.2).
raw --hello --groups 001d,0018 --all --hello --records 16384 | grep -v change_cipher_spec
raw --hello --groups 001d,0018 --all --hex 16030300050100000100 | grep -v change_cipher_spec
--- out
hello_retry_request
alert 47 illegal_parameter
eof
hello_retry_request
alert 50 decode_error
eof

=== TEST 18: a hello of up to 16 KiB, and no longer one
--- tls_config
    location / { return 200 "ok\n"; }
--- run
raw --hello --size 16384
raw --hello --size 16385
# It is refused as soon as its length is known.
raw --hello --size 16385 --first 9
raw --hello --size 60000 --first 9 --pieces 1
--- out
server_hello
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
--- grep_error_log eval: qr/\[\w+\].*ClientHello too large \(hello_too_large\), alert illegal_parameter sent/
--- grep_error_log_out eval: qr/\A(\[info\].*\n){3}\z/

=== TEST 19: tls_client_hello_max_size: the whole message counts, with its four bytes
--- tls_config
    tls_client_hello_max_size 1000;
--- http_config
    tls_client_hello_max_size 20k;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
raw --hello --size 1000
raw --hello --size 1001
raw --hello --size 1001 --records 100 --pieces 50
PORT=$PORT2 raw --hello --size 20480
PORT=$PORT2 raw --hello --size 20481
--- out
server_hello
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
server_hello
alert 47 illegal_parameter
eof

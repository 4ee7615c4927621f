# The accept is taken over on addresses with `tls on`, and only there: on all kinds of sockets, beside others, and
# after a reload.
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
PORT=$PLAIN_PORT raw --hello | sed -n 1p
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
PORT=$PORT2 raw --text 'GET / HTTP/1.0\r\n\r\n' | sed -n 1p
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
raw --host ::1 --text 'GET / HTTP/1.0\r\n\r\n' | sed -n 1p
raw --unix "$SERVROOT/html/tls.sock" --text 'GET / HTTP/1.0\r\n\r\n' | sed -n 1p
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
raw --hello | sed -n 1p
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
raw --host 127.0.0.2 --hello | sed -n 1p
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
PORT=$PORT2 raw --host ::1 --hello | sed -n 1p
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
        tls_client_hello_max_size 2k;
        location / { return 200 "$tls_protocol\n"; }
    }
--- run
tls_get localhost /
tls_get localhost / --tls-max 1.2
raw --text 'GET / HTTP/1.0\r\n\r\n' | sed -n 1p
raw --hello --twice 10
raw --hello --size 2049
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
        location / { return 200 "$server_protocol $pid\n"; }
    }
--- run
# Each connection is another worker's, perhaps: all of them must be ours.
for i in $(seq 30); do tls_get localhost /; done >answers
cut -d ' ' -f 1 answers | sort | uniq -c | sed 's/^ *//'
[ "$(sort -u answers | wc -l)" -gt 1 ] && echo "several workers"
--- out
30 HTTP/2.0
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
raw --hello | sed -n 1p
sed -i 's/tls off;/tls on;/' "$SERVROOT/conf/nginx.conf"
reload
tls_get localhost /
--- out
first
second
second
text: HTTP/1.1 400 Bad Request
second

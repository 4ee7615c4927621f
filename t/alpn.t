# Application protocols: what is agreed by ALPN (RFC 7301), in the server's order as nginx has it, and HTTP/2 where the
# server that the name leads to says so.
use lib 't/lib';
use TestTLS;
use NamedServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: HTTP/2 is preferred, whatever the client's order
--- servers
h2.test     $TEST_NGINX_H2_ON
--- run
agreed() { s_client -servername h2.test "$@" | grep -aE '^(ALPN protocol|No ALPN)'; }
for version in -tls1_3 -tls1_2; do
    agreed $version -alpn h2,http/1.1
    agreed $version -alpn http/1.1,h2
    agreed $version -alpn http/1.1
    agreed $version -alpn unknown,http/1.0,http/1.1
    agreed $version -alpn http/1.0
    agreed $version
done
--- out
ALPN protocol: h2
ALPN protocol: h2
ALPN protocol: http/1.1
ALPN protocol: http/1.1
ALPN protocol: http/1.0
No ALPN negotiated
ALPN protocol: h2
ALPN protocol: h2
ALPN protocol: http/1.1
ALPN protocol: http/1.1
ALPN protocol: http/1.0
No ALPN negotiated



=== TEST 2: $tls_alpn_protocol and the requests themselves
--- servers
h2.test     $TEST_NGINX_H2_ON
--- run
for version in --http2 --http1.1 --no-alpn; do
    tls_get h2.test /alpn_protocol $version -k
    tls_get h2.test /version $version -k
done
--- out
h2.test h2
h2.test HTTP/2.0
h2.test http/1.1
h2.test HTTP/1.1
h2.test 
h2.test HTTP/1.1



=== TEST 3: no protocol in common
--- servers
h2.test     $TEST_NGINX_H2_ON
--- run
for version in -tls1_3 -tls1_2; do
    ask h2.test server $version -alpn spdy/1
    ask h2.test server $version -alpn h2c,http/2
done
--- out
alert 120
alert 120
alert 120
alert 120
--- error_log
(no_shared_application), alert no_application_protocol sent, server name "h2.test"
--- grep_error_log eval: qr/handshake failed/
--- grep_error_log_out



=== TEST 4: HTTP/2 for one name of an address
--- servers
h1.test
h2.test     http2 on;
--- run
agreed() { s_client "$@" | grep -aE '^(ALPN protocol|No ALPN)'; }
for name in h1.test h2.test unknown.test; do
    agreed -servername $name -alpn h2,http/1.1
done
agreed -noservername -alpn h2,http/1.1
ask h1.test server -alpn h2
for name in h1.test h2.test; do
    tls_get $name /version --http2 -k
done
--- out
ALPN protocol: http/1.1
ALPN protocol: h2
ALPN protocol: http/1.1
ALPN protocol: http/1.1
alert 120
h1.test HTTP/1.1
h2.test HTTP/2.0
--- min_nginx: 1.25.1



=== TEST 5: HTTP/2 off for one name where the default server has it
--- servers
h2.test     http2 on;
h1.test     http2 off;
--- run
agreed() { s_client "$@" | grep -aE '^(ALPN protocol|No ALPN)'; }
for name in h1.test h2.test unknown.test; do
    agreed -servername $name -alpn h2,http/1.1
done
--- out
ALPN protocol: http/1.1
ALPN protocol: h2
ALPN protocol: h2
--- min_nginx: 1.25.1



=== TEST 6: on older nginx HTTP/2 is a matter of the address
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT http2;
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name one.test;
        tls on;
        location / { return 200 "$server_name $server_protocol\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name two.test;
        tls on;
        location / { return 200 "$server_name $server_protocol\n"; }
    }
--- run
for name in one.test two.test; do
    tls_get $name / --http2 -k
    PORT=$PORT2 tls_get $name / --http2 -k
done
--- out
one.test HTTP/2.0
one.test HTTP/1.1
two.test HTTP/2.0
two.test HTTP/1.1
--- max_nginx: 1.25.0



=== TEST 7: HTTP/2 without TLS is not what a TLS address speaks
--- servers
h2.test     $TEST_NGINX_H2_ON
--- run
# With the preface of RFC 9113 section 3.4. Older nginx does not know it here, newer answers in HTTP/2; nobody is served.
code=$(plain_get /server --http2-prior-knowledge -o /dev/null -w '%{http_code}' 2>/dev/null || true)
[ "$code" = 400 ] || [ "$code" = 000 ] || echo "$code"
ask h2.test server
--- out
h2.test
--- error_log
client sent



=== TEST 8: an extension that is not as RFC 7301 section 3.1 has it
--- servers
h2.test     $TEST_NGINX_H2_ON
--- run
# No list; an empty list; an empty name; a name longer than the list; bytes behind the list.
for body in '' 0000 000100 0003036832 00030268320a; do
    raw --ext 16=$body --hello
done
# What is right.
raw --ext 16=0003026832 --hello
--- out
alert 50 decode_error
eof
alert 50 decode_error
eof
alert 50 decode_error
eof
alert 50 decode_error
eof
alert 50 decode_error
eof
server_hello
--- error_log
(hello_malformed)

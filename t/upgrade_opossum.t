# The Opossum attack (CVE-2025-49812), played in full: somebody in between sends a request of his own that asks for TLS, and
# puts the connection of a client behind it that wants TLS from the start.
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: Opossum against curl: an alert, and no answer
--- http_config
    log_format use '$tls_port_use $status $request';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_plain upgrade;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
        location / { return 200 "answer to $request_method $request_uri\n"; }
    }
--- run
opossum
victim() {
    curl -q -sS --max-time 20 --cacert "$CERTS/ca.crt" --unix-socket "$OPOSSUM" "$@" "https://localhost:$PORT/victim" 2>&1 ||
        echo "curl $?"
}
victim | sed 's/.*\(alert.*\)/\1/'
victim --http1.1 | tail -n 1
victim --tlsv1.2 --tls-max 1.2 | tail -n 1
three_told() { [ "$(grep -c . opossum.log)" = 3 ]; }
wait_for three_told
cat opossum.log
cat logs/use.log
# Without somebody in between.
tls_get localhost /victim
--- out_like
\Aalert no application protocol\ncurl 35\ncurl 35\ncurl 35\n
^HTTP/1.1 101 Switching Protocols, \d+ bytes up, 7 down$
^upgraded 101 OPTIONS \* HTTP/1.1$
^answer to GET /victim$
--- out_unlike
answer to OPTIONS
--- error_log eval: qr/\[info\].*client refused: the client offers ALPN behind a request for TLS \(upgrade_alpn\), alert no_application_protocol sent, server name "localhost"/
--- no_error_log
[error]

=== TEST 2: the same where any request is upgraded, and where all have to be
--- tls_config
    tls_plain upgrade requests=any;
    location / { return 200 "answer to $request_method $request_uri\n"; }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_plain upgrade_required requests=any;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "answer to $request_method $request_uri\n"; }
    }
--- run
victim() {
    opossum --request 'GET /attacker HTTP/1.1'
    curl -q -sS --max-time 20 --cacert "$CERTS/ca.crt" --unix-socket "$OPOSSUM" "https://localhost:$PORT/victim" 2>/dev/null ||
        echo "curl $?"
}
victim
PORT=$PORT2 victim
# Go, Java, gnutls: whoever offers ALPN at all.
upgraded_client -alpn http/1.1 -brief | grep -o 'alert number [0-9]*' || true
upgraded_client -alpn x -brief | grep -o 'alert number [0-9]*' || true
--- out
curl 35
curl 35
alert number 120
alert number 120

=== TEST 3: what remains, as nginx -t says: a client without ALPN
--- tls_config
    tls_plain upgrade;
    location / { return 200 "answer to $request_method $request_uri\n"; }
--- run
opossum
curl -q -sS --no-alpn --max-time 20 --cacert "$CERTS/ca.crt" --unix-socket "$OPOSSUM" "https://localhost:$PORT/victim"
--- out
answer to OPTIONS *

=== TEST 4: nginx -t says so, once
--- http_config
    tls_plain upgrade;
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name one.test; tls on; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name two.test; tls on; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT2; server_name three.test; tls on; tls_plain upgrade_required; }
--- warn
\A(?!(?s:.*)"tls_plain upgrade"(?s:.*)"tls_plain upgrade")(?s:.*)\[warn\] .*"tls_plain upgrade" in .*nginx\.conf:\d+: the certificate of server "one\.test" serves ordinary TLS as well, and there a client that offers no ALPN can be given the answer to somebody else's request

=== TEST 5: in the words of the configuration
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name one.test;
        tls on;
        tls_plain upgrade_required requests=any;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- warn
\[warn\] .*"tls_plain upgrade_required" in .*nginx\.conf:\d+: the certificate of server "one\.test" serves ordinary TLS as well

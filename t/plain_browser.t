# A browser, Debian's chromium, on a port that speaks TLS and does not only speak TLS: it follows the redirect, and as the
# victim of an upgrade that somebody else asked for (CVE-2025-49812) it gets no page.
# packages: chromium
use lib 't/lib';
use TestTLS;
use PlainClient;
use Browser;

log_level('info');

run_tests();

__DATA__

=== TEST 1: from http to https on the same port, path and query kept
--- http_config
    log_format use '$tls_port_use $status $request_uri';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_plain redirect;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
        location / { default_type text/html; return 200 "<p>$scheme $server_protocol $request_uri</p>"; }
        location = /favicon.ico { access_log off; return 204; }
    }
--- run
browse "http://localhost:$PORT/a%20b/c?d=%26&e=f" --virtual-time-budget=10000 --dump-dom
cat logs/use.log
--- out_like
<p>https HTTP/2.0 /a%20b/c\?d=%26&amp;e=f</p>
^redirected 301 /a%20b/c\?d=%26&e=f\ntls 200 /a%20b/c\?d=%26&e=f$

=== TEST 2: Opossum against a browser: an alert, and no page
--- tls_config
    tls_plain upgrade requests=any;
    location / { default_type text/html; return 200 "<p>answer to $request_method $request_uri</p>"; }
--- run
perl "$T_LIB/opossum.pl" --listen-port "$PORT2" --port "$PORT" --request 'GET /attacker HTTP/1.1' --log opossum.log &
listens() { (: <"/dev/tcp/127.0.0.1/$PORT2"); }
wait_for listens
browse "https://localhost:$PORT2/victim" --virtual-time-budget=10000 --dump-dom | grep -o 'answer to [A-Z]* [^<]*' || echo "no answer"
wait_for grep -q '101 Switching Protocols, [1-9][0-9]* bytes up, 7 down$' opossum.log && echo "an alert"
grep -v ', 0 bytes up' opossum.log | grep -v ' 7 down$' || true
browse "https://localhost:$PORT/victim" --virtual-time-budget=10000 --dump-dom | grep -o 'answer to [A-Z]* [^<]*'
--- out
no answer
an alert
answer to GET /victim
--- error_log
(upgrade_alpn), alert no_application_protocol sent, server name "localhost"

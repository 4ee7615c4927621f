# Servers of one address that differ in more than their name: those that reject handshakes, that have no `tls on`, that
# have no certificate of their own, and whose error_log is their own.
use lib 't/lib';
use TestTLS;
use ChosenServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: tls_reject_handshake in the default server: unrecognized_name to all names but those of others
--- names
    server { LISTEN first default_server; tls_reject_handshake on; }
    server { LISTEN second; server_name a.test; }
--- run
both each a.test b.test - 127.0.0.1
hello() { raw --hello "$@"; }
both hello
both hello --sni a..test
both hello --sni a.test
both hello --sni a.test.
--- out
a.test: second
b.test: alert 112
-: alert 112
127.0.0.1: alert 112
alert 112 unrecognized_name
eof
alert 112 unrecognized_name
eof
server_hello
server_hello
--- no_error_log
[warn]

=== TEST 2: tls_reject_handshake in one server, and around all with one exception
--- names
    server { LISTEN first; server_name 1.test; }
    server { LISTEN second; server_name no.test ~^no\d; tls_reject_handshake on; }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        tls on;
        server_name x;
        tls_reject_handshake on;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        tls on;
        server_name yes.test;
        tls_reject_handshake off;
        tls_certificate $TEST_NGINX_CERTS/third.crt;
        tls_certificate_key $TEST_NGINX_CERTS/third.key;
    }
--- run
both each no.test no1 yes.test -
PORT=$PLAIN_PORT each no.test yes.test -
wait_log '\[info\].*client refused: the server rejects handshakes \(unknown_name\), alert unrecognized_name sent, server name "no1"'
--- out
no.test: alert 112
no1: alert 112
yes.test: first
-: first
no.test: alert 112
yes.test: third
-: alert 112

=== TEST 3: a server that rejects needs no certificate
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        tls on;
        tls_reject_handshake on;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        return 200 "a\n";
    }
--- run
tls_get a.test /
raw --hello --sni b.test
--- out
a
alert 112 unrecognized_name
eof

=== TEST 4: a server without `tls on` on such an address is refused by its name
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        return 200 "a\n";
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test *.b.test ~^b\d;
        return 200 "secret\n";
    }
--- run
tls_get a.test /
for name in b.test x.b.test b1 B.TEST.; do raw --hello --sni "$name"; done | sort | uniq -c | sed 's/^ *//'
# Nor by the Host header.
tls_code a.test / -H 'Host: b.test'
s_request b.test / -noservername | grep HTTP/1
--- out
a
4 alert 112 unrecognized_name
4 eof
421
HTTP/1.1 421 Misdirected Request
--- error_log
client refused: the server does not serve TLS (unknown_name), alert unrecognized_name sent, server name "b.test"

=== TEST 5: nor is it reached when it is the default server
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        return 200 "secret\n";
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        return 200 "a\n";
    }
--- run
tls_get a.test /
raw --hello --sni b.test
raw --hello --sni c.test
raw --hello
plain_code / -H 'Host: b.test'
--- out
a
alert 112 unrecognized_name
eof
alert 112 unrecognized_name
eof
alert 112 unrecognized_name
eof
400

=== TEST 6: and nginx -t warns of it
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
    }
--- warn
\[warn\].*server "b\.test" in .*nginx\.conf:\d+ has no "tls on" but shares 127\.0\.0\.1:\d+ with a server that has

=== TEST 7: a server without a certificate has that of the default server, under its own policy
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        tls_protocols TLSv1.2 TLSv1.3;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls on;
        tls_protocols TLSv1.2;
    }
--- run
who() { s_client "$@" | sed -n 's/^subject=CN *= *//p;s/^ *Protocol *: *//p;s/^New, \([^,]*\),.*/\1/p' | sort -u | tr '\n' ' '; }
who -servername b.test
handshake -servername b.test -tls1_3
handshake -servername a.test -tls1_3
--- out
TLSv1.2 a.test alert 70
ok TLSv1.3 TLS_AES_256_GCM_SHA384

=== TEST 8: borrowed from each address's own default server
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name b.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/b.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/b.test.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name c.test;
        tls on;
    }
--- run
subject() { s_client "$@" | sed -n 's/^subject=CN *= *//p'; }
subject -servername c.test
PORT=$PORT2 subject -servername c.test
--- out
a.test
b.test

=== TEST 9: [emerg] where neither has one
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_reject_handshake on;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls on;
    }
--- emerg
\[emerg\].*no "tls_certificate" is defined for the "tls" directive in .*nginx\.conf:\d+

=== TEST 10: [emerg] where only one that is not the default server has one
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/b.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/b.test.key;
    }
--- emerg
\[emerg\].*no "tls_certificate" is defined for the "tls" directive in .*nginx\.conf:\d+

=== TEST 11: `listen ... ssl` and `tls on` in one server: the message says what to write
--- skip_nossl
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT ssl;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        ssl_certificate $TEST_NGINX_CERTS/a.test.crt;
        ssl_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
--- emerg
\[emerg\].*"tls on" and the "ssl" parameter of "listen 127\.0\.0\.1:\d+" exclude each other, write "listen 127\.0\.0\.1:\d+;" beside "tls on;" in .*nginx\.conf:\d+

=== TEST 12: the error_log of the server that was chosen, as soon as it is
--- http_config
    error_log $TEST_NGINX_SERVROOT/logs/http.log info;
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name first;
        tls on;
        tls_protocols TLSv1.3;
        error_log $TEST_NGINX_SERVROOT/logs/first.log info;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_protocols TLSv1.3;
        error_log $TEST_NGINX_SERVROOT/logs/a.log info;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name ~^b;
        tls on;
        tls_groups P-521;
        error_log $TEST_NGINX_SERVROOT/logs/b.log info;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name c.test;
        tls on;
        tls_reject_handshake on;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name plain.test;
        error_log $TEST_NGINX_SERVROOT/logs/plain.log info;
    }
--- run
raw --hello --sni a.test --versions 0303
raw --hello --sni b.test --groups 001d --shares 001d
raw --hello --sni c.test
raw --hello --sni plain.test
raw --hello --versions 0303
raw --hello --sni unknown --versions 0303
raw --hello --sni a.test --twice 10
cd "$SERVROOT/logs"
for log in a b first http plain; do
    echo "$log: $(grep -oE 'no_shared_[a-z]*|unknown_name|hello_malformed' $log.log | xargs)"
done
--- out
alert 70 protocol_version
eof
alert 40 handshake_failure
eof
alert 112 unrecognized_name
eof
alert 112 unrecognized_name
eof
alert 70 protocol_version
eof
alert 70 protocol_version
eof
alert 47 illegal_parameter
eof
a: no_shared_version
b: no_shared_group
first: no_shared_version no_shared_version hello_malformed
http: unknown_name
plain: unknown_name

=== TEST 13: the log of what nginx says of the connection itself goes there too
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    client_header_timeout 1s;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name first;
        tls on;
        error_log $TEST_NGINX_SERVROOT/logs/first.log info;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name ~^b;
        tls on;
        error_log $TEST_NGINX_SERVROOT/logs/b.log info;
    }
--- run
raw --hello --sni b.test --all | tail -n 1
wait_for grep -q 'client timed out' "$SERVROOT/logs/b.log"
# Over a name that no server has.
raw --hello --sni c.test --all | tail -n 1
wait_for grep -q 'client timed out' "$SERVROOT/logs/first.log"
grep -c 'client timed out' "$SERVROOT/logs/b.log"
--- out
eof
eof
1

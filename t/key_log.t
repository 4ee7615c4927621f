# tls_key_log: whose secrets are written, that nobody else can read the file, and that there is none unless asked for.
# What tshark makes of it is in key_log_capture.t.
use lib 't/lib';
use TestTLS;

log_level('info');
run_tests();

__DATA__

=== TEST 1: the lines of a TLS 1.3 and of a TLS 1.2 handshake, and of early data
--- tls_config
    tls_key_log logs/keys.log;
    tls_early_data on;
    location / { return 200 "ok\n"; }
--- run
label() { sed -E 's/^([A-Z0-9_]+) [0-9a-f]{64} [0-9a-f]{64,96}$/\1/' logs/keys.log | sort; }
tls_get localhost / --tlsv1.3
label
: >logs/keys.log
tls_get localhost / --tls-max 1.2
label
printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' >request
s_client -servername localhost -ign_eof -sess_out session -tls1_3 < <(cat request) >/dev/null
: >logs/keys.log
s_client -servername localhost -ign_eof -sess_in session -early_data request >/dev/null
label | grep EARLY
--- out
ok
CLIENT_HANDSHAKE_TRAFFIC_SECRET
CLIENT_TRAFFIC_SECRET_0
EXPORTER_SECRET
SERVER_HANDSHAKE_TRAFFIC_SECRET
SERVER_TRAFFIC_SECRET_0
ok
CLIENT_RANDOM
CLIENT_EARLY_TRAFFIC_SECRET
EARLY_EXPORTER_SECRET
--- error_log
TLS secrets are written to

=== TEST 2: off unless set, and for a server that says off
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_key_log logs/keys.log;
        location / { return 200 "with\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name off.test;
        tls on;
        tls_key_log off;
        tls_protocols TLSv1.2;
        location / { return 200 "off\n"; }
    }
--- tls_config
    location / { return 200 "without\n"; }
--- run
tls_get localhost /
PORT=$PORT2 tls_get off.test / -k
wc -c <logs/keys.log
PORT=$PORT2 tls_get localhost / --tls-max 1.2
wc -l <logs/keys.log
--- out
without
off
0
with
1

=== TEST 3: inherited from http
--- http_start
    tls_key_log logs/keys.log;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name off.test;
        tls on;
        tls_key_log off;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name own.test;
        tls on;
        tls_key_log logs/own.log;
    }
--- tls_config
    tls_protocols TLSv1.2;
--- run
for name in localhost off.test own.test; do
    tls_code $name / -k --tls-max 1.2 >/dev/null
done
wc -l <logs/keys.log
wc -l <logs/own.log
--- out
1
1

=== TEST 4: only the given clients
--- tls_config
    tls_key_log logs/keys.log 127.0.0.2 127.0.1.0/24 2001:db8::/32;
    location / { return 200 "ok\n"; }
--- run
for client in 127.0.0.1 127.0.0.2 127.0.0.3 127.0.1.77 127.0.2.1; do
    tls_get localhost / --tls-max 1.2 --interface $client
    echo "$client $(wc -l <logs/keys.log)"
done
--- out
ok
127.0.0.1 0
ok
127.0.0.2 1
ok
127.0.0.3 1
ok
127.0.1.77 2
ok
127.0.2.1 2

=== TEST 5: behind a PROXY protocol header it is the address in there
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2 proxy_protocol;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_key_log logs/keys.log 192.0.2.0/24 2001:db8::1;
    }
--- run
hello() {
    PORT=$PORT2 raw --text "$1\r\n" --hello --all --shut >/dev/null
    grep -c SERVER_HANDSHAKE logs/keys.log
}
hello 'PROXY TCP4 198.51.100.1 192.0.2.1 5555 443'
hello 'PROXY TCP4 192.0.2.9 192.0.2.1 5555 443'
hello 'PROXY TCP6 2001:db8::2 2001:db8::9 5555 443'
hello 'PROXY TCP6 2001:db8::1 2001:db8::9 5555 443'
hello 'PROXY UNKNOWN'
--- out
0
1
1
2
2

=== TEST 6: mode 0600 whatever there was before
--- tls_config
    tls_key_log html/old.log;
    location / { return 200 "ok\n"; }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name other.test;
        tls on;
        tls_key_log logs/keys.log;
    }
--- user_files
>>> old.log
# before
--- run
tls_get localhost / --tls-max 1.2
stat -c %a html/old.log logs/keys.log
sed 's/ .*//' html/old.log
--- out
ok
600
600
#
CLIENT_RANDOM

=== TEST 7: reopened at USR1, again with mode 0600, by workers of another user
--- worker_user: nobody nogroup
--- tls_config
    tls_key_log logs/keys.log;
    location / { return 200 "ok\n"; }
--- run
tls_get localhost / --tls-max 1.2
mv logs/keys.log logs/old.log
kill -USR1 "$NGINX_PID"
one_more() { tls_get localhost / --tls-max 1.2 >/dev/null; [ -s logs/keys.log ]; }
wait_for one_more
stat -c %a logs/old.log logs/keys.log
sed 's/ .*//' logs/keys.log | sort -u
--- out
ok
600
600
CLIENT_RANDOM

=== TEST 8: a full disk costs lines and nothing else
--- tls_config
    tls_key_log /dev/full;
    location / { return 200 "ok\n"; }
--- run
for _ in 1 2 3; do tls_get localhost /; done
wait_log 'write\(\) to "/dev/full" failed \(28: No space left on device\)'
count_log 'write\(\) to "/dev/full" failed'
--- may_log: alert
--- out
ok
ok
ok
1

=== TEST 9: one warning at start
--- tls_config
    tls_key_log logs/keys.log;
--- http_config
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name a.test; tls on; }
--- warn
\[warn\] .*TLS secrets are written to "[^"]*logs/keys.log": whoever reads it can decrypt connections

=== TEST 10: a wrong address
--- tls_config
    tls_key_log logs/keys.log 192.0.2.300;
--- emerg
invalid parameter "192.0.2.300"

=== TEST 11: twice
--- tls_config
    tls_key_log logs/a.log;
    tls_key_log logs/b.log;
--- emerg
"tls_key_log" directive is duplicate

=== TEST 12: another log's file
--- tls_config
    access_log logs/mixed.log combined buffer=1k;
    tls_key_log logs/mixed.log;
--- emerg
tls_key_log "logs/mixed.log" is another log's file

=== TEST 13: a folder that is not there
--- tls_config
    tls_key_log nowhere/keys.log;
--- emerg
open\(\) "[^"]*nowhere/keys.log" failed \(2: No such file or directory\)

# Counters over reloads, with many workers, and when a worker is killed.
use lib 't/lib';
use TestTLS;
use StatusPage;

log_level('info');
run_tests();

__DATA__

=== TEST 1: a reload keeps what was counted, for servers that stay
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name localhost; tls on; return 200 ""; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name one.test; tls on; return 200 ""; }
--- run
for name in localhost one.test one.test; do tls_code "$name" / -k >/dev/null; done
wait_value 'handshakes_total{server="one.test",version="TLSv1.3",resumed="false"}' 2
since=$(value counting_since_timestamp_seconds)
# Another name in front of it, and lines that move.
reconfigure 's/server_name one.test/server_name two.test/'
wait_value 'connections_active{server="two.test"}' 0
tls_code two.test / -k >/dev/null
wait_value 'handshakes_total{server="two.test",version="TLSv1.3",resumed="false"}' 1
value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}'
status | grep -c one.test
json '$s->{total}{handshakes}{"TLSv1.3"}{full}'
echo -- back again
reconfigure 's/server_name two.test/server_name one.test/'
wait_value 'handshakes_total{server="one.test",version="TLSv1.3",resumed="false"}' 2
status | grep -c two.test
json '$s->{total}{handshakes}{"TLSv1.3"}{full}'
[ "$(value counting_since_timestamp_seconds)" = "$since" ] && echo the same since
--- out
handshakes_total{server="one.test",version="TLSv1.3",resumed="false"} 2
connections_active{server="two.test"} 0
handshakes_total{server="two.test",version="TLSv1.3",resumed="false"} 1
1
0
4
-- back again
handshakes_total{server="one.test",version="TLSv1.3",resumed="false"} 2
0
4
the same since

=== TEST 2: an idle connection of an old worker
--- tls_config
    return 200 "held\n";
--- run
hold_open localhost
wait_value 'connections_active{server="localhost"}' 1
reload
tls_code localhost /
wait_value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}' 2
let_go
wait_value 'connections_active{server="localhost"}' 0
wait_workers() { [ "$(json '$s->{workers}')" = 1 ]; }
wait_for wait_workers && echo one worker
--- out_like
^connections_active\{server="localhost"\} 1$
^200$
^connections_active\{server="localhost"\} 0\none worker$

=== TEST 3: a request under way in an old worker
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        root $TEST_NGINX_SERVROOT/html;
        location /slow { limit_rate 1k; limit_rate_after 8k; }
    }
--- run
head -c 200000 /dev/zero >html/slow
tls_get localhost /slow --http1.1 -o slow.got &
slow=$!
wait_value 'connections_active{server="localhost"}' 1
reload
value 'connections_active{server="localhost"}'
json '$s->{workers}'
tls_code localhost /slow -r 0-10
wait_value 'connections_active{server="localhost"}' 1
# The shell that waits for curl, or curl in its place, as bash likes.
kill "$(pgrep -P "$slow" || echo "$slow")"
wait_value 'connections_active{server="localhost"}' 0
--- out
connections_active{server="localhost"} 1
1
2
206
connections_active{server="localhost"} 1
connections_active{server="localhost"} 0

=== TEST 4: a worker that is killed takes its connections with it, and nothing else
--- tls_config
    return 200 "held\n";
--- workers: 2
--- run
tls_code localhost /
hold_open localhost
exec 5<>"/dev/tcp/127.0.0.1/$PORT"
wait_value 'connections_active{server="localhost"}' 1
wait_value 'connections_handshaking{server="localhost"}' 1
before=$(workers)
# shellcheck disable=SC2086
kill -KILL $before
exec 5<&- 5>&-
wait_for has_new_workers "$before"
wait_value 'connections_active{server="localhost"}' 0
wait_value 'connections_handshaking{server="localhost"}' 0
tls_code localhost /
wait_value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}' 3
hold_open localhost
wait_value 'connections_active{server="localhost"}' 1
--- out
200
connections_active{server="localhost"} 1
connections_handshaking{server="localhost"} 1
connections_active{server="localhost"} 0
connections_handshaking{server="localhost"} 0
200
handshakes_total{server="localhost",version="TLSv1.3",resumed="false"} 3
connections_active{server="localhost"} 1
--- may_log: alert

=== TEST 5: eight workers count every handshake, over a reload too
--- tls_config
    return 200 "";
--- workers: 8
--- run
# HTTP/2 would try again on another connection when it is told to go away.
ask() { for _ in $(seq 25); do tls_code localhost / -k --http1.1; done; }
for i in 1 2 3 4; do ask >"codes.$i" & asking="${asking-} $!"; done
reload
# shellcheck disable=SC2086
wait $asking
cat codes.* | sort | uniq -c | tr -s ' '
wait_value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}' 100
wait_value 'handshake_duration_seconds_count{server="localhost"}' 100
wait_value 'connections_total{server="localhost",use="tls"}' 100
wait_value 'connections_active{server="localhost"}' 0
--- out
 100 200
handshakes_total{server="localhost",version="TLSv1.3",resumed="false"} 100
handshake_duration_seconds_count{server="localhost"} 100
connections_total{server="localhost",use="tls"} 100
connections_active{server="localhost"} 0

=== TEST 6: another size of the zone keeps what was counted
--- http_config
    tls_status_zone 1m;
    tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name localhost; tls on; return 200 ""; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name one.test; tls on; return 200 ""; }
--- run
for name in localhost one.test one.test; do tls_code "$name" / -k >/dev/null; done
wait_value 'handshakes_total{server="one.test",version="TLSv1.3",resumed="false"}' 2
wait_value 'connections_active{server="one.test"}' 0
reconfigure 's/tls_status_zone 1m/tls_status_zone 2m/; s/server_name localhost/server_name other.test/'
value 'handshakes_total{server="one.test",version="TLSv1.3",resumed="false"}'
tls_code one.test / -k
wait_value 'handshakes_total{server="one.test",version="TLSv1.3",resumed="false"}' 3
json '$s->{total}{handshakes}{"TLSv1.3"}{full}'
--- out
handshakes_total{server="one.test",version="TLSv1.3",resumed="false"} 2
connections_active{server="one.test"} 0
2
200
handshakes_total{server="one.test",version="TLSv1.3",resumed="false"} 3
4

=== TEST 7: a reload that fails changes nothing
--- tls_config
    return 200 "";
--- run
tls_code localhost /
wait_value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}' 1
cp conf/nginx.conf conf/good.conf
sed -i 's/server_name localhost/server_name other.test/; s/tls on;/tls on; tls_ciphers nonsense;/' conf/nginx.conf
kill -HUP "$NGINX_PID"
wait_log 'tls_ciphers|SSL_CTX_set_cipher_list'
cp conf/good.conf conf/nginx.conf
tls_code localhost /
wait_value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}' 2
reload
tls_code localhost /
wait_value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}' 3
--- out
200
handshakes_total{server="localhost",version="TLSv1.3",resumed="false"} 1
200
handshakes_total{server="localhost",version="TLSv1.3",resumed="false"} 2
200
handshakes_total{server="localhost",version="TLSv1.3",resumed="false"} 3
--- may_log: emerg

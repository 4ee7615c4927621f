# What is counted: each family of counters, reached by a real client or raw bytes.
use lib 't/lib';
use TestTLS;
use StatusPage;

log_level('info');
run_tests();

__DATA__

=== TEST 1: handshakes by version, cipher, group, signature and resumption
--- tls_config
    tls_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    tls_ciphers ALL:@SECLEVEL=0;
    tls_groups X25519:P-384;
    return 200 "";
--- run
handshake -servername localhost -tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256 -groups P-384 >/dev/null
handshake -servername localhost -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256 >/dev/null
handshake -servername localhost -tls1 -cipher ALL:@SECLEVEL=0 >/dev/null
s_request localhost / -servername localhost -tls1_3 -sess_out session >/dev/null
s_request localhost / -servername localhost -tls1_3 -sess_in session >/dev/null
wait_value 'connections_active{server="localhost"}' 0
status | grep -E '^nginx_tls_(handshakes|handshake_(ciphers|groups|signatures)|connections)_total' | sort
value 'handshake_duration_seconds_count{server="localhost"}'
--- out
connections_active{server="localhost"} 0
nginx_tls_connections_total{server="localhost",use="tls"} 5
nginx_tls_handshake_ciphers_total{server="localhost",cipher="ECDHE-ECDSA-AES128-GCM-SHA256"} 1
nginx_tls_handshake_ciphers_total{server="localhost",cipher="ECDHE-ECDSA-AES256-SHA"} 1
nginx_tls_handshake_ciphers_total{server="localhost",cipher="TLS_AES_256_GCM_SHA384"} 2
nginx_tls_handshake_ciphers_total{server="localhost",cipher="TLS_CHACHA20_POLY1305_SHA256"} 1
nginx_tls_handshake_groups_total{server="localhost",group="X25519"} 4
nginx_tls_handshake_groups_total{server="localhost",group="secp384r1"} 1
nginx_tls_handshake_signatures_total{server="localhost",algorithm="ecdsa_secp256r1_sha256"} 3
nginx_tls_handshake_signatures_total{server="localhost",algorithm="ecdsa_sha1"} 1
nginx_tls_handshakes_total{server="localhost",version="TLSv1",resumed="false"} 1
nginx_tls_handshakes_total{server="localhost",version="TLSv1.2",resumed="false"} 1
nginx_tls_handshakes_total{server="localhost",version="TLSv1.3",resumed="false"} 2
nginx_tls_handshakes_total{server="localhost",version="TLSv1.3",resumed="true"} 1
5

=== TEST 2: failures by reason, and what came to the port
--- tls_config
    tls_protocols TLSv1.3;
    tls_client_hello_max_size 2k;
    tls_verify_client on;
    tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
    return 200 "";
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_reject_handshake on;
    }
--- run
handshake -servername localhost -tls1_2
handshake -servername a.test
raw --hex 16030103e9010003e5 --shut >/dev/null # a hello that does not come
raw --hex 00ff00ff >/dev/null
raw --shut >/dev/null
plain_code /
handshake -servername localhost -CAfile "$CERTS/other-ca.crt" -verify_return_error 2>/dev/null
tls_code localhost /
raw --hex 160301400001003ffc --shut >/dev/null # a large one
wait_value 'connections_handshaking{server="localhost"}' 0
wait_value 'handshake_failures_total{server="localhost",reason="peer_alert"}' 1
status | grep -E '^nginx_tls_(handshake_failures|connections)_total' | sort
--- out
alert 70
alert 112
400
failed
400
connections_handshaking{server="localhost"} 0
handshake_failures_total{server="localhost",reason="peer_alert"} 1
nginx_tls_connections_total{server="a.test",use="tls"} 1
nginx_tls_connections_total{server="localhost",use="other"} 1
nginx_tls_connections_total{server="localhost",use="refused"} 1
nginx_tls_connections_total{server="localhost",use="tls"} 6
nginx_tls_handshake_failures_total{server="a.test",reason="unknown_name"} 1
nginx_tls_handshake_failures_total{server="localhost",reason="hello_too_large"} 1
nginx_tls_handshake_failures_total{server="localhost",reason="no_shared_version"} 1
nginx_tls_handshake_failures_total{server="localhost",reason="not_tls"} 1
nginx_tls_handshake_failures_total{server="localhost",reason="peer_alert"} 1
nginx_tls_handshake_failures_total{server="localhost",reason="peer_closed"} 2
nginx_tls_handshake_failures_total{server="localhost",reason="plain_http"} 1
nginx_tls_handshake_failures_total{server="localhost",reason="verify_failed"} 1

=== TEST 3: connections that are open, and in a handshake
--- tls_config
    return 200 "held\n";
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        return 200 "held\n";
    }
--- run
. "$T_LIB/early_data.sh"
hold_open a.test
exec 5<>"/dev/tcp/127.0.0.1/$PORT"
wait_value 'connections_handshaking{server="localhost"}' 1
wait_value 'connections_active{server="a.test"}' 1
# Counted for the server of the name, and no longer for the address's default one.
wait_value 'connections_handshaking{server="localhost"}' 1
value 'connections_active{server="localhost"}'
json '$s->{total}{connections_active}, $s->{total}{connections_handshaking}'
exec 5<&- 5>&-
wait_value 'connections_handshaking{server="localhost"}' 0
let_go
wait_value 'connections_active{server="a.test"}' 0
# One that ends badly is not left over.
hold_back
timeout 30 openssl s_client -unix "$CUT" -servername a.test -tls1_3 -ign_eof </dev/null >/dev/null 2>&1 &
client=$!
wait_value 'connections_handshaking{server="a.test"}' 1
kill $client
wait_value 'connections_handshaking{server="a.test"}' 0
value 'handshake_failures_total{server="a.test",reason="peer_closed"}'
--- out
connections_handshaking{server="localhost"} 1
connections_active{server="a.test"} 1
connections_handshaking{server="localhost"} 1
0
1 1
connections_handshaking{server="localhost"} 0
connections_active{server="a.test"} 0
connections_handshaking{server="a.test"} 1
connections_handshaking{server="a.test"} 0
1

=== TEST 4: tickets
--- tls_config
    tls_session_ticket_key $TEST_NGINX_CERTS/ticket80.key;
    return 200 "";
--- run
s_request localhost / -servername localhost -tls1_3 -sess_out one >/dev/null
s_request localhost / -servername localhost -tls1_3 -sess_in one >/dev/null
s_request localhost / -servername localhost -tls1_2 -sess_out two >/dev/null
s_request localhost / -servername localhost -tls1_2 -sess_in two >/dev/null
wait_value 'connections_active{server="localhost"}' 0
status | grep ^nginx_tls_session_
reconfigure 's/ticket80.key/ticket80b.key/'
s_request localhost / -servername localhost -tls1_3 -sess_in one >/dev/null
wait_value 'session_tickets_total{server="localhost",outcome="unknown"}' 1
value 'session_tickets_total{server="localhost",outcome="opened"}'
--- out
connections_active{server="localhost"} 0
nginx_tls_session_tickets_total{server="localhost",outcome="issued"} 3
nginx_tls_session_tickets_total{server="localhost",outcome="opened"} 2
session_tickets_total{server="localhost",outcome="unknown"} 1
2

=== TEST 5: tickets with the library's own keys
--- tls_config
    return 200 "";
--- run
s_request localhost / -servername localhost -tls1_3 -sess_out one >/dev/null
s_request localhost / -servername localhost -tls1_3 -sess_in one >/dev/null
wait_value 'session_tickets_total{server="localhost",outcome="opened"}' 1
value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="true"}'
--- out
session_tickets_total{server="localhost",outcome="opened"} 1
1

=== TEST 6: the shared session cache
--- tls_config
    tls_session_cache shared:status_suite:1m;
    tls_session_tickets off;
    return 200 "";
--- run
s_request localhost / -servername localhost -tls1_2 -sess_out one >/dev/null
s_request localhost / -servername localhost -tls1_2 -sess_in one >/dev/null
wait_value 'session_cache_total{server="localhost",outcome="hit"}' 1
value 'session_cache_total{server="localhost",outcome="stored"}'
# A session of another time.
sed -i 's/status_suite:1m/another_suite:1m/' "$SERVROOT/conf/nginx.conf"
reload
s_request localhost / -servername localhost -tls1_2 -sess_in one >/dev/null
wait_value 'session_cache_total{server="localhost",outcome="miss"}' 1
total session_tickets_total
--- out
session_cache_total{server="localhost",outcome="hit"} 1
1
session_cache_total{server="localhost",outcome="miss"} 1
0

=== TEST 7: early data
--- tls_config
    tls_early_data on;
    tls_session_ticket_count 2;
    location /early { return 200 ""; }
--- run
. "$T_LIB/early_data.sh"
request get GET /early 'Connection: close'
get_session
come_back get </dev/null >/dev/null
wait_value 'early_data_total{server="localhost",outcome="accepted"}' 1
get_session
sed -i 's/tls_early_data on/tls_early_data off/' "$SERVROOT/conf/nginx.conf"
reload
come_back get < <(cat get) >/dev/null
total early_data_total
# The tickets that follow such a handshake are counted too.
wait_value 'connections_active{server="localhost"}' 0
echo $(($(value 'session_tickets_total{server="localhost",outcome="issued"}') >= 5))
--- out_like
^early_data_total\{server="localhost",outcome="accepted"\} 1$
^connections_active\{server="localhost"\} 0\n1$

=== TEST 8: bytes
--- tls_config
    location /large { root $TEST_NGINX_SERVROOT/html; }
--- run
head -c 3000000 /dev/zero >html/large
tls_get localhost /large -o /dev/null --http1.1
wait_value 'connections_active{server="localhost"}' 0
sent=$(value 'sent_bytes_total{server="localhost"}')
received=$(value 'received_bytes_total{server="localhost"}')
echo "$((sent > 3000000 && sent < 3100000)) $((received > 400 && received < 3000))"
# While a connection lives, what it moved is seen already.
printf 'GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n' >get
exec 6< <(cat get; exec tail -f /dev/null)
timeout 60 openssl s_client -connect "127.0.0.1:$PORT" -servername localhost -quiet <&6 >got 2>/dev/null &
grown() { [ "$(value 'sent_bytes_total{server="localhost"}')" -gt $((sent + 2900000)) ]; }
wait_for grown && value 'connections_active{server="localhost"}'
kill $!
--- out
connections_active{server="localhost"} 0
1 1
1

=== TEST 9: nothing that a client says becomes a label
--- tls_config
    return 200 "";
--- run
raw --hello --sni 'evil"} 1.example' >/dev/null || true
tls_code never-configured.example / -k
handshake -servername 'x.<script>.example' >/dev/null
plain_code '/%22%7D' -H 'Host: evil.example' >/dev/null
wait_value 'connections_active{server="localhost"}' 0
status >text
curl -q -sS "http://127.0.0.1:$STOCK_PORT/status" >html.page
grep -cE 'evil|never|<script>.example' text html.page || true
--- out
200
connections_active{server="localhost"} 0
text:0
html.page:0

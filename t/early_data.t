# Early data (RFC 8446 sections 2.3 and 4.2.10, RFC 8470; nginx's ssl_early_data): requests that come before the handshake
# has ended, how they are told apart, and what becomes of those that are not taken.
use lib 't/lib';
use TestTLS;
use TwoServers;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/early_data.sh'\n" . $block->run) if defined $block->run;
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: off unless it is on: then 16384 bytes are taken
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name off.test;
        tls on;
        tls_early_data off;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name on.test;
        tls on;
        tls_early_data on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- tls_config
    return 200 "";
--- run
for name in localhost off.test on.test; do
    get_session -servername $name
    openssl sess_id -in "$SERVROOT/s.pem" -noout -text | grep -E 'Max Early Data' || echo no early data
done
--- out
    Max Early Data: 0
    Max Early Data: 0
    Max Early Data: 16384



=== TEST 2: a request in early data, and those that are not
--- tls_config
    tls_early_data on;
    return 200 "early: [$tls_early_data] $tls_session_reused $tls_protocol\n";
--- run
get_session
request early GET /early "Connection: close"
hold_back said 'early: ['
come_back early >"$SERVROOT/said"
essence <"$SERVROOT/said"
unset CUT
# On time, but after the handshake.
s_request localhost / -tls1_3 -servername localhost -sess_in "$SERVROOT/s.pem" | essence
s_request localhost / -tls1_3 -servername localhost | essence
s_request localhost / -tls1_2 -servername localhost | essence
--- out
Early data was accepted
HTTP/1.1 200 OK
early: [1] r TLSv1.3
HTTP/1.1 200 OK
early: [] r TLSv1.3
HTTP/1.1 200 OK
early: [] . TLSv1.3
HTTP/1.1 200 OK
early: [] . TLSv1.2



=== TEST 3: the answer is read before the client's Finished has come, and the log says so
--- http_start
    log_format early '$uri [$tls_early_data] $status';
--- tls_config
    tls_early_data on;
    access_log logs/early.log early;
    return 200 "early: [$tls_early_data]\n";
--- run
get_session
request early GET /early
hold_back said 'early: [1]'
# The relay lets go of the handshake's end when the client has printed the answer; then comes the second request.
{
    wait_for grep -a 'early: \[1\]' "$SERVROOT/said"
    printf 'GET /late HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
} | come_back early >"$SERVROOT/said"
essence <"$SERVROOT/said"
test "$(cat "$SERVROOT/said.held")" -gt 50 && echo held
logged() { grep -q late "$SERVROOT/logs/early.log"; }
wait_for logged && cat "$SERVROOT/logs/early.log"
--- out
Early data was accepted
HTTP/1.1 200 OK
early: [1]
HTTP/1.1 200 OK
early: []
held
/session [-] 200
/early [1] 200
/late [-] 200



=== TEST 4: as nginx's own variable
--- tls_config
    tls_early_data on;
    return 200 "early: [$tls_early_data] [$ssl_early_data]\n";
--- run
get_session
request early GET /early
hold_back said 'early: [1'
{
    wait_for grep -a 'early: \[1\]' "$SERVROOT/said"
    printf 'GET /late HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
} | come_back early >"$SERVROOT/said"
essence <"$SERVROOT/said"
--- out
Early data was accepted
HTTP/1.1 200 OK
early: [1] [1]
HTTP/1.1 200 OK
early: [] []
--- skip_nossl



=== TEST 5: 425 (RFC 8470 section 5.2), and the same request again when the handshake has ended
--- tls_config
    tls_early_data on;
    location = /careful {
        if ($tls_early_data) { return 425; }
        return 200 "early: [$tls_early_data]\n";
    }
    location / { return 200 ""; }
--- run
get_session
request early GET /careful
hold_back said 'HTTP/1.1 425'
{
    wait_for grep -a 'HTTP/1.1 425' "$SERVROOT/said"
    printf 'GET /careful HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
} | come_back early >"$SERVROOT/said"
essence <"$SERVROOT/said"
--- out_like
^Early data was accepted$
^HTTP/1.1 425
^HTTP/1.1 200 OK$
^early: \[\]$



=== TEST 6: proxied, with Early-Data (RFC 8470 section 5.1)
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        return 200 "early: [$http_early_data]\n";
    }
--- tls_config
    tls_early_data on;
    location / {
        proxy_set_header Early-Data $tls_early_data;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    }
--- run
get_session
request early GET /
hold_back said 'early: [1'
{
    wait_for grep -a 'early: \[1\]' "$SERVROOT/said"
    printf 'GET /late HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
} | come_back early >"$SERVROOT/said"
essence <"$SERVROOT/said"
--- out
Early data was accepted
HTTP/1.1 200 OK
early: [1]
HTTP/1.1 200 OK
early: []



=== TEST 7: early data that is not taken is not answered
--- tls_config
    tls_early_data on;
    tls_session_cache shared:one:1m;
    return 200 "body: $uri\n";
--- run
get_session
request early GET /early
# The session still resumes.
sed -i 's/tls_early_data on/tls_early_data off/' "$SERVROOT/conf/nginx.conf"
reload
printf 'GET /late HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | come_back early >"$SERVROOT/said"
essence <"$SERVROOT/said"
grep -ao 'Reused, TLSv1.3' "$SERVROOT/said"
# It is of another policy, so it does not.
sed -i 's/tls_early_data off/tls_early_data on; tls_ciphersuites TLS_AES_256_GCM_SHA384/' "$SERVROOT/conf/nginx.conf"
reload
printf 'GET /late HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | come_back early >"$SERVROOT/said"
essence <"$SERVROOT/said"
grep -ao 'New, TLSv1.3' "$SERVROOT/said" | sed -n 1p
--- out
Early data was rejected
HTTP/1.1 200 OK
body: /late
Reused, TLSv1.3
Early data was rejected
HTTP/1.1 200 OK
body: /late
New, TLSv1.3



=== TEST 8: who the client is, is known in early data
--- tls_config
    tls_early_data on;
    tls_verify_client on;
    tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
    return 200 "early: $tls_client_verify $tls_client_s_dn $tls_cipher $tls_server_name\n";
--- run
get_session -cert "$CERTS/client.crt" -key "$CERTS/client.key"
request early GET / "Connection: close"
hold_back said 'early: '
come_back early >"$SERVROOT/said"
essence <"$SERVROOT/said"
unset CUT
get_session
come_back early | essence | grep -v HTTP/1.1.200
--- out
Early data was accepted
HTTP/1.1 200 OK
early: SUCCESS CN=good client TLS_AES_256_GCM_SHA384 localhost
Early data was accepted
HTTP/1.1 400 Bad Request



=== TEST 9: sessions kept by the server, and one session twice, as in nginx
--- site
    tls_early_data on;
    tls_session_cache builtin; tls_session_tickets off;
    location / { return 200 "body: $uri\n"; }
--- run
sessions() {
    get_session
    request early GET /early "Connection: close"
    come_back early | essence
    come_back early | essence
}
both sessions
--- out
Early data was accepted
HTTP/1.1 200 OK
body: /early
Early data was accepted
HTTP/1.1 200 OK
body: /early



=== TEST 10: HTTP/2 in early data
--- tls_config
    tls_early_data on;
    return 200 "early: [$tls_early_data] $server_protocol\n";
--- run
get_session -alpn h2
# The preface, an empty SETTINGS, and HEADERS of stream 1: GET https localhost / (RFC 9113 section 3.4, RFC 7541).
{
    printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
    printf '\0\0\0\4\0\0\0\0\0'
    printf '\0\0\16\1\5\0\0\0\1\x82\x87\x84\x41\x09localhost'
} >"$SERVROOT/early"
hold_back said HTTP/2.0
come_back early -alpn h2 >"$SERVROOT/said" &
wait_for grep -a 'HTTP/2.0' "$SERVROOT/said"
grep -ao 'early: .*' "$SERVROOT/said"
--- out
early: [1] HTTP/2.0



=== TEST 11: a client that goes away in the middle
--- tls_config
    tls_early_data on;
    return 200 "body: $uri\n";
--- run
get_session
request early POST / 'Content-Length: 10'
for turn in 1 2 3; do
    hold_back
    come_back early -no_ign_eof | grep -a 'Early data was'
    unset CUT
done
s_request localhost /still -servername localhost | essence
--- out
Early data was accepted
Early data was accepted
Early data was accepted
HTTP/1.1 200 OK
body: /still

# Early data (RFC 8446 section 4.2.10) as a stream of bytes: bodies, large answers, several requests, some before and some
# behind the end of the handshake. What early data means is in early_data.t.
use lib 't/lib';
use TestTLS;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/early_data.sh'\n" . $block->run) if defined $block->run;
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: a body in early data: whole, or its rest after the handshake
--- http_start
    log_format body escape=none '$request_body';
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        return 200 "body: $content_length\n";
    }
--- tls_config
    tls_early_data on;
    location / { return 200 ""; }
    location = /post {
        client_body_buffer_size 64k;
        access_log logs/body.log body;
        proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    }
--- run
logged() { [ -s "$SERVROOT/logs/body.log" ]; }
post() { # BYTES-IN-EARLY-DATA
    get_session
    request early POST /post "Content-Length: $(wc -c <"$SERVROOT/body")" "Connection: close"
    head -c "$1" "$SERVROOT/body" >>"$SERVROOT/early"
    tail -c "+$(($1 + 1))" "$SERVROOT/body" | come_back early | essence
    wait_for logged
    head -c -1 "$SERVROOT/logs/body.log" | cmp - "$SERVROOT/body" && echo the same
    : >"$SERVROOT/logs/body.log"
}
seq 3000 | head -c 12000 >"$SERVROOT/body"
post 12000
post 7000
post 0
# All that may come early.
seq 9000 | head -c 40000 >"$SERVROOT/body"
post 16250
--- out
Early data was accepted
HTTP/1.1 200 OK
body: 12000
the same
Early data was accepted
HTTP/1.1 200 OK
body: 12000
the same
Early data was accepted
HTTP/1.1 200 OK
body: 12000
the same
Early data was accepted
HTTP/1.1 200 OK
body: 40000
the same



=== TEST 2: a large answer to early data, while the handshake ends
--- tls_config
    tls_early_data on;
    location / { root html; add_header Early-Data-Was $tls_early_data_status; }
--- user_files
>>> session
.
--- run
openssl rand -base64 6000000 >"$SERVROOT/html/large"
get_session
request early GET /large "Connection: close"
for turn in 1 2 3; do
    # -quiet: else a ticket is told of in the middle of the answer, wherever that is then; so may be what goes to stderr.
    timeout 30 openssl s_client -connect "127.0.0.1:$PORT" -CAfile "$CERTS/ca.crt" -quiet -ign_eof -tls1_3 -servername localhost \
        -sess_in "$SERVROOT/s.pem" -early_data "$SERVROOT/early" </dev/null >"$SERVROOT/said"
    tr -d '\r' <"$SERVROOT/said" | sed -n '/^Early-Data-Was/p; /^HTTP/p; /^$/q'
    sed '1,/^\r$/d' "$SERVROOT/said" | cmp - "$SERVROOT/html/large"
done
--- out
HTTP/1.1 200 OK
Early-Data-Was: accepted
HTTP/1.1 200 OK
Early-Data-Was: accepted
HTTP/1.1 200 OK
Early-Data-Was: accepted



=== TEST 3: several requests in early data, and more behind them
--- tls_config
    tls_early_data on;
    return 200 "body: $uri\n";
--- run
get_session
for n in 1 2 3; do
    request one GET /early$n
    cat "$SERVROOT/one"
done >"$SERVROOT/early"
printf 'GET /late HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | come_back early | essence
--- out
Early data was accepted
HTTP/1.1 200 OK
body: /early1
HTTP/1.1 200 OK
body: /early2
HTTP/1.1 200 OK
body: /early3
HTTP/1.1 200 OK
body: /late



=== TEST 4: behind an answer that went out in portions nginx lingers, too: a reset would take away what was not read yet
--- http_start
    log_format early '$uri $request_time';
--- tls_config
    tls_early_data on;
    access_log logs/early.log early;
    lingering_timeout 2s;
    location / { limit_rate 4000; root html; }
    location /session { return 200 ""; }
--- run
{ openssl rand -base64 4500; echo the last line; } >"$SERVROOT/html/portions"
get_session
request early GET /portions "Connection: close"
# The Finished does not come before nginx has given up: the portions take a second, then it waits for two more.
hold_back logs/early.log /portions
come_back early | grep -a 'the last line'
logged() { grep -q portions "$SERVROOT/logs/early.log"; }
wait_for logged && awk '/portions/ { print ($2 >= 2.8 ? "lingered" : "closed after " $2) }' "$SERVROOT/logs/early.log"
--- out
the last line
lingered

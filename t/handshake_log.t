# The handshake log: one line for every connection, what stands in it, when it is written, and what a full disk does.
use lib 't/lib';
use TestTLS;

log_level('info');
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/handshake_log.sh'\n" . $block->run) if defined $block->run;
});
run_tests();

__DATA__

=== TEST 1: one line for every connection, of words that each have a name
--- tls_config
    tls_handshake_log logs/handshake.log;
    location / { return 200 "ok\n"; }
--- run
tls_get localhost '/[1-2]' --http1.1
raw --hello --versions 0302 --legacy 0302
raw --hex 0001020304
raw --hello --first 20 --shut
plain_code /
await_lines 5
values reason
perl -ne 'print join(" ", /([a-z0-9_]+)=(?:"[^"]*"|\S+)(?: |$)/g), "\n" if s/\n//' "$log" | sort | uniq -c | sed 's/^ *//'
--- out_like
^ok$
^ok$
^completed$
^no_shared_version$
^not_tls$
^peer_closed$
^plain_http$
^5 time client port proxy address address_port connection use reason ended_by alert alert_from name server matched_by offered protocol cipher group signature alpn resumed early_data certificate certificate_by verify ja3 ja4 received sent seconds detail$

=== TEST 2: what was agreed, and the same as the request's variables have it
--- http_start
    log_format request escape=none '$remote_addr $remote_port $connection $tls_server_name $server_name $tls_server_matched_by '
        '$tls_offered_version $tls_protocol $tls_cipher $tls_curve $tls_sigalg $tls_alpn_protocol $tls_session_reused '
        '$tls_certificate_file $tls_certificate_by $tls_client_verify $tls_bytes_received $tls_bytes_sent $tls_handshake_time '
        '$tls_port_use $tls_handshake_reason';
    access_log logs/requests.log request;
--- tls_config
    tls_handshake_log logs/handshake.log;
    location / { return 200 "ok\n"; }
--- run
tls_get localhost / --tlsv1.3 --http1.1
tls_get localhost / --tls-max 1.2 --http1.1
wait_for has_lines 2 logs/requests.log
values client port connection name server matched_by offered protocol cipher group signature alpn resumed certificate \
    certificate_by verify received sent seconds use reason | diff - logs/requests.log && echo same
values name matched_by offered protocol alpn resumed certificate_by use reason
values cipher signature seconds
--- out_like
^same$
^localhost name TLSv1.3 TLSv1.3 http/1.1 \. server tls completed$
^localhost name TLSv1.2 TLSv1.2 http/1.1 \. server tls completed$
^TLS_[A-Z0-9_]+ ecdsa_secp256r1_sha256 \d+\.\d{6}$
^ECDHE-ECDSA-[A-Z0-9-]+ ecdsa_secp256r1_sha256 \d+\.\d{6}$

=== TEST 3: resumption, early data and its refusal
--- http_start
    tls_handshake_format early '$tls_session_reused $tls_early_data_status|$tls_early_data|$tls_handshake_reason';
    tls_handshake_log logs/handshake.log;
    tls_handshake_log logs/early.log early;
    tls_session_cache shared:S:1m;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "ok\n"; }
    }
--- tls_config
    tls_early_data on;
    location / { return 200 "ok\n"; }
--- run
printf 'GET / HTTP/1.0\r\nHost: localhost\r\n\r\n' >request
s_client -servername localhost -ign_eof -sess_out session -tls1_3 < <(cat request) >/dev/null
s_client -servername localhost -ign_eof -sess_in session -early_data request >/dev/null
s_client -servername localhost -ign_eof -sess_in session -tls1_3 < <(cat request) >/dev/null
PORT=$PORT2 s_client -servername localhost -ign_eof -sess_in session -early_data request < <(cat request) >/dev/null
await_lines 4
values resumed early_data reason
cat logs/early.log
--- out
. - completed
r accepted completed
r - completed
r rejected completed
. -|-|completed
r accepted|1|completed
r -|-|completed
r rejected|-|completed

=== TEST 4: the client behind a PROXY protocol header
--- http_config
    tls_handshake_log logs/handshake.log;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2 proxy_protocol;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
PORT=$PORT2 raw --text 'PROXY TCP4 192.0.2.7 192.0.2.1 5555 443\r\n' --hello --versions 0302 --legacy 0302
await_lines 1
values reason client proxy
--- out
alert 70 protocol_version
eof
no_shared_version 127.0.0.1 192.0.2.7

=== TEST 5: who made the certificate
--- http_start
    tls_handshake_log logs/handshake.log;
    tls_handshake_format names '$tls_certificate_by $tls_certificate_name $tls_certificate_file';
    tls_handshake_log logs/names.log names;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name first.test;
        tls on;
        tls_certificate $TEST_NGINX_SERVROOT/certs/$tls_server_name.crt;
        tls_certificate_key $TEST_NGINX_SERVROOT/certs/$tls_server_name.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name in.test;
        tls on;
        tls_certificate internal;
        tls_internal_ca $TEST_NGINX_SERVROOT/authority;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name *.test;
        tls on;
        tls_certificate_directory $TEST_NGINX_SERVROOT/certs;
    }
--- tls_config
--- run
mkdir certs
cp "$CERTS/first.crt" "$CERTS/first.key" certs
cp certs/first.crt certs/first.test.crt
cp certs/first.key certs/first.test.key
cp "$CERTS/second.crt" certs/_.test.crt
cp "$CERTS/second.key" certs/_.test.key
chmod -R go+rX certs
for name in localhost first.test x.test in.test; do
    raw --hello --sni $name --reset
    await_lines $((++n))
done
sed "s#$CERTS/##; s#$SERVROOT/##" logs/names.log
--- out
server - localhost.crt
variable first.test certs/first.test.crt
directory _.test certs/_.test.crt
internal in.test internal:in.test

=== TEST 6: what a client wrote cannot break a line
--- http_start
    tls_handshake_format by_default '[$tls_server_name] [$tls_cipher]';
    tls_handshake_format as_default escape=default '[$tls_server_name]';
    tls_handshake_format as_json escape=json '{"name":"$tls_server_name",'
        '"cipher":"${tls_cipher}"}';
    tls_handshake_format as_it_is escape=none '[$tls_server_name] [$tls_cipher]';
--- tls_config
    tls_handshake_log logs/handshake.log default;
    tls_handshake_log logs/1.log by_default;
    tls_handshake_log logs/2.log as_default;
    tls_handshake_log logs/3.log as_json;
    tls_handshake_log logs/4.log as_it_is;
--- run
raw --hello --sni $'a b"c\\d=e\n\x7f\xff' --suites 1399
await_lines 1 logs/4.log
cat -v logs/[1-4].log
values name reason
grep -c '\[info\].*server name "a b\\x22c\\x5Cd=e\\x0A\\x7F\\xFF"' "$ERROR_LOG"
--- out
alert 40 handshake_failure
eof
[a b\x22c\x5Cd=e\x0A\x7F\xFF] [-]
[a b\x22c\x5Cd=e\x0A\x7F\xFF]
{"name":"a b\"c\\d=e\n^?M-^?","cipher":""}
[a b"c\d=e
^?M-^?] []
a\x20b\x22c\x5Cd=e\x0A\x7F\xFF no_shared_cipher
1

=== TEST 7: fingerprints, of clients that were refused or failed as well
--- tls_config
    tls_handshake_log logs/handshake.log;
    location / { return 200 "$tls_ja3_hash $tls_ja4\n"; }
--- run
tls_get localhost / >request.out
raw --hello --versions 0302 --legacy 0302 >/dev/null
raw --hello --sni localhost --suites 1399 >/dev/null
raw --hello --sni localhost --reset
raw --hello --trailing 00 >/dev/null
await_lines 5
values ja3 ja4 | sed -n 1p | diff - request.out && echo same
values reason ja3 ja4
--- out_like
^same$
^completed [0-9a-f]{32} t13d[0-9a-z]{6}_[0-9a-f]{12}_[0-9a-f]{12}$
^no_shared_version [0-9a-f]{32} t11i[0-9a-z]{6}_[0-9a-f]{12}_[0-9a-f]{12}$
^no_shared_cipher [0-9a-f]{32} t13d[0-9a-z]{6}_[0-9a-f]{12}_[0-9a-f]{12}$
^peer_closed [0-9a-f]{32} t13d[0-9a-z]{6}_[0-9a-f]{12}_[0-9a-f]{12}$
^hello_malformed - -$

=== TEST 8: any variable of nginx in formats, and in if=
--- http_start
    map $tls_handshake_reason $failed { completed 0; default 1; }
    map $tls_server_name $group { default other; ~\.test$ test; }
    geo $place { default far; 127.0.0.0/8 near; }
    tls_handshake_format mixed '$group $place $pid $server_port $hostname $tls_handshake_reason';
--- tls_config
    tls_handshake_log logs/handshake.log mixed;
    tls_handshake_log logs/failed.log mixed if=$failed;
    tls_handshake_log logs/named.log mixed if=$tls_server_name;
    tls_handshake_log logs/none.log mixed if=0;
    location / { return 200 ""; }
--- run
tls_get localhost /
raw --hello --sni a.test --suites 1399
raw --hello --suites 1399
await_lines 3
sed "s/$(workers)/PID/; s/$PORT/PORT/; s/$(hostname)/HOST/" "$log"
echo; cut -d ' ' -f 1,6 logs/failed.log
echo; cut -d ' ' -f 1,6 logs/named.log
echo; line_count logs/none.log
--- out
alert 40 handshake_failure
eof
alert 40 handshake_failure
eof
other near PID PORT HOST completed
test near PID PORT HOST no_shared_cipher
other near PID PORT HOST no_shared_cipher

test no_shared_cipher
other no_shared_cipher

other completed
test no_shared_cipher

0

=== TEST 9: the request behind the line is nobody's: nothing else sees it
--- http_start
    log_format seen '$connection_requests $status';
    access_log logs/requests.log seen;
--- tls_config
    tls_handshake_log logs/handshake.log;
    location / { return 200 "$connection_requests\n"; }
    location /status { stub_status; }
--- run
raw --hello --suites 1399 >/dev/null
tls_get localhost / --http1.1
tls_get localhost /status --http1.1 | sed -n 3,4p | sed 's/ *$//'
await_lines 3
wait_for has_lines 2 logs/requests.log
cat logs/requests.log
--- out
1
 3 3 2
Reading: 0 Writing: 1 Waiting: 0
1 200
1 200

=== TEST 10: HTTP/2
--- tls_config
    tls_handshake_log logs/handshake.log;
    location / { return 200 "$server_protocol\n"; }
--- run
tls_get localhost / --http2
values alpn reason
--- out
HTTP/2.0
h2 completed

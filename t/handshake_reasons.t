# The vocabulary: each reason reached by a client, shown in the handshake log and, where a client is to blame, in one
# line of the error log at info.
use lib 't/lib';
use TestTLS;

log_level('info');
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/handshake_log.sh'\n" . $block->run) if defined $block->run;
});
run_tests();

__DATA__

=== TEST 1: completed
--- tls_config
    tls_handshake_log logs/handshake.log;
    location / { return 200 "$tls_handshake_reason $tls_ended_by|$tls_alert|$tls_port_use\n"; }
--- run
tls_get localhost /
values use reason ended_by alert alert_from
--- out
completed ||tls
tls completed - - -
--- no_error_log
SSL handshake failed

=== TEST 2: no_shared_version, in the hello, in its record and behind libssl's back
--- http_config
    tls_handshake_log logs/handshake.log;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        tls on;
        tls_conf_command MinProtocol TLSv1.3;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- tls_config
--- run
raw --hello --sni localhost --versions none --legacy 0302
raw --hello --record-version 0401
raw --hex 802e010002
PORT=$PORT2 raw --hello --versions 0303
await_lines 4
values reason ended_by alert alert_from offered
count_log '\[info\].*\(no_shared_version\), alert protocol_version sent, server name "(localhost)?".*, client: 127.0.0.1'
count_log '\[info\].*SSL handshake failed: no_shared_version, alert protocol_version sent.*, client: 127.0.0.1'
--- out
alert 70 protocol_version
eof
alert 70 protocol_version
eof
alert 70 protocol_version
eof
alert 70 protocol_version
eof
no_shared_version server protocol_version server TLSv1.1
no_shared_version server protocol_version server -
no_shared_version server protocol_version server -
no_shared_version server protocol_version server TLSv1.2
3
1

=== TEST 3: no_shared_cipher, no_shared_group, no_shared_signature
--- tls_config
    tls_handshake_log logs/handshake.log;
    tls_groups X25519;
--- run
raw --hello --suites 1399
raw --hello --groups 0018 --shares 0018
raw --hello --sigalgs 0809
await_lines 3
values reason ended_by alert alert_from offered protocol
for reason in no_shared_cipher no_shared_group no_shared_signature; do
    count_log "\[info\].*SSL handshake failed: $reason, alert handshake_failure sent, server name \"\" \(SSL: .*, client: 127.0.0.1"
done
--- out
alert 40 handshake_failure
eof
alert 40 handshake_failure
eof
alert 40 handshake_failure
eof
no_shared_cipher server handshake_failure server TLSv1.3 -
no_shared_group server handshake_failure server TLSv1.3 TLSv1.3
no_shared_signature server handshake_failure server TLSv1.3 TLSv1.3
1
1
1

=== TEST 4: no_shared_application
--- tls_config
    tls_handshake_log logs/handshake.log;
--- run
raw --hello --alpn spdy/1 --sni localhost
await_lines 1
values reason ended_by alert alert_from name
count_log '\[info\].*\(no_shared_application\), alert no_application_protocol sent, server name "localhost".*, client: 127.0.0.1'
--- out
alert 120 no_application_protocol
eof
no_shared_application server no_application_protocol server localhost
1

=== TEST 5: unknown_name, no_certificate
--- tls_config
    tls_handshake_log logs/handshake.log;
    tls_unknown_name refuse;
    tls_no_name refuse;
--- run
raw --hello --sni other.test
raw --hello
await_lines 2
values reason ended_by alert alert_from name matched_by
count_log '\[info\].*\(unknown_name\), alert unrecognized_name sent, server name "other.test".*, client: 127.0.0.1'
count_log '\[info\].*\(no_certificate\), alert missing_extension sent, server name "".*, client: 127.0.0.1'
--- out
alert 112 unrecognized_name
eof
alert 109 missing_extension
eof
unknown_name server unrecognized_name server other.test default
no_certificate server missing_extension server - no_name
1
1

=== TEST 6: hello_too_large, hello_malformed
--- tls_config
    tls_handshake_log logs/handshake.log;
    tls_client_hello_max_size 1k;
--- run
raw --hello --size 1025
raw --hello --trailing 00
await_lines 2
values reason ended_by alert alert_from detail
count_log '\[info\].*\(hello_too_large\), alert [a-z_]+ sent.*, client: 127.0.0.1'
count_log '\[info\].*\(hello_malformed\), alert decode_error sent.*, client: 127.0.0.1'
--- out_like
^hello_too_large server [a-z_]+ server "[^"]
^hello_malformed server decode_error server "[^"]
^1$
--- out_unlike
^0$

=== TEST 7: not_tls, plain_http
--- tls_config
    tls_handshake_log logs/handshake.log;
--- run
raw --hex 0001020304
plain_code /
await_lines 2
values use reason ended_by received sent
count_log '\[info\].*client sent neither TLS nor HTTP \(not_tls\).*, client: 127.0.0.1'
count_log '\[info\].*client sent plain HTTP request to HTTPS port \(plain_http\) .*, client: 127.0.0.1, server: localhost'
--- out_like
^eof$
^400$
^other not_tls server 5 0$
^refused plain_http - [1-9]\d+ 0$
^1\n1$

=== TEST 8: proxy_malformed
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2 proxy_protocol;
        tls on;
        tls_handshake_log logs/handshake.log;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
PORT=$PORT2 raw --text 'PROXY TCP9\r\n'
await_lines 1
values use reason ended_by proxy
count_log '\[info\].*\(proxy_malformed\).*, client: 127.0.0.1'
--- out
eof
tls proxy_malformed server -
1

=== TEST 9: handshake_timeout, before, in and after the hello
--- tls_config
    tls_handshake_log logs/handshake.log;
    tls_handshake_timeout 500ms;
--- run
raw --first 0
raw --hello --first 50
raw --hello --sni localhost --all
await_lines 3
values reason ended_by name protocol received
count_log '\[info\].*client timed out \(handshake_timeout\) .*, client: 127.0.0.1'
count_log '\[info\].*client timed out \(handshake_timeout\), server name "localhost" .*, client: 127.0.0.1'
--- out_like
^handshake_timeout server - - 0$
^handshake_timeout server - - 50$
^handshake_timeout server localhost TLSv1.3 \d+$
^2$
^1$

=== TEST 10: peer_closed, before, in and after the hello, and after a HelloRetryRequest
--- tls_config
    tls_handshake_log logs/handshake.log;
    tls_groups X25519;
--- run
raw --first 0 --shut
raw --hello --first 50 --shut
raw --hello --sni localhost --shut --all >/dev/null
# Who resets does not wait for the server, which may see two of them at once.
raw --hello --sni localhost --reset
await_lines 4
raw --hello --first 50 --reset
await_lines 5
raw --hello --sni localhost --shares 0017 --shut
await_lines 6
values reason ended_by alert name
values protocol group | tail -n 1
count_log '\[info\].*peer_closed.*, client: 127.0.0.1'
grep -c 'client: 127.0.0.1' "$ERROR_LOG"
--- out
eof
eof
hello_retry_request
peer_closed client - -
peer_closed client - -
peer_closed client - localhost
peer_closed client - localhost
peer_closed client - -
peer_closed client - localhost
TLSv1.3 -
6
6

=== TEST 11: peer_alert: a client that does not trust the certificate, in both versions
--- tls_config
    tls_handshake_log logs/handshake.log;
--- run
for version in -tls1_2 -tls1_3; do
    openssl s_client -connect "127.0.0.1:$PORT" -servername localhost -CAfile "$CERTS/other-ca.crt" -verify_return_error \
        $version </dev/null >/dev/null 2>&1
done
await_lines 2
values reason ended_by alert alert_from offered protocol
values certificate certificate_by signature | sed "s#$CERTS/##"
values group | sort -u
count_log '\[info\].*SSL handshake failed: peer_alert, alert unknown_ca received, server name "localhost" .*, client: 127.0.0.1'
--- out_like
^peer_alert client unknown_ca client TLSv1.2 TLSv1.2$
^peer_alert client unknown_ca client TLSv1.3 TLSv1.3$
^localhost.crt server ecdsa_secp256r1_sha256$
^X25519
^2$

=== TEST 12: peer_protocol: something else than the Finished
--- tls_config
    tls_handshake_log logs/handshake.log;
--- run
raw --hello --sni localhost --hex 1703030005aaaaaaaaaa --all >/dev/null
await_lines 1
values reason ended_by alert alert_from
count_log '\[info\].*SSL handshake failed: peer_protocol, alert bad_record_mac sent, server name "localhost" \(SSL: .*, client: 127.0.0.1'
--- out
peer_protocol server bad_record_mac server
1

=== TEST 13: verify_failed, and its cause
--- http_config
    tls_handshake_log logs/handshake.log;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_verify_client optional;
        tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
        location / { return 200 "ok\n"; }
    }
--- tls_config
    tls_verify_client on;
    tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
    location / { return 200 "$tls_handshake_reason\n"; }
--- run
for certificate in client client-expired client-other; do
    tls_code localhost / --cert "$CERTS/$certificate.crt" --key "$CERTS/$certificate.key"
done
tls_code localhost /
PORT=$PORT2 tls_code localhost /
await_lines 5
values reason verify detail protocol
# One line each; who makes no request has it when the connection ends.
for with in "-cert $CERTS/client-expired.crt -key $CERTS/client-expired.key" ""; do
    # shellcheck disable=SC2086
    s_client -servername localhost $with </dev/null >/dev/null
done
wait_log '\(verify_failed\)' 5
grep -o 'client [^:]*SSL.* (verify_failed), server name "localhost" while SSL handshaking, client: 127.0.0.1' "$ERROR_LOG"
count_log '\(verify_failed\)'
--- out
200
400
400
400
200
completed SUCCESS "-" TLSv1.3
verify_failed FAILED:certificate\x20has\x20expired "certificate has expired" TLSv1.3
verify_failed FAILED:unable\x20to\x20verify\x20the\x20first\x20certificate "unable to verify the first certificate" TLSv1.3
verify_failed NONE "no certificate was sent" TLSv1.3
completed NONE "-" TLSv1.3
client SSL certificate verify error: (10:certificate has expired) (verify_failed), server name "localhost" while SSL handshaking, client: 127.0.0.1
client sent no required SSL certificate (verify_failed), server name "localhost" while SSL handshaking, client: 127.0.0.1
5
--- error_log
client SSL certificate verify error: (10:certificate has expired) (verify_failed)
client sent no required SSL certificate (verify_failed)

=== TEST 14: limited: the worker needs the connection for another client
--- tls_config
    tls_handshake_log logs/handshake.log;
    location / { return 200 "$connection_requests\n"; }
--- run
idle_connections 100
await_lines 20
values use reason ended_by received | sort -u
wait_log '\[info\].*the worker needed the connection for another client \(limited\).*, client: 127.0.0.1'
tls_get localhost /
--- out
tls limited server 0
1

=== TEST 15: shutting_down, when time is up or at once
--- main_config
    worker_shutdown_timeout 100ms;
--- tls_config
    tls_handshake_log logs/handshake.log;
--- run
before=$(worker_descriptors)
idle_connections 2
wait_for has_descriptors $((before + 2))
reload
await_lines 2
wait_for has_descriptors "$before"
raw --hello --first 50 --seconds 20 >raw.out &
wait_for has_descriptors $((before + 1))
kill -TERM "$NGINX_PID"
wait $!
await_lines 3
values reason ended_by
cat raw.out
--- out
shutting_down server
shutting_down server
shutting_down server
eof
--- error_log
the worker process ended (shutting_down)

=== TEST 16: internal: a regular expression that cannot be run
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name ~^(a+)+$;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- tls_config
    tls_handshake_log logs/handshake.log;
--- run
raw --hello --sni "$(printf 'a%.0s' {1..60})b"
await_lines 1
values reason ended_by alert alert_from detail
--- out
alert 80 internal_error
eof
internal server internal_error server "the server name could not be looked up"
--- may_log: alert

# What requests see of their handshake, and what those see that had none.
use lib 't/lib';
use TestTLS;

log_level('info');
run_tests();

__DATA__

=== TEST 1: on a TLS connection, the same for all of its requests
--- tls_config
    location / {
        return 200 "$tls_port_use $tls_handshake_reason $tls_handshake_time $tls_bytes_received $tls_bytes_sent [$tls_alert$tls_alert_from$tls_ended_by$tls_handshake_detail$tls_early_data_status]\n";
    }
--- run
tls_get localhost '/[1-2]' >both.out
wc -l <both.out
sort -u both.out | wc -l
cat both.out
--- out_like
^2$
^1$
^tls completed \d+\.\d{6} [1-9]\d+ [1-9]\d+ \[\]$

=== TEST 2: usable in map, if, add_header and log_format
--- http_start
    map $tls_offered_version $old { default 1; TLSv1.3 0; }
    log_format handshake '$tls_handshake_reason $tls_certificate_by';
    access_log logs/requests.log handshake;
--- tls_config
    add_header X-Old $old;
    location / {
        if ($tls_server_matched_by = no_name) { return 421; }
        return 204;
    }
--- run
tls_get localhost / -i --http1.1 | tr -d '\r' | grep -E '^(HTTP|X-Old)'
tls_get localhost / -i --http1.1 --tls-max 1.2 | tr -d '\r' | grep -E '^(HTTP|X-Old)'
curl -q -sk --max-time 30 -o /dev/null -w '%{http_code}\n' "https://127.0.0.1:$PORT/"
wait_for grep -q . logs/requests.log
sort -u logs/requests.log
--- out
HTTP/1.1 204 No Content
X-Old: 0
HTTP/1.1 204 No Content
X-Old: 1
421
completed server

=== TEST 3: HTTP in the clear on a TLS address, and on another
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        location / { return 200 "plain [$tls_port_use$tls_handshake_reason$tls_handshake_time$tls_bytes_received$tls_offered_version]\n"; }
    }
--- tls_config
    error_page 497 =200 @plain;
    location @plain { return 200 "$tls_port_use $tls_handshake_reason [$tls_protocol$tls_offered_version$tls_server_name]\n"; }
--- run
plain_get /
PORT=$PLAIN_PORT plain_get /
--- out
refused plain_http []
plain []

=== TEST 4: while certificates are looked for nothing is known but the name, and that only when it is a host's
--- http_config
    map "$tls_server_name-$tls_handshake_reason-$tls_offered_version-$tls_port_use" $file {
        "first.test---" first;
        "---" second;
        default third;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/$file.crt;
        tls_certificate_key $TEST_NGINX_CERTS/$file.key;
        location / { return 200 "$tls_server_name $tls_certificate_file\n"; }
    }
--- run
for name in First.test ../etc other.test; do
    s_request h / -servername $name | tail -n 1 | sed "s#$CERTS/##"
done
--- out
First.test first.crt
../etc second.crt
other.test third.crt

=== TEST 5: the name as it was sent
--- tls_config
    location / { return 200 "$tls_server_name\n"; }
--- run
s_request h / -servername LocalHost. | tail -n 1
--- out
LocalHost.

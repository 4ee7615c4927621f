# X25519MLKEM768 with the module's own key work: its handshakes, and its refusals, are those of OpenSSL.
use lib 't/lib';
use TestTLS;
use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(http_config => <<'EOC');
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_groups X25519MLKEM768:P-384;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$tls_protocol $tls_curve $tls_session_reused\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_batch off;
        tls_groups X25519MLKEM768:P-384;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        location / { return 200 "$tls_protocol $tls_curve $tls_session_reused\n"; }
    }
EOC
});

run_tests();

__DATA__

=== TEST 1: one, one that is asked for it by HelloRetryRequest, one that resumes
--- min_openssl: 3.5
--- run
for name in localhost a.test; do
    s_request $name / -tls1_3 -servername $name -groups X25519MLKEM768 -sess_out $name.session | tail -n 1
    s_request $name / -tls1_3 -servername $name -groups X25519:X25519MLKEM768 | tail -n 1
    s_request $name / -tls1_3 -servername $name -groups X25519MLKEM768 -sess_in $name.session | tail -n 1
done
--- out
TLSv1.3 X25519MLKEM768 .
TLSv1.3 X25519MLKEM768 .
TLSv1.3 X25519MLKEM768 r
TLSv1.3 X25519MLKEM768 .
TLSv1.3 X25519MLKEM768 .
TLSv1.3 X25519MLKEM768 r



=== TEST 2: many at once, their shares found and made together
--- min_openssl: 3.5
--- run
for i in {1..120}; do urls+=("https://localhost:$PORT/$i"); done
curl -q -sS -Z --parallel-immediate --parallel-max 60 --max-time 60 -H 'Connection: close' --cacert "$CERTS/ca.crt" \
    --resolve "*:$PORT:127.0.0.1" --curves X25519MLKEM768 "${urls[@]}" | cut -d ' ' -f 1,2 | sort | uniq -c | sed 's/^ *//'
--- out
120 TLSv1.3 X25519MLKEM768



=== TEST 3: shares that are none are refused with OpenSSL's alerts
--- min_openssl: 3.5
--- run
share() { # BYTE COUNT [BYTE COUNT]: a list of one share of the group
    perl -e 'my $key = ""; while (@ARGV) { my ($byte, $count) = splice @ARGV, 0, 2; $key .= chr(hex $byte) x $count }
        print unpack "H*", pack "n/a*", pack "n n/a*", 0x11ec, $key' "$@"
}
for name in localhost a.test; do
    echo "$name"
    # Too short and too long; numbers that are not below the modulus; an X25519 secret of zeros; and one that is good.
    for list in "$(share 00 1215)" "$(share 00 1217)" "$(share ff 1216)" "$(share 00 1216)" "$(share 00 1184 0f 32)"; do
        raw --hello --sni $name --groups 11ec --shares none --ext "51=$list"
    done
done
--- out
localhost
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
server_hello
a.test
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
server_hello

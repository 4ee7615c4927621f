# A good hello is read whole however it comes: cut into segments and records, with more behind it, in two attempts by a
# HelloRetryRequest, and up to a size.
use lib 't/lib';
use TestTLS;

log_level('info');
run_tests();

__DATA__

=== TEST 1: a hello byte by byte
--- tls_config
    location / { return 200 "$tls_protocol $server_protocol\n"; }
--- run
cut_hello --pieces 1
tls_get localhost / --tlsv1.3
tls_get localhost / --tls-max 1.2
s_request localhost / -servername localhost | tail -n 1
--- out
TLSv1.3 HTTP/2.0
TLSv1.2 HTTP/2.0
TLSv1.3 HTTP/1.1

=== TEST 2: a hello in records of one byte, in one segment and in many
--- tls_config
    location / { return 200 "$tls_protocol\n"; }
--- run
cut_hello --records 1
tls_get localhost / --tlsv1.3
tls_get localhost / --tls-max 1.2
cut_hello --records 1 --pieces 7
tls_get localhost / --tlsv1.3
cut_hello --records 5 --pieces 1
tls_get localhost / --tls-max 1.2
--- out
TLSv1.3
TLSv1.2
TLSv1.3
TLSv1.2

=== TEST 3: a hello cut after each of its first bytes, and its header's
--- tls_config
--- run
for first in $(seq 1 12); do
    raw --hello --pieces "$first"
    raw --hello --records "$first"
done | sort | uniq -c | sed 's/^ *//'
--- out
24 server_hello

=== TEST 4: what follows the hello in its segment is not lost
--- tls_config
    location / { return 200 "$tls_protocol $request_method $request_length\n"; }
--- run
# With 0-RTT refused, early data must be skipped: the client sends it behind its hello.
tls_get localhost / --http1.1 -X POST --data-binary "$(printf 'x%.0s' {1..20000})" -o /dev/null -w '%{http_code}\n'
# An alert in the hello's own segment is seen: the handshake ends there.
raw --hello --hex 15030300020250 --all --seconds 3 >said
head -n 1 said
tail -n 1 said
wait_log 'alert internal_error received'
--- out
200
server_hello
eof

=== TEST 5: a HelloRetryRequest, whose second hello goes through libssl, also in pieces
--- tls_config
    tls_groups P-384;
    location / { return 200 "$tls_protocol $tls_curve\n"; }
--- run
retry() {
    s_request localhost / -servername localhost -groups X25519:P-384 -msg >said
    grep -ac '>>>.*ClientHello' said
    grep -ao 'TLSv1.3 secp.*' said
}
retry
raw --hello --groups 001d,0018
cut_hello --pieces 1 --both
retry
cut_hello --records 3
retry
# No group in common: no retry helps.
handshake -groups X25519
--- out
2
TLSv1.3 secp384r1
hello_retry_request
2
TLSv1.3 secp384r1
2
TLSv1.3 secp384r1
alert 40

=== TEST 6: a broken second hello is libssl's to refuse
--- tls_config
    tls_groups P-384;
--- run
# The same hello again still has no share of the group that was asked for: illegal_parameter (RFC 8446 section 4.1.2).
raw --hello --groups 001d,0018 --all --hello --records 16384 | grep -v change_cipher_spec
raw --hello --groups 001d,0018 --all --hex 16030300050100000100 | grep -v change_cipher_spec
--- out
hello_retry_request
alert 47 illegal_parameter
eof
hello_retry_request
alert 50 decode_error
eof

=== TEST 7: a hello of up to 16 KiB, and no longer one
--- tls_config
    location / { return 200 "ok\n"; }
--- run
raw --hello --size 16384
raw --hello --size 16385
# It is refused as soon as its length is known.
raw --hello --size 16385 --first 9
raw --hello --size 60000 --first 9 --pieces 1
--- out
server_hello
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
--- grep_error_log eval: qr/\[\w+\].*ClientHello too large \(hello_too_large\), alert illegal_parameter sent/
--- grep_error_log_out eval: qr/\A(\[info\].*\n){3}\z/

=== TEST 8: tls_client_hello_max_size: the whole message counts, with its four bytes
--- tls_config
    tls_client_hello_max_size 1000;
--- http_config
    tls_client_hello_max_size 20k;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
raw --hello --size 1000
raw --hello --size 1001
raw --hello --size 1001 --records 100 --pieces 50
PORT=$PORT2 raw --hello --size 20480
PORT=$PORT2 raw --hello --size 20481
--- out
server_hello
alert 47 illegal_parameter
eof
alert 47 illegal_parameter
eof
server_hello
alert 47 illegal_parameter
eof

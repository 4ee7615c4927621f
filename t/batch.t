# tls_batch: handshakes with the module's own key exchange and key schedule are those of OpenSSL, in every version, group and
# kind of handshake; what the directive says about the machine.
use lib 't/lib';
use TestTLS;
use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/two_servers.sh'\n" . $block->run) if defined $block->run;
});

run_tests();

__DATA__

=== TEST 1: every version and group, with it and without
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_batch off;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_protocol $tls_curve\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_batch auto;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_protocol $tls_curve\n"; }
    }
--- run
for name in localhost a.test; do
    for version in 1.2 1.3; do
        for group in X25519 P-256 P-384 X448; do
            tls_get $name / --tlsv$version --tls-max $version --curves $group
        done
    done
done
--- out
TLSv1.2 X25519
TLSv1.2 prime256v1
TLSv1.2 secp384r1
TLSv1.2 X448
TLSv1.3 X25519
TLSv1.3 prime256v1
TLSv1.3 secp384r1
TLSv1.3 X448
TLSv1.2 X25519
TLSv1.2 prime256v1
TLSv1.2 secp384r1
TLSv1.2 X448
TLSv1.3 X25519
TLSv1.3 prime256v1
TLSv1.3 secp384r1
TLSv1.3 X448



=== TEST 2: HelloRetryRequest, resumption and a client's certificate
--- tls_config
    tls_ecdh_curve X25519:P-256;
    tls_verify_client on;
    tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
    location / { return 200 "$tls_protocol $tls_session_reused $tls_client_verify\n"; }
--- run
client="-cert $CERTS/client.crt -key $CERTS/client.key"
# The first share is for a group that the server does not take.
s_request localhost / -tls1_3 -groups P-384:X25519 $client | grep SUCCESS
for version in tls1_2 tls1_3; do
    s_request localhost / -$version $client -sess_out "$SERVROOT/s.pem" | grep SUCCESS
    s_request localhost / -$version $client -sess_in "$SERVROOT/s.pem" | grep SUCCESS
done
--- out
TLSv1.3 . SUCCESS
TLSv1.2 . SUCCESS
TLSv1.2 r SUCCESS
TLSv1.3 . SUCCESS
TLSv1.3 r SUCCESS



=== TEST 3: every kind of key, both hashes of the key schedule
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        tls_certificate $TEST_NGINX_CERTS/ed25519.crt;
        tls_certificate_key $TEST_NGINX_CERTS/ed25519.key;
        location / { return 200 "$tls_cipher\n"; }
    }
--- run
for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256; do
    for scheme in ecdsa_secp256r1_sha256 rsa_pss_rsae_sha256 ed25519; do
        printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
            openssl s_client -connect 127.0.0.1:$PORT2 -servername localhost -CAfile "$CERTS/ca.crt" -quiet \
                -verify_return_error -ciphersuites $suite -sigalgs $scheme 2>/dev/null | grep TLS_
    done
done
--- out
TLS_AES_128_GCM_SHA256
TLS_AES_128_GCM_SHA256
TLS_AES_128_GCM_SHA256
TLS_AES_256_GCM_SHA384
TLS_AES_256_GCM_SHA384
TLS_AES_256_GCM_SHA384
TLS_CHACHA20_POLY1305_SHA256
TLS_CHACHA20_POLY1305_SHA256
TLS_CHACHA20_POLY1305_SHA256



=== TEST 4: no key pair is used twice, by no worker, before a reload and after it
--- workers: 2
--- tls_config
    location / { return 200 ""; }
--- run
shares() { # what the server's key shares were, one line each
    for i in {1..40}; do
        openssl s_client -connect 127.0.0.1:$PORT -groups X25519 -tls1_3 -msg </dev/null 2>/dev/null |
            tr -d ' \n' | grep -o '00330024001d0020[0-9a-f]\{64\}' | sed -n 1p
    done
}
shares >"$SERVROOT/first"
old=$(workers)
reload
shares >"$SERVROOT/second"
sort "$SERVROOT/first" "$SERVROOT/second" | uniq | wc -l
--- out
80



=== TEST 5: where the library is missing, or is none, "on" is refused and "auto" goes on without
--- tls_config
    tls_batch auto;
    location / { return 200 ""; }
--- run
alone=$SERVROOT/alone
conf=$SERVROOT/conf/nginx.conf
mkdir -p "$alone"
module=$(sed -n 's/^load_module \(.*ngx_http_tls_module.so\);/\1/p' "$conf")
cp "$module" "$alone/module.so"
sed "s,^load_module .*ngx_http_tls_module.so;,load_module $alone/module.so;," "$conf" >"$conf.auto"
sed "s,tls_batch auto,tls_batch on," "$conf.auto" >"$conf.on"
stub() { # C-SOURCE
    printf '%s\n' "$1" | gcc -shared -fPIC -x c -o "$alone/libcrypto_mb.so.11" -
}
check() {
    "$NGINX_BINARY" -t -q -p "$SERVROOT" -c "$conf.auto" && echo auto
    "$NGINX_BINARY" -t -p "$SERVROOT" -c "$conf.on" 2>&1 | grep -o '"tls_batch" cannot be "on": .*' |
        sed "s, in /.*,,; s,: $alone/,: ," || true
}
if ldconfig -p | grep libcrypto_mb >"$SERVROOT/found"; then
    # The system's comes first: nothing of this can be tried.
    cat "$SERVROOT/html/expected"
    exit
fi
check
stub 'int unrelated;'
check
names='x25519_public_key x25519 nistp256_ecpublic_key nistp256_ecdh nistp256_ecdsa_sign_setup nistp384_ecdsa_sign_setup rsa_private_crt'
stub "$(printf 'int mbx_%s_mb8(void) { return -1; }\n' $names)
int mbx_is_crypto_mb_applicable(long features) { return features != 0; }"
check
--- user_files
>>> expected
auto
"tls_batch" cannot be "on": libcrypto_mb: it is not installed
auto
"tls_batch" cannot be "on": libcrypto_mb.so.11: it lacks a function that is needed
auto
"tls_batch" cannot be "on": libcrypto_mb.so.11: it does not support this processor, which must have AVX-512 IFMA
--- out
auto
"tls_batch" cannot be "on": libcrypto_mb: it is not installed
auto
"tls_batch" cannot be "on": libcrypto_mb.so.11: it lacks a function that is needed
auto
"tls_batch" cannot be "on": libcrypto_mb.so.11: it does not support this processor, which must have AVX-512 IFMA



=== TEST 6: other words
--- tls_config
    tls_batch sometimes;
--- emerg
invalid value "sometimes"



=== TEST 7: many at once, of both curves, beside clients that go away with their hello
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/p384.crt;
        tls_certificate_key $TEST_NGINX_CERTS/p384.key;
        location / { return 200 "$tls_server_name\n"; }
    }
--- tls_config
    location / { return 200 "$tls_server_name\n"; }
--- run
vanish() { # clients that send a whole hello and then reset or close, without reading
    perl -I"$T_LIB" -MClientHello=make_hello -MIO::Socket::INET -MSocket=SOL_SOCKET,SO_LINGER -e '
        for my $i (1 .. 150) {
            my @clients = map { IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or die } 1 .. 4;
            for my $client (@clients) {
                $client->syswrite("\x16\x03\x01" . pack("n/a*", make_hello({sni => "localhost"})));
                setsockopt($client, SOL_SOCKET, SO_LINGER, pack("ii", 1, 0)) if $i % 2;
            }
        }' "$PORT"
}
many() { # NAME VERSION
    at_once 120 "$@"
}
vanish &
gone=$!
many localhost --tlsv1.3
many a.test --tlsv1.3
many localhost --tls-max 1.2
many a.test --tls-max 1.2
wait "$gone"
many localhost --curves P-256
many a.test --curves P-256:P-384 --tls-max 1.2
--- out
120 localhost
120 a.test
120 localhost
120 a.test
120 localhost
120 a.test



=== TEST 8: points on P-256 that are none get the alert that OpenSSL sends, in TLS 1.3 and in TLS 1.2
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_batch off;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location / { return 200 "$tls_server_name\n"; }
    }
--- tls_config
    location / { return 200 "$tls_server_name\n"; }
--- run
zeros=$(printf '0%.0s' {1..128})
ones=$(printf 'f%.0s' {1..128})
# The base point with its last bit changed, and cut.
base=6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f
answer() { # NAME POINT
    local size=$((${#2} / 2))
    raw --hello --sni "$1" --without 51 --ext "51=$(printf '%04x0017%04x%s' $((size + 4)) "$size" "$2")" | head -n 1
}
for name in localhost a.test; do
    for point in "04${base}5" "04${base}4" "04$zeros" "04$ones" "00$zeros" "05${base}5" "04${base}"; do
        answer $name "${point:0:$((${#point} / 2 * 2))}"
    done | uniq -c | sed 's/^ *//'
done
--- out
1 server_hello
6 alert 47 illegal_parameter
1 server_hello
6 alert 47 illegal_parameter



=== TEST 9: nobody else waits for all the slow signatures of a turn
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/rsa4096.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa4096.key;
        location / { return 200 "served"; }
    }
--- run
client -e '
    my $hello = hello("localhost");
    my $served = tls($ENV{AT}, name => "localhost");
    # In how many of 24 handshakes that were begun together the server has signed when it has answered a request that came
    # after the first signature: eight may be made by one call, and eight more while the request comes. This program may be held up
    # itself: the best of some turns counts.
    my $least = 24;
    for (1 .. 100) {
        my @slow = map { tcp($ENV{AT}) } 1 .. 24;
        send_all($_, $hello) for @slow;
        IO::Select->new(@slow)->can_read(10);
        print "not served\n" unless get($served, "/")->{body} eq "served";
        my @signed = IO::Select->new(@slow)->can_read(0);
        $least = @signed if @signed < $least;
        last if $least < 21;
        has_input($_, 10) for @slow;
    }
    print $least < 21 ? "served soon\n" : "behind $least of 24 signatures\n";'
--- out
served soon

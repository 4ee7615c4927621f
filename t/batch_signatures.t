# ECDSA signatures that are prepared: for certificates found by name, from folders, variables and the internal authority, and
# with tls_signatures_ahead. Whoever asks gets valid ones, and no nonce comes twice.
use lib 't/lib';
use TestTLS;
use FoundCertificates;
use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
# NAME asked for COUNT times, as many as possible at once, by clients that check what they get.
many() { # AUTHORITY NAME COUNT [CURL-OPTION...]
    at_once "$3" "$2" --cacert "$1" "${@:4}"
}

# The key share and r of the ServerKeyExchange of COUNT handshakes in TLS 1.2, one line each (RFC 8422 section 5.4: curve_type
# and named_curve, the share, the scheme, and in DER a sequence whose first number is r).
exchanges() { # NAME COUNT
    local i
    for ((i = 0; i < $2; ++i)); do
        openssl s_client -connect "127.0.0.1:$PORT" -servername "$1" -groups X25519:P-256:P-384 -tls1_2 -msg </dev/null 2>/dev/null |
            tr -d ' \n' |
            perl -ne '/0c0000..03001d20([0-9a-f]{64})0[456]03....30(?:81)?..02(..)((?:[0-9a-f])+)/
                and print "$1\n", substr($3, 0, 2 * hex $2), "\n"'
    done
}
BASH
});

run_tests();

__DATA__

=== TEST 1: certificates of a folder, many at once, beside others in both versions
--- found
        tls_certificate_directory $F;
--- run
for name in a.test b.test; do
    cp "$CERTS/$name.crt" "$F/$name.crt"
    cp "$CERTS/$name.key" "$F/$name.key"
done
cp "$CERTS/p384.crt" "$F/localhost.crt"
cp "$CERTS/p384.key" "$F/localhost.key"
for version in --tlsv1.3 '--tls-max 1.2'; do
    for name in a.test b.test localhost; do
        # shellcheck disable=SC2086
        many "$CERTS/ca.crt" $name 60 $version &
    done
    wait
done
--- out
60 found.test
60 found.test
60 found.test
60 found.test
60 found.test
60 found.test



=== TEST 2: certificates that are replaced, and names that are forgotten, while clients come
--- found
        tls_certificate_directory $F;
        tls_certificate_cache max=1 valid=0;
--- run
put_file() { # NAME FILE: at once, as mv does it
    cp "$CERTS/$1" "$F/$2.new"
    mv "$F/$2.new" "$F/$2"
}
for name in a.test b.test; do
    put_file $name.crt $name.crt
    put_file $name.key $name.key
done
swap() {
    local i
    for i in {1..30}; do
        for name in a.test b.test; do
            touch "$F/$name.crt" "$F/$name.key"
        done
    done
}
swap &
for name in a.test b.test a.test; do
    many "$CERTS/ca.crt" $name 80 &
done
wait
--- out
80 found.test
80 found.test
80 found.test



=== TEST 3: paths with variables, and the internal authority
--- found
        tls_certificate $TEST_NGINX_CERTS/$tls_server_name.crt;
        tls_certificate_key $TEST_NGINX_CERTS/$tls_server_name.key;
        tls_batch auto;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name in.test;
        tls on;
        tls_certificate internal;
        tls_internal_ca $TEST_NGINX_SERVROOT/ca;
        location / { return 200 "$tls_server_name\n"; }
    }
--- run
many "$CERTS/ca.crt" a.test 60
many "$CERTS/ca.crt" b.test 60 --tls-max 1.2
PORT=$PORT2 many "$SERVROOT/ca/ca.pem" in.test 60
--- out
60 found.test
60 found.test
60 in.test



=== TEST 4: no nonce comes twice: signatures made ahead, one by one and many at once, in two workers, before a reload and after it
--- workers: 2
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name p384.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/p384.crt;
        tls_certificate_key $TEST_NGINX_CERTS/p384.key;
        tls_signatures_ahead on;
        location / { return 200 "$tls_server_name\n"; }
    }
--- tls_config
    tls_signatures_ahead on;
    location / { return 200 "$tls_server_name\n"; }
--- run
round() {
    exchanges localhost 24
    exchanges p384.test 6
    for i in 1 2 3; do
        exchanges localhost 8 >"$SERVROOT/part.$i" &
    done
    many "$CERTS/ca.crt" localhost 60 >&2
    wait
    cat "$SERVROOT"/part.*
}
round >"$SERVROOT/first"
reload
round >"$SERVROOT/second"
cat "$SERVROOT/first" "$SERVROOT/second" | wc -l
sort "$SERVROOT/first" "$SERVROOT/second" | uniq -d | wc -l
--- out
216
0



=== TEST 5: one after the other and many at once, with signatures made ahead, by clients that check them
--- tls_config
    tls_signatures_ahead on;
    location / { return 200 "$tls_server_name\n"; }
--- run
for version in --tlsv1.3 '--tls-max 1.2'; do
    # shellcheck disable=SC2086
    many "$CERTS/ca.crt" localhost 40 --parallel-max 1 $version
    # shellcheck disable=SC2086
    many "$CERTS/ca.crt" localhost 60 $version
done
--- out
40 localhost
60 localhost
40 localhost
60 localhost



=== TEST 6: other words
--- tls_config
    tls_signatures_ahead maybe;
--- emerg
invalid value "maybe" in "tls_signatures_ahead" directive, it must be "on" or "off"

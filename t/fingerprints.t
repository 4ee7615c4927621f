# Fingerprints of clients (JA3, and JA4's TLS client part): $tls_ja3, $tls_ja3_hash, $tls_ja4, $tls_ja4_r, $tls_ja4_o,
# $tls_ja4_ro, beside what is computed from the clients' own traces, and wherever nginx takes a variable.
use lib 't/lib';
use TestTLS;
use Fingerprints;

log_level('info');
run_tests();

__DATA__

=== TEST 1: of curl and openssl, as they are and told to be otherwise
--- fingerprints
--- run
by_curl
by_curl --http1.1
by_curl --no-alpn
by_curl --tls-max 1.2 --ciphers ECDHE-ECDSA-AES256-GCM-SHA384
by_curl --tls13-ciphers TLS_AES_128_GCM_SHA256 --curves P-384
by_openssl -servername localhost
by_openssl -noservername
by_openssl -servername localhost -tls1_2 -alpn http/1.1
by_openssl -servername localhost -tls1_3 -groups P-521 -sigalgs ed448:ECDSA+SHA256
by_openssl -servername localhost -tls1_3 -alpn http/1.0,http/1.1
--- out
same t13d h2
same t13d h1
same t13d 00
same t12d h2
same t13d h2
same t13d 00
same t13i 00
same t12d h1
same t13d 00
same t13d h0



=== TEST 2: real hellos from a file, as they were on the wire: each finds the certificate of its fingerprints
--- tls_config
        tls_certificate $TEST_NGINX_SERVROOT/$tls_ja3_hash,$tls_ja4,$tls_ja4_o.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        tls_ciphers ALL:@SECLEVEL=0;
--- run
rows() { tail -n +2 "$T_LIB/../data/ja4_vectors.tsv"; }
# What the server says to those on stdin. With other fingerprints it finds no certificate.
answers() {
    cut -f 3 | while read -r record; do
        raw --seconds 20 --hex "$record" | sed -n '1s/hello_retry_request/server_hello/; 1p'
    done | sort | uniq -c | sed 's/^ *//'
}
finds_one() { [ "$(rows | sed -n 1p | answers)" = "1 server_hello" ]; }
rows | sed -n '1~30p' | answers
rows | cut -f 6,8,10 | while read -r ja4 ja4_o ja3_hash; do
    ln -sf "$CERTS/rsa.crt" "$SERVROOT/$ja3_hash,$ja4,$ja4_o.crt"
done
# That there is none was true for a second.
wait_for finds_one
rows | answers
--- out
3 alert 112 unrecognized_name
90 server_hello



=== TEST 3: every request of a connection, resumed or not, has those of its own hello
--- fingerprints
        tls_session_cache shared:one:1m;
        add_header X-Reused $tls_session_reused;
--- run
for version in -tls1_2 -tls1_3; do
    by_openssl -servername localhost $version -sess_out "$SERVROOT/session"
    fingerprint ja4 >"$SERVROOT/first"
    by_openssl -servername localhost $version -sess_in "$SERVROOT/session"
    sed -n 's/^X-Reused: //p' "$SERVROOT/trace"
    # In TLS 1.3 pre_shared_key and with it one more extension is in the second hello.
    fingerprint ja4 | cmp -s "$SERVROOT/first" - && echo "as before" || echo another
done
# Two streams, then two requests of HTTP/1.1.
for http in --http2 --http1.1; do
    tls_get localhost / $http --trace "$SERVROOT/trace" "https://localhost:$PORT/" >"$SERVROOT/both"
    sed -n 1,6p "$SERVROOT/both" | judge "$SERVROOT/trace"
    sed -n 7,12p "$SERVROOT/both" | judge "$SERVROOT/trace"
    grep -c 'Client hello (1)' "$SERVROOT/trace"
done
--- out
same t12d 00
same t12d 00
r
as before
same t13d 00
same t13d 00
r
another
same t13d h2
same t13d h2
1
same t13d h1
same t13d h1
1



=== TEST 4: after a HelloRetryRequest those of the first hello
--- fingerprints
        tls_groups X25519;
--- run
by_openssl -servername localhost -tls1_3 -groups P-256:X25519
grep -c '>>>.* ClientHello' "$SERVROOT/trace"
--- out
same t13d 00
2



=== TEST 5: a hello in many records and segments
--- fingerprints
--- run
cut_hello --records 7 --pieces 11
by_curl
--- out
same t13d h2



=== TEST 6: in a log only
--- beside
    log_format fingerprints escape=none '$uri $tls_ja4_r';
--- fingerprints
        access_log $TEST_NGINX_SERVROOT/logs/fingerprints.log fingerprints;
        location = /log { return 200 ""; }
--- run
tls_get localhost /log --trace "$SERVROOT/trace"
logged() { [ -s "$SERVROOT/logs/fingerprints.log" ]; }
wait_for logged
read -r uri said <"$SERVROOT/logs/fingerprints.log"
echo "$uri"
[ "$said" = "$(fingerprint ja4_r)" ] && echo same
--- out
/log
same



=== TEST 7: map, and if
--- http_config
    map $tls_ja4 $kind {
        default another;
        ~^t12   old;
        ~^t13.....h2_ new;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        location = /map { return 200 "$kind\n"; }
        location = /if {
            if ($tls_ja3 ~ "^771,[0-9-]+,[0-9-]+,24,[0-9-]+$") { return 403; }
            return 200 "";
        }
    }
--- run
tls_get localhost /map
tls_get localhost /map --tls-max 1.2
tls_get localhost /map --http1.1
tls_code localhost /if
tls_code localhost /if --curves P-384
--- out
new
old
another
200
403



=== TEST 8: the key of limit_req
--- http_config
    limit_req_zone $tls_ja3_hash zone=clients:1m rate=1r/m;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        limit_req zone=clients;
        location / { empty_gif; }
    }
--- run
tls_code localhost /
tls_code localhost /
tls_code localhost / --curves P-384
tls_code localhost / --curves P-384
tls_code localhost /
--- out
200
503
200
503
503



=== TEST 9: headers for an upstream, and the header of an answer
--- beside
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        return 200 "$http_x_ja4\n";
    }
--- fingerprints
        location = /up {
            proxy_set_header X-JA4 "ja4 $tls_ja4";
            proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        }
        location = /down {
            add_header X-JA3 $tls_ja3;
            return 200 "";
        }
--- run
curl_shows /up ja4
curl_shows /up ja4 --tls-max 1.2
curl_shows /down ja3 -D - | tr -d '\r' | grep -i '^x-ja3'
--- out
ja4 FINGERPRINT
ja4 FINGERPRINT
x-ja3: FINGERPRINT



=== TEST 10: without encryption there are none
--- beside
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        return 200 "[$tls_ja3][$tls_ja3_hash][$tls_ja4][$tls_ja4_r][$tls_ja4_o][$tls_ja4_ro]\n";
    }
--- fingerprints
        error_page 497 =200 /;
--- run
plain_get /
PORT=$PLAIN_PORT plain_get /
--- out
ja3=[]
ja3_hash=[]
ja4=[]
ja4_r=[]
ja4_o=[]
ja4_ro=[]
[][][][][][]



=== TEST 11: asked for while nginx runs, where some fingerprint is in the configuration
--- http_config
    map $tls_ja4 $unused { }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        root $TEST_NGINX_SERVROOT/html;
        location / { ssi on; }
    }
--- user_files
>>> page.html
[<!--# echo var="tls_ja4_o" -->][<!--# echo var="tls_ja4" -->]
--- run
tls_get localhost /page.html --trace "$SERVROOT/trace" >"$SERVROOT/said"
sed "s/$(fingerprint ja4_o)/ORIGINAL/; s/$(fingerprint ja4)/SORTED/" "$SERVROOT/said"
--- out
[ORIGINAL][SORTED]



=== TEST 12: by a name that is nowhere in the configuration: a line says why there is nothing
--- tls_config
        root $TEST_NGINX_SERVROOT/html;
        location / { ssi on; }
--- user_files
>>> page.html
[<!--# echo var="tls_ja4" -->]
--- run
tls_get localhost /page.html
wait_log '\[warn\] .* variable "tls_ja4" is asked for by its name alone, and is empty: nothing in the configuration uses it'
--- out
[(none)]

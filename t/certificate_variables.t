# tls_certificate and tls_certificate_key with variables, paths and `data:`, through the same cache as folders; beside
# nginx's own, where it has them.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: a file for each name
--- found
        tls_certificate $F/$tls_server_name.crt;
        tls_certificate_key $F/$tls_server_name.key;
--- workers: 2
--- run
mint one two
put one a.test.crt a.test.key
put two b.test.crt b.test.key
for version in -tls1_2 -tls1_3; do
    for name in a.test B.test. c.test; do
        workers_show $name $version
    done
done
tls_code a.test /
# Without a name the variable is empty.
shown -
put one .crt .key
wait_shown - one
# What is not there is no error of the server's, only of its client.
said
--- out
2 one
2 two
2 alert 112
2 one
2 two
2 alert 112
200
alert 109



=== TEST 2: added, replaced, spoiled and removed, in every worker within a second
--- found
        tls_certificate $F/$tls_server_name.crt;
        tls_certificate_key $F/$tls_server_name.key;
--- workers: 2
--- run
mint one two
step() {
    a_second_later
    workers_show a.test
}
step
put one a.test.crt a.test.key; step
put two a.test.crt a.test.key; step
write "$made/one.crt" a.test.crt; step
write "$made/one.key" a.test.key; step
echo garbage >"$F/a.test.crt"; step
put two a.test.crt a.test.key; step
rm "$F/a.test.key"; step
rm "$F/a.test.crt"; step
said
--- out
2 alert 112
2 one
2 two
2 two
2 one
2 one
2 two
2 two
2 alert 112
notice: certificate "found/a.test.crt" and key "found/a.test.key" do not match yet, the old pair goes on
error: cannot load certificate "found/a.test.crt": PEM_read_bio_X509_AUX() failed, the old pair goes on
notice: certificate "found/a.test.crt" has no key "found/a.test.key" yet, the old pair goes on



=== TEST 3: data: and map
--- http_config
    map $tls_server_name $pair {
        a.test   "data:PEM(a.test)";
        b.test   "data:PEM(b.test)";
        bad.test "data:garbage";
        file     $TEST_NGINX_CERTS/rsa;
        none     "";
    }
    map $tls_server_name $text {
        a.test   "PEM(a.test)";
        b.test   "PEM(b.test)";
    }
    map $tls_server_name $relative {
        hostnames;
        *.w.test html/w;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        tls on;
        tls_certificate $pair;
        tls_certificate_key $pair;
        location / { return 200 "$tls_server_name\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        tls on;
        tls_certificate data:$text;
        tls_certificate_key data:$text;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        tls on;
        tls_certificate ../$relative.pem;
        tls_certificate_key ../$relative.pem;
    }
--- run
mint one
cp "$made/one.pem" "$SERVROOT/html/w.pem"
for PORT in $PORT $PORT2; do
    for turn in 1 2; do
        each_shown a.test b.test c.test bad.test none
    done
    shown -
done
PORT=$PLAIN_PORT shown x.w.test
PORT=$PLAIN_PORT shown w.test
# The text of a key is nobody's to read in a log.
grep -c 'BEGIN\|MHcC\|MIG' "$ERROR_LOG"
said | sed 's/"data:[^"]*"/DATA/g' | sort -u
--- out
a.test: a.test
b.test: b.test
c.test: alert 112
bad.test: alert 112
none: alert 112
a.test: a.test
b.test: b.test
c.test: alert 112
bad.test: alert 112
none: alert 112
alert 109
a.test: a.test
b.test: b.test
c.test: alert 112
bad.test: alert 112
none: alert 112
a.test: a.test
b.test: b.test
c.test: alert 112
bad.test: alert 112
none: alert 112
alert 109
one
alert 112
0
error: cannot load certificate DATA: PEM_read_bio_X509_AUX() failed



=== TEST 4: several pairs, some without variables
--- http_config
    map $tls_server_name $ec { a.test $F/one; b.test $F/two; }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test b.test;
        tls on;
        tls_certificate $ec.crt;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $ec.key;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
    }
--- run
mint one two
put one one.crt one.key
put two two.crt two.key
for name in a.test b.test; do
    for version in '-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256' -tls1_3; do
        shown $name $version -sigalgs ecdsa_secp256r1_sha256
        shown $name $version -sigalgs RSA-PSS+SHA256
    done
done
--- out
one
localhost
one
localhost
two
localhost
two
localhost



=== TEST 5: variables beside the name: the address, a header is none yet
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name _;
        tls on;
        tls_certificate $F/$server_port$http_host$arg_x.pem;
        tls_certificate_key $F/$server_port.pem;
        location / { return 200 "$server_port $uri $request_length\n"; }
    }
--- run
mint one two
put one $PORT.pem
put two $PORT2.pem
shown a.test
PORT=$PORT2 shown a.test
# The request that came to be for their sake leaves nothing in the one that is sent.
for turn in 1 2; do
    s_request a.test /a -tls1_3 | tail -n 1 | sed "s/$PORT/PORT/"
done
--- out
one
two
PORT /a 52
PORT /a 52



=== TEST 6: a capture of the server's name
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT default_server;
        server_name default.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name ~^(?<label>[a-z]+)\.site\.test$;
        tls on;
        tls_certificate $F/$tls_server_name.pem;
        tls_certificate_key $F/$tls_server_name.pem;
        location / { return 200 "$label\n"; }
    }
--- run
mint one
put one a.site.test.pem
shown a.site.test
s_request a.site.test / -servername a.site.test | tail -n 1
# Another one than the connection was made for.
shown 9.site.test
--- out
one
a
localhost



=== TEST 7: without a cache
--- found
        tls_certificate $F/$tls_server_name.pem;
        tls_certificate_key $F/$tls_server_name.pem;
        tls_certificate_cache off;
--- run
mint one two
shown a.test
put one a.test.pem
shown a.test
put two a.test.pem
shown a.test
rm "$F/a.test.pem"
shown a.test
--- out
alert 112
one
two
alert 112



=== TEST 8: with one: nothing is looked at within its time, and a reload begins with what was in use
--- found
        tls_certificate $F/$tls_server_name.pem;
        tls_certificate_key $F/$tls_server_name.pem;
        tls_certificate_cache max=10 valid=1h;
--- workers: 2
--- run
mint one two
put one a.test.pem
workers_show a.test
put two a.test.pem
workers_show a.test
put one a.test.pem
reload
put two a.test.pem
workers_show a.test
--- out
2 one
2 one
2 one



=== TEST 9: names that would be paths
--- found
        tls_certificate $F/folder/$tls_server_name.pem;
        tls_certificate_key $F/folder/$tls_server_name.pem;
--- run
mint one
put one folder/a.test.pem
put one secret.pem
put one folder/sub/x.pem
for name in ../secret sub/x ./a.test a.test/../a.test $'a\x01'; do
    answer_to $(hex "$name")
done | uniq
shown a.test
--- out
alert 112 unrecognized_name
one



=== TEST 10: what is told at start
--- run
refused() { # DIRECTIVES
    sed "s,^ *tls_certificate .*,$1," "$SERVROOT/conf/nginx.conf" >"$SERVROOT/conf/refused.conf"
    "$NGINX_BINARY" -t -e stderr -p "$SERVROOT/" -c "$SERVROOT/conf/refused.conf" 2>&1 |
        sed -n 's/^.*\[emerg\] [0-9#]*: //p'
    return 0
}
refused 'tls_certificate $nothing.pem; tls_certificate_key $tls_server_name.key;'
refused 'tls_certificate $tls_server_name.pem;'
refused 'tls_certificate $tls_server_name.pem; tls_certificate_key a; tls_certificate_directory x;'
refused 'tls_certificate internal; tls_certificate_key a; tls_certificate_directory x; tls_internal_ca y;'
refused 'tls_certificate a.pem; tls_certificate internal;'
--- found
        tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
--- out_like
unknown "nothing" variable
no "tls_certificate_key" is defined
"tls_certificate_directory" and variables in "tls_certificate" exclude each other
"tls_certificate_directory" and "tls_certificate internal" exclude each other
"tls_certificate" directive "internal" excludes other certificates

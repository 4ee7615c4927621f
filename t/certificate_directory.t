# tls_certificate_directory: where the certificate of a name is looked for, in which order, and what a name that a client
# sends can never reach. Files that change are in certificate_live.t.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: the three layouts, alone
--- found
        tls_certificate_directory $F;
--- run
mint certbot both two
put certbot one.test/fullchain.pem one.test/privkey.pem
put both two.test.pem
put two three.test.crt three.test.key
for version in -tls1_2 -tls1_3; do
    for name in one.test two.test three.test four.test; do
        shown $name $version
    done
done
# The chain is the whole file's, and it is one that clients trust.
tls_code two.test /
--- out
certbot
both
two
alert 112
certbot
both
two
alert 112
200
--- error_log
client refused: the name has no certificate (unknown_name), alert unrecognized_name sent, server name "four.test"



=== TEST 2: their order
--- found
        tls_certificate_directory $F;
--- run
mint certbot both two
for name in one.test two.test three.test; do
    put two $name.crt $name.key
done
for name in one.test two.test; do
    put both $name.pem
done
put certbot one.test/fullchain.pem one.test/privkey.pem
each_shown one.test two.test three.test
# A subfolder without the two files is none of the layouts.
mkdir "$F/four.test"
put both four.test.pem
shown four.test
--- out
one.test: certbot
two.test: both
three.test: two
both



=== TEST 3: several key types in each layout
--- found
        tls_certificate_directory $F;
--- run
mint ec rsa:key=rsa ed:key=ed25519
put ec one.test/fullchain.ecdsa.pem one.test/privkey.ecdsa.pem
put rsa one.test/fullchain.rsa.pem one.test/privkey.rsa.pem
put ed one.test/fullchain.ed25519.pem one.test/privkey.ed25519.pem
put ec two.test.ecdsa.pem
put rsa two.test.rsa.pem
put ed two.test.ed25519.pem
put ec three.test.ecdsa.crt three.test.ecdsa.key
put rsa three.test.rsa.crt three.test.rsa.key
put ed three.test.ed25519.crt three.test.ed25519.key
# And beside one whose ending says nothing.
put ec four.test.pem
put rsa four.test.rsa.pem
for name in one.test two.test three.test four.test; do
    for scheme in ecdsa_secp256r1_sha256 rsa_pss_rsae_sha256 ed25519; do
        echo "$name $(shown $name -tls1_3 -sigalgs $scheme)"
    done
    shown $name -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256
done
--- out
one.test ec
one.test rsa
one.test ed
rsa
two.test ec
two.test rsa
two.test ed
rsa
three.test ec
three.test rsa
three.test ed
rsa
four.test ec
four.test rsa
four.test alert 40
rsa



=== TEST 4: the chain is sent whole and in order
--- found
        tls_certificate_directory $F;
--- run
mkdir "$F/a.test"
cp "$CERTS/chain.crt" "$F/a.test/fullchain.pem"
cp "$CERTS/chain.key" "$F/a.test/privkey.pem"
chmod 644 "$F/a.test/"*
s_client -servername a.test -showcerts -verify_return_error |
    sed -n '/^Certificate chain/,/^---$/s/^ *[0-9] s:.*CN *= *//p; s/^ *Verify return code: //p' | uniq
--- out
a.test
Server intermediate
0 (ok)



=== TEST 5: wildcards answer one label below, in every layout and both spellings
--- found
        tls_certificate_directory $F;
--- run
mint under star both
put under _.one.w.test/fullchain.pem _.one.w.test/privkey.pem
put under _.two.w.test.pem
put under _.three.w.test.crt _.three.w.test.key
put star '*.four.w.test/fullchain.pem' '*.four.w.test/privkey.pem'
put star '*.five.w.test.pem'
put star '*.six.w.test.crt' '*.six.w.test.key'
for name in one two three four five six; do
    shown x.$name.w.test
done | uniq -c | sed 's/^ *//'
# Neither the name itself, nor two labels below, nor the star that a client sends.
each_shown two.w.test y.x.two.w.test five.w.test y.x.five.w.test
echo "$(shown '*.five.w.test') $(shown '*.two.w.test')"
# "_" comes before "*", the name itself before both.
put under _.seven.w.test.pem
put star '*.seven.w.test.pem'
put both x.seven.w.test.crt x.seven.w.test.key
each_shown x.seven.w.test other.seven.w.test
# A name without a dot has nothing above it.
put under _..pem
put under _.pem
shown x
--- out
3 under
3 star
two.w.test: alert 112
y.x.two.w.test: alert 112
five.w.test: alert 112
y.x.five.w.test: alert 112
alert 112 alert 112
x.seven.w.test: both
other.seven.w.test: under
alert 112



=== TEST 6: a wildcard with several key types
--- found
        tls_certificate_directory $F;
--- run
mint ec rsa:key=rsa
put ec _.w.test.ecdsa.pem
put rsa _.w.test.rsa.pem
shown x.w.test -sigalgs ecdsa_secp256r1_sha256
shown x.w.test -sigalgs rsa_pss_rsae_sha256
--- out
ec
rsa



=== TEST 7: several folders
--- found
        tls_certificate_directory $F/first;
        tls_certificate_directory $F/second;
        tls_certificate_directory $F/third;
--- run
mint first second third
mkdir "$F/first"
put first first/a.test.crt first/a.test.key
put second second/a.test/fullchain.pem second/a.test/privkey.pem
put second second/b.test.pem
put third third/b.test.pem
put third third/c.test.pem
# The name comes before the wildcards that cover it, wherever it is.
put first first/_.w.test.pem
put third third/x.w.test.pem
each_shown a.test b.test c.test d.test x.w.test y.w.test
--- out
a.test: first
b.test: second
c.test: third
d.test: alert 112
x.w.test: third
y.w.test: first



=== TEST 8: before the server's own certificates, which are for the names that the folder has not
--- found
        tls_certificate_directory $F;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt;
        tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
--- run
mint own named
put own a.test.pem
put named found.test.pem
for version in -tls1_2 -tls1_3; do
    each_shown a.test found.test other.test -
done
# Of a name that is in the folder nothing else is used, also not for another key type.
shown a.test -sigalgs rsa_pss_rsae_sha256
shown other.test -sigalgs rsa_pss_rsae_sha256
--- out
a.test: own
found.test: named
other.test: localhost
-: localhost
a.test: own
found.test: named
other.test: localhost
-: localhost
alert 40
localhost



=== TEST 9: the folder adds names, the server says what holds for them
--- http_config
    tls_certificate_directory $F;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name old.test;
        tls on;
        tls_protocols TLSv1.2;
        location / { return 200 "$server_name $tls_protocol\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name new.test;
        tls on;
        tls_protocols TLSv1.3;
        location / { return 200 "$server_name $tls_protocol\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name own.test;
        tls on;
        tls_certificate_directory $F/own;
        location / { return 200 "$server_name\n"; }
    }
--- run
mint shared own
for name in old.test new.test any.test own.test; do
    put shared $name.pem
done
put own own/own.test.pem
for name in old.test new.test any.test; do
    tls_get $name /
done
shown old.test -tls1_3
shown new.test -tls1_2
# A server's own folders replace those around it.
shown own.test
--- out
old.test TLSv1.2
new.test TLSv1.3
old.test TLSv1.2
alert 70
alert 70
own



=== TEST 10: a thousand names, one server
--- found
        tls_certificate_directory $F;
--- run
mint one
for n in $(seq 1000); do
    ln "$made/one.pem" "$F/n$n.test.pem"
done
chmod 644 "$made/one.pem"
client -e 'print scalar grep({ my $s = tls($ENV{AT}, name => "n$_.test"); $s->peer_certificate("commonName") eq "one" } map { 9 * $_ } 1 .. 111), " of 111\n"'
--- out
111 of 111

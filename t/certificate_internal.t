# tls_certificate internal: an authority that is made once, and a certificate for each of the server's names.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
CA=$F
# curl that trusts the authority and nobody else.
trusted() { # NAME [CURL-OPTION...]
    local name=$1
    shift
    curl -q -sS --max-time 30 --cacert "$CA/ca.pem" --connect-to "$name:$PORT:127.0.0.1:$PORT" "https://$name:$PORT/" "$@"
}
# What openssl x509 says with OPTIONs of the certificate that NAME shows.
leaf() { # NAME OPTION...
    s_client -servername "$1" | openssl x509 -noout "${@:2}"
}
BASH
});

run_tests();

__DATA__

=== TEST 1: an authority and a certificate of it, for clients that trust it
--- found
        tls_certificate internal;
        tls_internal_ca $F;
--- run
trusted found.test
trusted found.test --tls-max 1.2
shown -
# Its files: the key is for nobody else.
(cd "$CA" && stat -c '%n %a' ./* | sort)
stat -c '%a' "$CA"
openssl x509 -in "$CA/ca.pem" -noout -ext basicConstraints,keyUsage | grep -v '^ *$' | sed 's/^ *//'
openssl verify -CAfile "$CA/ca.pem" "$CA/ca.pem" | sed 's/.*: //'
openssl pkey -in "$CA/ca.key" -noout -text | grep -E 'ASN1|NIST'
# Nobody who does not trust it is served anything.
tls_code found.test / 2>/dev/null
[ $? -eq 60 ] && echo not trusted
--- out
found.test
found.test
found.test
./ca.key 600
./ca.pem 644
700
X509v3 Basic Constraints: critical
CA:TRUE, pathlen:0
X509v3 Key Usage: critical
Certificate Sign, CRL Sign
OK
ASN1 OID: prime256v1
NIST CURVE: P-256
000
not trusted



=== TEST 2: what its certificates are
--- found
        tls_certificate internal;
        tls_internal_ca $F;
--- run
leaf found.test -text | grep -E 'ASN1 OID|Public Key Algorithm|Signature Algorithm' | sed 's/^ *//' | sort -u
leaf found.test -ext subjectAltName,extendedKeyUsage,keyUsage,basicConstraints | grep -v '^ *$' | sed 's/^ *//; s/ *$//'
# A week, and an hour for clients whose clocks are behind.
date_of() { date -u -d "$(leaf found.test "-$1" | cut -d = -f 2)" +%s; }
now=$(date +%s)
for at in "$((now - $(date_of startdate)))" "$(($(date_of enddate) - now))"; do
    echo $(((at + 300) / 600 * 600))
done
s_client -servername found.test -showcerts -verify_return_error -CAfile "$CA/ca.pem" |
    grep -E '^ *[0-9] s:|Verify return code' | sed 's/[0-9A-F]\{8\}/DIGITS/; s/CN *= */CN=/; s/^ *//' | uniq
for host in found.test other.test; do
    s_client -servername found.test -verify_hostname $host -CAfile "$CA/ca.pem" | grep -m 1 -o 'Verify return code: .*'
done
--- out
ASN1 OID: prime256v1
Public Key Algorithm: id-ecPublicKey
Signature Algorithm: ecdsa-with-SHA256
X509v3 Subject Alternative Name:
DNS:found.test
X509v3 Basic Constraints: critical
CA:FALSE
X509v3 Key Usage: critical
Digital Signature
X509v3 Extended Key Usage:
TLS Web Server Authentication
3600
604800
0 s:CN=found.test
1 s:CN=nginx tls internal authority DIGITS
Verify return code: 0 (ok)
Verify return code: 0 (ok)
Verify return code: 62 (hostname mismatch)



=== TEST 3: one server: its names, and no others
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name one.test two.test *.w.test .dot.test mail.* ~^re\d+\.test$ 127.0.0.1;
        tls on;
        tls_certificate internal;
        tls_internal_ca $F;
        location / { return 200 "$server_name\n"; }
    }
--- run
for name in one.test TWO.test x.w.test y.x.w.test dot.test x.dot.test mail.test re12.test; do
    trusted $name -o /dev/null -w '%{http_code}\n'
done | uniq -c | sed 's/^ *//'
each_shown three.test w.test xdot.test mail re.test xre1.test localhost
answer_to $(hex ../one.test)
answer_to $(hex '*.w.test')
answer_to $(hex 10.0.0.1)
# By its address a client sends no name: the first one's certificate.
shown -
answer_to $(hex 127.0.0.1)
leaf x.w.test -ext subjectAltName | tail -n 1
--- out
8 200
three.test: alert 112
w.test: alert 112
xdot.test: alert 112
mail: alert 112
re.test: alert 112
xre1.test: alert 112
localhost: alert 112
alert 112 unrecognized_name
alert 112 unrecognized_name
alert 112 unrecognized_name
one.test
server_hello
    DNS:x.w.test



=== TEST 4: several servers on the address
--- http_config
    tls_internal_ca $F;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name one.test *.w.test ~^re\d+\.test$;
        tls on;
        tls_certificate internal;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name two.test;
        tls on;
        tls_certificate internal;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name own.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name borrowing.test;
        tls on;
    }
--- run
each_shown one.test x.w.test re1.test two.test own.test borrowing.test three.test w.test re.test -
--- out
one.test: one.test
x.w.test: x.w.test
re1.test: re1.test
two.test: two.test
own.test: localhost
borrowing.test: borrowing.test
three.test: alert 112
w.test: alert 112
re.test: alert 112
-: one.test



=== TEST 5: issued once and kept, also over a reload
--- http_config
    tls_internal_ca $F;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name one.test two.test;
        tls on;
        tls_certificate internal;
    }
--- workers: 2
--- run
serials() { # NAME: of both workers
    local worker
    for worker in $(workers); do
        on_worker "$worker" leaf "$1" -serial
    done
}
serials one.test >before
serials one.test | cmp - before && echo kept
sum=$(sha "$CA/ca.pem" "$CA/ca.key")
reload
[ "$sum" = "$(sha "$CA/ca.pem" "$CA/ca.key")" ] && echo the same authority
# From now on it was issued before the workers began.
[ "$(serials one.test | sort -u | wc -l)" = 1 ] && echo one for both
trusted one.test -o /dev/null && trusted two.test -o /dev/null && echo trusted
--- out
kept
the same authority
one for both
trusted



=== TEST 6: two servers that start on one folder have one authority
--- found
        tls_certificate internal;
        tls_internal_ca $F;
--- run
. "$T_LIB/life.sh"
sum=$(sha "$CA/ca.pem" "$CA/ca.key")
configure second <<HTTP
server {
    listen 127.0.0.1:$PORT2; server_name found.test; tls on; tls_certificate internal; tls_internal_ca $CA;
    location / { return 200 "second\n"; }
}
HTTP
start second
[ "$sum" = "$(sha "$CA/ca.pem" "$CA/ca.key")" ] && echo one
PORT=$PORT2 trusted found.test
trusted found.test
finish second
# Two at the same time make one as well.
for n in 1 2 3; do
    rm -rf "$CA.new"
    sed "s,$CA;,$CA.new;," "$life/second.conf" >"$life/test.conf"
    nginx test -t 2>a & first=$!
    nginx test -t 2>b
    wait $first
    openssl verify -CAfile "$CA.new/ca.pem" "$CA.new/ca.pem" | sed 's/.*: //'
    ls "$CA.new" | tr '\n' ' '
    cmp <(openssl pkey -in "$CA.new/ca.key" -pubout) <(openssl x509 -in "$CA.new/ca.pem" -noout -pubkey) && echo a pair
done
! grep -h emerg a b
--- out
one
second
found.test
OK
ca.key ca.pem a pair
OK
ca.key ca.pem a pair
OK
ca.key ca.pem a pair



=== TEST 7: no names are sent: refused when that is wanted, or when there is no first name
--- http_config
    tls_internal_ca $F;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name one.test;
        tls on;
        tls_certificate internal;
        tls_no_name refuse;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name *.w.test one.test;
        tls on;
        tls_certificate internal;
    }
--- run
shown - -tls1_3
shown - -tls1_2
PORT=$PORT2 shown - -tls1_3
PORT=$PORT2 shown one.test
--- out
alert 109
alert 40
alert 109
one.test



=== TEST 8: no folder is said
--- found
        tls_certificate internal;
--- emerg
\[emerg\] .*no "tls_internal_ca" is defined for "tls_certificate internal" in .*/nginx.conf:\d+$



=== TEST 9: a folder that cannot be made
--- found
        tls_certificate internal;
        tls_internal_ca $TEST_NGINX_SERVROOT/nowhere/ca;
--- emerg
\[emerg\] .*internal certificate authority: mkdir\(\) ".*/nowhere/ca" failed \(2: No such file or directory\)



=== TEST 10: files that are no authority
--- found
        tls_certificate internal;
        tls_internal_ca $F;
--- run
sum=$(sha "$CA/ca.pem" "$CA/ca.key")
cp -a "$CA" kept
attempt() {
    "$NGINX_BINARY" -t -e stderr -p "$SERVROOT/" -c conf/nginx.conf 2>&1 |
        sed -n "s/^.*\[emerg\] [0-9#]*: //p" | sed "s, in $SERVROOT.*,,; s,$SERVROOT/,,g; s, (SSL:.*,,"
    rm -rf "$CA"
    cp -a kept "$CA"
}
mint other
chmod 640 "$CA/ca.key"; attempt
rm "$CA/ca.key"; attempt
: >"$CA/ca.key"; attempt
echo garbage >"$CA/ca.key"; attempt
echo garbage >"$CA/ca.pem"; attempt
cp "$made/other.key" "$CA/ca.key"; chmod 600 "$CA/ca.key"; attempt
cp "$made/other.key" "$CA/ca.key"; chmod 600 "$CA/ca.key"; cp "$made/other.crt" "$CA/ca.pem"; attempt
rm "$CA/ca.key"; mkdir "$CA/ca.key"; attempt
# A certificate alone that is gone is made anew, for the same key.
rm "$CA/ca.pem"; "$NGINX_BINARY" -t -q -e stderr -p "$SERVROOT/" -c conf/nginx.conf
cmp <(openssl pkey -in "$CA/ca.key" -pubout) <(openssl x509 -in "$CA/ca.pem" -noout -pubkey) && echo a pair
# Meanwhile the server went on.
shown found.test
--- out_like
the key "found/ca.key" is open to other users \(its mode is 0640, 0600 is needed\)
"found/ca.pem" is there, but its key "found/ca.key" is not: restore it
the key "found/ca.key" is empty
cannot load certificate key "found/ca.key"
cannot load certificate "found/ca.pem"
the key "found/ca.key" does not belong to "found/ca.pem"
"found/ca.pem" is not an authority's certificate
"found/ca.key" is not a regular file
\na pair\nfound.test\n\z



=== TEST 11: an authority that was made elsewhere, and the directives' places
--- http_config
    tls_certificate internal;
    tls_internal_ca $F;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name one.test;
        tls on;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name file.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name two.test;
        tls on;
        tls_internal_ca $F.second;
    }
--- run
. "$T_LIB/life.sh"
each_shown one.test file.test two.test
for folder in "$CA.second" "$CA"; do
    s_client -servername two.test -CAfile "$folder/ca.pem" | grep -m 1 -o 'Verify return code: 0' || echo not trusted
done
mkdir own
cp "$CERTS/ca.crt" own/ca.pem
cp "$CERTS/ca.key" own/ca.key
chmod 600 own/ca.key
configure own <<HTTP
server {
    listen 127.0.0.1:$PORT2; server_name one.test; tls on; tls_certificate internal; tls_internal_ca $SERVROOT/own;
    location / { return 200 "own\n"; }
}
HTTP
start own
PORT=$PORT2 tls_get one.test /
finish own
--- out
one.test: one.test
file.test: localhost
two.test: two.test
Verify return code: 0
not trusted
own

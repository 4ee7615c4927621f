# Certificates that are added, replaced, spoiled and removed below a running server: in every worker, within a second,
# without a reload. What stands still is in certificate_directory.t.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: a file that is added
--- found
        tls_certificate_directory $F;
--- workers: 3
--- run
mint one
workers_show a.test
put one a.test.pem
a_second_later
workers_show a.test
said
--- out
3 alert 112
3 one



=== TEST 2: one that is replaced, in each layout
--- found
        tls_certificate_directory $F;
--- workers: 3
--- run
mint one two
replace() { # NAME FILE...
    put one "${@:2}"
    workers_show $1
    put two "${@:2}"
    a_second_later
    workers_show $1
}
replace a.test a.test/fullchain.pem a.test/privkey.pem
replace b.test b.test.pem
replace c.test c.test.crt c.test.key
replace x.w.test _.w.test.pem
said
--- out
3 one
3 two
3 one
3 two
3 one
3 two
3 one
3 two



=== TEST 3: one that is removed
--- found
        tls_certificate_directory $F;
--- workers: 3
--- run
mint one
put one a.test.pem
put one b.test.crt b.test.key
put one c.test/fullchain.pem c.test/privkey.pem
for name in a b c; do workers_show $name.test; done
rm -r "$F/a.test.pem" "$F"/b.test.* "$F/c.test"
a_second_later
for name in a b c; do workers_show $name.test; done
said
--- out
3 one
3 one
3 one
3 alert 112
3 alert 112
3 alert 112



=== TEST 4: one that comes before another, and goes again
--- found
        tls_certificate_directory $F/first;
        tls_certificate_directory $F/second;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
--- run
mint low high wild
mkdir "$F/first" "$F/second"
steps() {
    a_second_later
    shown x.w.test
}
steps
put wild second/_.w.test.pem; steps
put low second/x.w.test.crt second/x.w.test.key; steps
put high second/x.w.test.pem; steps
put low first/x.w.test.pem; steps
rm "$F/first/x.w.test.pem"; steps
rm "$F/second/x.w.test.pem"; steps
rm "$F"/second/x.w.test.*; steps
rm "$F/second/_.w.test.pem"; steps
--- out
localhost
wild
low
high
low
high
low
wild
localhost



=== TEST 5: the halves one after another: the old pair goes on, and one notice is logged
--- found
        tls_certificate_directory $F;
--- workers: 3
--- run
mint one two
put one a.test.crt a.test.key
put one b.test/fullchain.pem b.test/privkey.pem
workers_show a.test
workers_show b.test
write "$made/two.crt" a.test.crt
write "$made/two.key" b.test/privkey.pem
for turn in 1 2; do
    a_second_later
    workers_show a.test
    workers_show b.test
done
write "$made/two.key" a.test.key
write "$made/two.crt" b.test/fullchain.pem
a_second_later
workers_show a.test
workers_show b.test
said
--- out
3 one
3 one
3 one
3 one
3 one
3 one
3 two
3 two
notice: certificate "found/a.test.crt" and key "found/a.test.key" do not match yet, the old pair goes on
notice: certificate "found/b.test/fullchain.pem" and key "found/b.test/privkey.pem" do not match yet, the old pair goes on



=== TEST 6: certbot's links, exchanged one after another
--- found
        tls_certificate_directory $F/live;
--- workers: 2
--- run
mint one two
put one archive/a.test/fullchain1.pem archive/a.test/privkey1.pem
put two archive/a.test/fullchain2.pem archive/a.test/privkey2.pem
mkdir -p "$F/live/a.test"
cd "$F/live/a.test"
link() { # FILE NUMBER
    ln -s "../../archive/a.test/$1$2.pem" "$1.pem.new"
    mv -T "$1.pem.new" "$1.pem"
}
link fullchain 1
link privkey 1
workers_show a.test
# As certbot does it: its new files are there first, then each link turns to them.
link privkey 2
a_second_later
workers_show a.test
link fullchain 2
a_second_later
workers_show a.test
# And back at once, as after a rollback.
link privkey 1
link fullchain 1
a_second_later
workers_show a.test
# A whole folder in one.
put two live/other/fullchain.pem live/other/privkey.pem
mv "$F/live/a.test" "$F/live/away"
mv "$F/live/other" "$F/live/a.test"
a_second_later
workers_show a.test
said
--- out
2 one
2 one
2 two
2 one
2 two
notice: certificate "found/live/a.test/fullchain.pem" and key "found/live/a.test/privkey.pem" do not match yet, the old pair goes on



=== TEST 7: what cannot be served: the last good pair goes on, with one line; other names never notice
--- found
        tls_certificate_directory $F;
--- workers: 2
--- run
mint one two old:to=-60
bad="malformed cut empty expired swapped nokey folder"
for name in $bad fine; do
    put one $name.test.pem
    workers_show $name.test
done | uniq -c | sed 's/^ *//'
echo garbage >"$F/malformed.test.pem"
head -n 5 "$made/two.pem" >"$F/cut.test.pem"
: >"$F/empty.test.pem"
put old expired.test.pem
cat "$made/two.crt" "$made/one.key" >"$F/swapped.test.pem"
cp "$made/two.crt" "$F/nokey.test.pem"
rm "$F/folder.test.pem"
mkdir "$F/folder.test.pem"
put two fine.test.pem
for turn in 1 2; do
    a_second_later
    for name in $bad fine; do
        workers_show $name.test
    done | uniq -c | sed 's/^ *//'
done
said | sort | sed 's/ expired on .* UTC/ expired on DATE/'
# Made good again, all is well.
for name in $bad; do
    rm -rf "$F/$name.test.pem"
    put two $name.test.pem
done
a_second_later
for name in $bad; do
    workers_show $name.test
done | uniq -c | sed 's/^ *//'
--- out
8 2 one
7 2 one
1 2 two
7 2 one
1 2 two
error: X509_check_private_key("found/swapped.test.pem") failed: the key does not belong to certificate "found/swapped.test.pem", the old pair goes on
error: cannot load certificate "found/cut.test.pem": PEM_read_bio_X509_AUX() failed, the old pair goes on
error: cannot load certificate "found/empty.test.pem": PEM_read_bio_X509_AUX() failed, the old pair goes on
error: cannot load certificate "found/folder.test.pem": "found/folder.test.pem" is not a regular file, the old pair goes on
error: cannot load certificate "found/malformed.test.pem": PEM_read_bio_X509_AUX() failed, the old pair goes on
error: cannot load certificate key "found/nokey.test.pem": PEM_read_bio_PrivateKey() failed, the old pair goes on
error: certificate "found/expired.test.pem" expired on DATE, the old pair goes on
7 2 two



=== TEST 8: what could never be served: the name is refused, with one line, and its wildcard does not answer for it
--- found
        tls_certificate_directory $F;
--- workers: 2
--- run
mint one two old:to=-60 wild
put wild _.test.pem
put wild other.test.pem
echo garbage >"$F/malformed.test.pem"
put old expired.test.pem
write "$made/one.crt" unlike.test.crt
write "$made/two.key" unlike.test.key
for turn in 1 2; do
    for name in malformed expired unlike fine other; do
        echo "$name $(workers_show $name.test)"
    done
    a_second_later
done
said | sort | sed 's/ expired on .* UTC/ expired on DATE/'
put one malformed.test.pem
a_second_later
workers_show malformed.test
--- out
malformed 2 alert 112
expired 2 alert 112
unlike 2 alert 112
fine 2 wild
other 2 wild
malformed 2 alert 112
expired 2 alert 112
unlike 2 alert 112
fine 2 wild
other 2 wild
error: cannot load certificate "found/malformed.test.pem": PEM_read_bio_X509_AUX() failed
error: certificate "found/expired.test.pem" expired on DATE
error: certificate "found/unlike.test.crt" and key "found/unlike.test.key" do not match
2 one



=== TEST 9: one key type of several is spoiled, and renewed
--- found
        tls_certificate_directory $F;
--- run
mint ec ec2 rsa:key=rsa rsa2:key=rsa
both_types() {
    a_second_later
    echo $(shown a.test -sigalgs ecdsa_secp256r1_sha256) $(shown a.test -sigalgs rsa_pss_rsae_sha256)
}
put ec a.test.ecdsa.pem
put rsa a.test.rsa.pem
both_types
echo garbage >"$F/a.test.rsa.pem"
put ec2 a.test.ecdsa.pem
both_types
put rsa2 a.test.rsa.pem
both_types
rm "$F/a.test.ecdsa.pem"
both_types
said
--- out
ec rsa
ec2 rsa
ec2 rsa2
alert 40 rsa2
error: cannot load certificate "found/a.test.rsa.pem": PEM_read_bio_X509_AUX() failed, the old pair goes on



=== TEST 10: a certificate that expires while it is served
--- found
        tls_certificate_directory $F;
        tls_expiry_warning 0;
--- run
mint short:to=6 one
put short a.test.pem
put one b.test.pem
each_shown a.test b.test
expired() { shown a.test >/dev/null; said | grep -q 'expired on'; }
wait_for expired
each_shown a.test b.test
a_second_later
shown a.test
said | sed 's/ expired on .* UTC/ expired on DATE/'
put one a.test.pem
wait_shown a.test one
--- out
a.test: short
b.test: one
a.test: short
b.test: one
short
error: certificate "found/a.test.pem" expired on DATE, the old pair goes on

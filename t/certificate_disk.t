# The disk under a folder of certificates: one that is full, and one that goes and comes back.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: a full disk: what could not be written is not served, and the old pair goes on
--- found
        tls_certificate_directory $F;
--- run
# A disk with room for the one file, where that may be mounted; elsewhere a file that may not grow ends in the same way.
if mount -t tmpfs -o size=4k,nr_inodes=10,mode=755 tmpfs "$F" 2>/dev/null; then
    trap 'umount -l "$F"' EXIT
    fill() { head -c 4096 /dev/zero >"$F/other"; }
else
    fill() { ulimit -f 0; trap '' XFSZ; }
fi
mint one two
cat "$made/one.pem" >"$F/a.test.pem"
shown a.test
(: >"$F/a.test.pem"; fill; cat "$made/two.pem" >"$F/a.test.pem") 2>/dev/null || echo "no room"
wc -c <"$F/a.test.pem"
for turn in 1 2; do
    a_second_later
    shown a.test
done
said
rm -f "$F/other"
cat "$made/two.pem" >"$F/a.test.pem"
wait_shown a.test two && shown a.test
--- out
one
no room
0
one
one
error: cannot load certificate "found/a.test.pem": PEM_read_bio_X509_AUX() failed, the old pair goes on
two



=== TEST 2: a folder that disappears and returns
--- found
        tls_certificate_directory $F;
--- workers: 2
--- run
mint one two
put one a.test.pem
put one _.w.test.pem
put one b.test.pem
each_worker() {
    for name in "$@"; do
        echo "$name $(workers_show $name)"
    done
}
each_worker a.test x.w.test
mv "$F" "$F.away"
for turn in 1 2; do
    a_second_later
    # Those in use go on, of the others nothing is known.
    each_worker a.test x.w.test b.test
done
mv "$F.away" "$F"
put two a.test.pem
a_second_later
each_worker a.test x.w.test b.test
said
--- out
a.test 2 one
x.w.test 2 one
a.test 2 one
x.w.test 2 one
b.test 2 alert 112
a.test 2 one
x.w.test 2 one
b.test 2 alert 112
a.test 2 two
x.w.test 2 one
b.test 2 one
error: cannot open certificate directory: open() "found" failed (2: No such file or directory), its names in use go on

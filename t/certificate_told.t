# How often the error log says what is wrong with a name's files: once for each change, whichever worker meets it.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: files that are spoiled again in the same way are news again
--- found
        tls_certificate_directory $F;
--- workers: 2
--- run
mint one
for turn in 1 2; do
    put one a.test.pem
    a_second_later
    workers_show a.test
    write /dev/null a.test.pem
    a_second_later
    workers_show a.test
done
said
--- out
2 one
2 one
2 one
2 one
error: cannot load certificate "found/a.test.pem": PEM_read_bio_X509_AUX() failed, the old pair goes on
error: cannot load certificate "found/a.test.pem": PEM_read_bio_X509_AUX() failed, the old pair goes on



=== TEST 2: a renewal that is cut short again and again is told of each time, by one worker
--- found
        tls_certificate_directory $F;
--- workers: 4
--- run
mint one two
put one a.test.pem
workers_show a.test
for turn in 1 2 3; do
    head -n 5 "$made/two.pem" | write /dev/stdin a.test.pem
    a_second_later
    workers_show a.test
done
said | sort | uniq -c | sed 's/^ *//'
--- out
4 one
4 one
4 one
4 one
3 error: cannot load certificate "found/a.test.pem": PEM_read_bio_X509_AUX() failed, the old pair goes on

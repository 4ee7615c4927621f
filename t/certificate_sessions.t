# Sessions with certificates that are found by name: they resume with the name that they were made with, and outlive the
# certificate's renewal.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: each name its own, from tickets and from the server's memory
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name found.test;
        tls on;
        tls_certificate_directory $F;
        tls_session_cache shared:first:1m;
        location = /session_reused { return 200 "$tls_server_name $tls_session_reused\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name found.test;
        tls on;
        tls_certificate_directory $F;
        tls_session_cache shared:second:1m;
        tls_session_tickets off;
        location = /session_reused { return 200 "$tls_server_name $tls_session_reused\n"; }
    }
--- workers: 2
--- run
mint one two
put one a.test.pem
put two b.test.pem
# One file under two names is still two names.
put one c.test.pem
for PORT in $PORT $PORT2; do
    for version in -tls1_2 -tls1_3; do
        meet a.test kept $version
        for n in 1 2; do
            on_worker $(nth_worker $n) again a.test kept $version
        done
        again b.test kept $version
        again c.test kept $version
        again a.test kept $version
    done
done
--- out
a.test .
a.test r
a.test r
b.test .
c.test .
a.test r
a.test .
a.test r
a.test r
b.test .
c.test .
a.test r
a.test .
a.test r
a.test r
b.test .
c.test .
a.test r
a.test .
a.test r
a.test r
b.test .
c.test .
a.test r



=== TEST 2: a renewed certificate resumes what the old one began; a removed one nothing
--- found
        tls_certificate_directory $F;
        tls_session_cache shared:one:1m;
        location = /session_reused { return 200 "$tls_server_name $tls_session_reused\n"; }
--- run
mint one two
put one a.test/fullchain.pem a.test/privkey.pem
for version in -tls1_2 -tls1_3; do
    meet a.test kept$version $version
done
put two a.test/fullchain.pem a.test/privkey.pem
wait_shown a.test two
for version in -tls1_2 -tls1_3; do
    again a.test kept$version $version
done
reload
for version in -tls1_2 -tls1_3; do
    again a.test kept$version $version
done
rm -r "$F/a.test"
wait_shown a.test 'alert 112'
for version in -tls1_2 -tls1_3; do
    again a.test kept$version $version
done
--- out
a.test .
a.test .
a.test r
a.test r
a.test r
a.test r
alert 112
alert 112



=== TEST 3: a session of the server's own certificate is not one of a name in the folder
--- found
        tls_certificate_directory $F;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_session_cache shared:one:1m;
        location = /session_reused { return 200 "$tls_server_name $tls_session_reused\n"; }
--- run
mint one
put one a.test.pem
for version in -tls1_2 -tls1_3; do
    meet b.test own $version
    meet a.test kept $version
    again a.test own $version
    again b.test kept $version
    again b.test own $version
    again a.test kept $version
done
--- out
b.test .
a.test .
a.test .
b.test .
b.test r
a.test r
b.test .
a.test .
a.test .
b.test .
b.test r
a.test r



=== TEST 4: with variables: each pair its own, also where the files' names do not tell
--- http_config
    map $tls_server_name $file { default $F/$tls_server_name.pem; }
    map $tls_server_name $text {
        a.test "PEM(a.test)";
        b.test "PEM(b.test)";
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        tls on;
        tls_certificate $file;
        tls_certificate_key $file;
        tls_session_cache shared:one:1m;
        location = /session_reused { return 200 "$tls_server_name $tls_session_reused\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        tls on;
        tls_certificate data:$text;
        tls_certificate_key data:$text;
        tls_session_cache shared:two:1m;
        location = /session_reused { return 200 "$tls_server_name $tls_session_reused\n"; }
    }
--- run
mint one two
put one a.test.pem
put two b.test.pem
for PORT in $PORT $PORT2; do
    for version in -tls1_2 -tls1_3; do
        meet a.test kept $version
        again a.test kept $version
        again b.test kept $version
    done
done
--- out
a.test .
a.test r
b.test .
a.test .
a.test r
b.test .
a.test .
a.test r
b.test .
a.test .
a.test r
b.test .

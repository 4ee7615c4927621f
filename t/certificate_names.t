# tls_unknown_name and tls_no_name: clients whose name has no certificate, and clients that send none (RFC 6066 section 3,
# RFC 8446 section 9.2).
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: a folder alone: there is nothing else to answer with
--- found
        tls_certificate_directory $F;
--- run
mint one
put one a.test.pem
for version in -tls1_2 -tls1_3; do
    echo "$(shown a.test $version), $(shown b.test $version), $(shown found.test $version)"
done
shown - -tls1_3
shown - -tls1_2
--- out
one, alert 112, alert 112
one, alert 112, alert 112
alert 109
alert 40
--- error_log
client refused: the name has no certificate (unknown_name), alert unrecognized_name sent, server name "b.test"
client refused: the server has no certificate for clients without a name (no_certificate), alert missing_extension sent, server name ""
client refused: the server has no certificate for clients without a name (no_certificate), alert handshake_failure sent, server name ""



=== TEST 2: default, said or not: the server's own certificate
--- found
        tls_certificate_directory $F;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        tls on;
        tls_unknown_name default;
        tls_no_name default;
        tls_certificate_directory $F;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
mint one
put one a.test.pem
for PORT in $PORT $PORT2; do
    for version in -tls1_2 -tls1_3; do
        echo "$(shown a.test $version), $(shown b.test $version), $(shown - $version)"
    done
done
# What is no host name at all is a name that has no certificate.
PORT=$PORT2 answer_to $(hex ../a.test)
--- out
one, localhost, localhost
one, localhost, localhost
one, localhost, localhost
one, localhost, localhost
server_hello



=== TEST 3: refuse, each by itself
--- http_config
    tls_certificate_directory $F;
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name found.test;
        tls on;
        tls_unknown_name refuse;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name found.test;
        tls on;
        tls_no_name refuse;
    }
--- run
mint one
put one a.test.pem
for PORT in $PORT $PORT2; do
    for version in -tls1_2 -tls1_3; do
        echo "$(shown a.test $version), $(shown b.test $version), $(shown found.test $version), $(shown - $version)"
    done
    # By address, as a client that knows no name.
    curl -q -s -k --max-time 30 "https://127.0.0.1:$PORT/" -o /dev/null -w '%{http_code}\n'
    answer_to $(hex ../a.test)
done
--- out
one, alert 112, localhost, localhost
one, alert 112, localhost, localhost
200
alert 112 unrecognized_name
one, localhost, localhost, alert 40
one, localhost, localhost, alert 109
000
server_hello
--- error_log
client refused: the client sent no server name (no_certificate), alert missing_extension sent, server name ""
client refused: the client sent no server name (no_certificate), alert handshake_failure sent, server name ""
client refused: the name has no certificate (unknown_name), alert unrecognized_name sent, server name "../a.test"



=== TEST 4: without a folder: a server's certificates are for its names
--- http_config
    tls_unknown_name refuse;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name one.test *.w.test mail.* .dot.test ~^re\d+\.test$;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name first.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name one.test *.w.test mail.* .dot.test ~^re\d+\.test$;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
# Alone on its address, nginx has no map of names; with another it has.
for PORT in $PORT $PORT2; do
    for name in one.test ONE.test x.w.test y.x.w.test mail.test mail.a.b dot.test x.dot.test re12.test; do
        shown $name
    done | uniq
    for name in two.test w.test mail xmail.test xdot.test re.test xre1.test; do
        shown $name
    done | uniq
    echo
done
shown first.test
# That a name is another server's is no reason to refuse those without one.
shown -
--- out
localhost
alert 112

localhost
alert 112

a.test
a.test



=== TEST 5: a server without certificates borrows the folder of the address's default server
--- found
        tls_certificate_directory $F;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_protocols TLSv1.2;
        location / { return 200 "$server_name $tls_protocol\n"; }
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
        server_name b.test;
        tls on;
    }
--- run
mint one
put one a.test.pem
put one own.test.pem
put one other.test.pem
tls_get a.test /
each_shown a.test b.test own.test other.test
--- out
a.test TLSv1.2
a.test: one
b.test: alert 112
own.test: localhost
other.test: one



=== TEST 6: a name that has a server, but no certificate
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT default_server;
        server_name default.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_unknown_name refuse;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test b.test;
        tls on;
        tls_certificate_directory $F;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name c.test;
        tls on;
    }
--- run
mint one
put one a.test.pem
put one other.test.pem
# The folder is that server's alone; what is unknown is the default server's to say.
each_shown default.test a.test b.test c.test other.test -
--- out
default.test: localhost
a.test: one
b.test: alert 112
c.test: localhost
other.test: alert 112
-: localhost



=== TEST 7: clients that send an address for a name
--- found
        tls_certificate_directory $F;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_unknown_name refuse;
        tls_no_name refuse;
--- run
mint one
put one 127.0.0.1.pem
put one ::1.pem
# RFC 6066 forbids it; here it is a name like any other, but for its colons.
for address in 127.0.0.1 10.0.0.1 ::1; do
    answer_to $(hex $address)
done
curl -q -s -k --max-time 30 "https://127.0.0.1:$PORT/" -o /dev/null -w '%{http_code}\n' || echo refused
--- out
server_hello
alert 112 unrecognized_name
alert 112 unrecognized_name
000
refused



=== TEST 8: what rejects all, or serves no TLS, goes before
--- found
        tls_certificate_directory $F;
        tls_reject_handshake on;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate_directory $F;
    }
--- run
mint one
for name in a b c; do put one $name.test.pem; done
each_shown a.test b.test found.test -
--- out
a.test: one
b.test: alert 112
found.test: alert 112
-: alert 112
--- error_log
client refused: the server rejects handshakes (unknown_name)

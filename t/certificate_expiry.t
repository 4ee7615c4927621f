# What is told of the server's own certificates: a warning before they end, and variables. A clock that goes on is in
# certificate_time.t.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
# The warnings, without their times.
warnings() {
    sed -n 's/^.*\[warn\] [^:]*: \(certificate "CN=.*" \(ends\|has ended\) .*\)/\1/p' "$ERROR_LOG"
}
end_of() { # CERTIFICATE
    openssl x509 -in "$1" -noout -enddate | sed 's/.*=//'
}
BASH
});

run_tests();

__DATA__

=== TEST 1: one warning for all workers, within fourteen days
--- found
        tls_certificate_directory $F;
--- workers: 3
--- run
day=86400
mint soon:to=$((13 * day)) late:to=$((15 * day)) unasked:to=$day
put soon a.test.pem
put late b.test.pem
put unasked c.test.pem
for turn in 1 2; do
    workers_show a.test
    workers_show b.test
done
reload
workers_show a.test
wait_log 'CN=soon'
warnings | sed "s/ends $(end_of "$made/soon.crt")$/ends DATE/"
# It is for the operator: neither an error, nor lost below one.
count_log '\[(notice|error|crit|alert)\].*CN='
--- out
3 soon
3 late
3 soon
3 late
3 soon
certificate "CN=soon" ends DATE
0



=== TEST 2: each certificate its own, also one that replaces another, and of several key types
--- found
        tls_certificate_directory $F;
        tls_expiry_warning 30d;
--- run
day=86400
mint one:to=$((20 * day)) two:to=$((20 * day)) three:to=$((20 * day)) rsa:key=rsa:to=$((20 * day)) far:to=$((40 * day))
put one a.test.pem
put one b.test.pem
each_shown a.test b.test
put two a.test.pem
wait_shown a.test two
put three c.test.ecdsa.pem
put rsa c.test.rsa.pem
put far d.test.pem
shown d.test
shown c.test -sigalgs RSA-PSS+SHA256
wait_log 'CN=rsa'
warnings | sed 's/ ends .*//'
# The other one has not been served yet.
shown c.test -sigalgs ECDSA+SHA256
wait_log 'CN=three'
warnings | tail -n 1 | sed 's/ ends .*//'
--- out
a.test: one
b.test: one
far
rsa
certificate "CN=one"
certificate "CN=two"
certificate "CN=rsa"
three
certificate "CN=three"



=== TEST 3: 0 says nothing, each server for itself
--- http_config
    tls_certificate_directory $F;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_expiry_warning 0;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls on;
        tls_expiry_warning 1h;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name c.test;
        tls on;
        tls_expiry_warning 3h;
    }
--- run
mint silent:to=7200 hour:to=7200 hours:to=7200
put silent a.test.pem
put hour b.test.pem
put hours c.test.pem
each_shown a.test b.test c.test
wait_log 'CN=hours'
warnings | sed 's/ ends .*//'
--- out
a.test: silent
b.test: hour
c.test: hours
certificate "CN=hours"



=== TEST 4: certificates of the server's own, one that has ended; none of those that are issued here
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_expiry_warning 100000d;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name old.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/client-expired.crt;
        tls_certificate_key $TEST_NGINX_CERTS/client-expired.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name internal.test;
        tls on;
        tls_certificate internal;
        tls_internal_ca $F;
    }
--- run
each_shown a.test old.test internal.test
each_shown a.test old.test internal.test >again
warnings
--- out
a.test: a.test
old.test: expired client
internal.test: internal.test
certificate "CN=a.test" ends Jan  1 00:00:00 2049 GMT
certificate "CN=expired client" has ended Feb  1 00:00:00 2024 GMT



=== TEST 5: the variables, for each key type
--- found
        tls_certificate_directory $F;
        tls_session_cache shared:one:1m;
--- run
mint ec:to=864000 rsa:key=rsa:to=1728000 ed:key=ed25519:to=2592000
put ec a.test.ecdsa.pem
put rsa a.test.rsa.pem
put ed a.test.ed25519.pem
fact() { # PATH S_CLIENT-OPTION...
    s_request a.test "$@" -servername a.test | tail -n 1
}
check() { # LABEL S_CLIENT-OPTION...
    local file=$made/$1.crt
    fact /type "${@:2}"
    [ "$(fact /end "${@:2}")" = "$(end_of "$file")" ] && echo end
    [ "$(fact /fingerprint "${@:2}")" = \
        "$(openssl x509 -in "$file" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)" ] && echo fingerprint
}
check ec -tls1_3 -sigalgs ecdsa_secp256r1_sha256 | tr '\n' ' '
check rsa -tls1_3 -sigalgs RSA-PSS+SHA256 | tr '\n' ' '
check ed -tls1_3 -sigalgs ed25519 | tr '\n' ' '
check rsa -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256 | tr '\n' ' '
echo
--- out
ECDSA end fingerprint RSA end fingerprint Ed25519 end fingerprint RSA end fingerprint 



=== TEST 6: the variables where no certificate was found, and where there is none
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        location / { return 200 "[$tls_server_key_type] [$tls_server_not_after]\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        location / { return 200 "[$tls_server_key_type] [$tls_server_not_after] [$tls_server_fingerprint_sha256]\n"; }
    }
--- run
tls_get a.test /
tls_get a.test / --tls-max 1.2
PORT=$PLAIN_PORT plain_get /
--- out
[ECDSA] [Jan  1 00:00:00 2049 GMT]
[ECDSA] [Jan  1 00:00:00 2049 GMT]
[] [] []

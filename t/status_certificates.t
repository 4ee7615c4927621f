# Certificates on the status page: those of the configuration, those found by name, those issued here.
use lib 't/lib';
use TestTLS;
use StatusPage;

log_level('info');
run_tests();

__DATA__

=== TEST 1: certificates of the configuration, before any handshake
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name localhost; tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
    }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name one.test; tls on; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name none.test; tls on; tls_reject_handshake on; }
    server { listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT; server_name plain.test;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt; tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
--- run
end=$(date -d "$(openssl x509 -in "$CERTS/localhost.crt" -noout -enddate | cut -d= -f2)" +%s)
status | grep '^nginx_tls_certificate_not_after' | sed "s/ $end$/ END/" | sort
json 'map { "$_->{server}/$_->{key_type}" } sort { "$a->{server}$a->{key_type}" cmp "$b->{server}$b->{key_type}" } @{$s->{certificates}}'
json '$s->{certificates}[0]{days_left} == int(($s->{certificates}[0]{not_after} - $s->{now}) / 86400) ? "days" : "other"'
--- out
nginx_tls_certificate_not_after_timestamp_seconds{server="localhost",name="localhost",key_type="ECDSA"} END
nginx_tls_certificate_not_after_timestamp_seconds{server="localhost",name="localhost",key_type="RSA"} END
nginx_tls_certificate_not_after_timestamp_seconds{server="one.test",name="localhost",key_type="ECDSA"} END
localhost/ECDSA localhost/RSA one.test/ECDSA
days

=== TEST 2: certificates found by name, once they are used, and renewed
--- http_config
    tls_certificate_cache max=100 valid=0;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name localhost; tls on;
        tls_certificate_directory $TEST_NGINX_SERVROOT/found;
        tls_unknown_name refuse;
        return 200 "";
    }
--- run
make() { # NAME DAYS
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days "$2" -subj "/CN=$1" \
        -addext "subjectAltName=DNS:$1" -keyout new.key -out new.crt 2>/dev/null
    cat new.crt new.key >new.pem
    chmod 644 new.pem
    mv new.pem "found/$1.pem"
}
mkdir -p found
make one.test 10
make two.test 20
status | grep -c '^nginx_tls_certificate_not_after'
tls_code one.test / -k
tls_code two.test / -k
tls_code one.test / -k
tls_code three.test / -k 2>/dev/null || true
names_and_days
make one.test 90
tls_code one.test / -k
renewed() { [ "$(json '$s->{certificates}[-1]{name}')" = one.test ]; }
wait_for renewed
names_and_days
status | grep '^nginx_tls_certificate_cache_total' | sort
--- out
0
200
200
200
000
one.test 10 two.test 20
200
two.test 20 one.test 90
nginx_tls_certificate_cache_total{server="localhost",outcome="hit"} 1
nginx_tls_certificate_cache_total{server="localhost",outcome="loaded"} 3
nginx_tls_certificate_cache_total{server="localhost",outcome="missing"} 1

=== TEST 3: names made of variables show the certificate's own name, never the path
--- http_config
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name localhost; tls on;
        tls_certificate $TEST_NGINX_CERTS/$tls_server_name.crt;
        tls_certificate_key $TEST_NGINX_CERTS/$tls_server_name.key;
        return 200 "";
    }
--- run
tls_code a.test /
tls_code a.test /
wait_value 'certificate_cache_total{server="localhost",outcome="hit"}' 1
status | grep '^nginx_tls_certificate_not_after' | sed 's/ [0-9]*$//'
--- out
200
200
certificate_cache_total{server="localhost",outcome="hit"} 1
nginx_tls_certificate_not_after_timestamp_seconds{server="localhost",name="a.test",key_type="ECDSA"}

=== TEST 4: certificates issued here are nobody's trouble
--- http_config
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name inner.test; tls on;
        tls_certificate internal;
        tls_internal_ca $TEST_NGINX_SERVROOT/authority;
        return 200 "";
    }
--- run
tls_code inner.test / -k
names_and_days
curl -q -sS "http://127.0.0.1:$STOCK_PORT/status" | grep -oE 'renewed by this server|none that somebody has to renew'
--- out
200
inner.test 7
none that somebody has to renew
renewed by this server

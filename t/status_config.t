# tls_status and tls_status_zone: what is taken, what is refused, and what a zone has room for.
use lib 't/lib';
use TestTLS;
use StatusPage;

our $servers = join '', map {
    "server { listen 127.0.0.1:\$TEST_NGINX_TLS_PORT; server_name n$_.example; tls on; return 200 ''; }\n"
} 1 .. 300;

log_level('info');
run_tests();

__DATA__

=== TEST 1: no room for a page without counters
--- http_config
    tls_status_zone off;
--- config
        location = /status { tls_status; }
--- emerg
\[emerg\] .*"tls_status" needs "tls_status_zone", which is off in .*nginx\.conf:\d+

=== TEST 2: off, and no page
--- http_config
    tls_status_zone off;
--- tls_config
    return 200 "$tls_protocol\n";
--- config
--- run
tls_get localhost /
reload
tls_get localhost /
--- out
TLSv1.3
TLSv1.3

=== TEST 3: off after a reload, and on again: from the beginning
--- http_config
    tls_status_zone 1m;
--- tls_config
    return 200 "";
--- run
tls_code localhost / >/dev/null
wait_value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}' 1
reconfigure 's/tls_status_zone 1m/tls_status_zone off/; s/tls_status;/return 404;/'
tls_code localhost /
reconfigure 's/tls_status_zone off/tls_status_zone 1m/; s/return 404;/tls_status;/'
tls_code localhost /
wait_value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}' 1
--- out
handshakes_total{server="localhost",version="TLSv1.3",resumed="false"} 1
200
200
handshakes_total{server="localhost",version="TLSv1.3",resumed="false"} 1

=== TEST 4: a size that is none
--- http_config
    tls_status_zone large;
--- emerg
\[emerg\] .*invalid zone size "large"

=== TEST 5: too small
--- http_config
    tls_status_zone 64k;
--- emerg
\[emerg\] .*zone "tls_status_zone" is too small

=== TEST 6: said twice
--- http_config
    tls_status_zone 1m; tls_status_zone 2m;
--- emerg
\[emerg\] .*"tls_status_zone" directive is duplicate

=== TEST 7: only in http
--- http_config
    server { tls_status_zone 1m; }
--- emerg
"tls_status_zone" directive is not allowed here

=== TEST 8: only in a location, and without arguments
--- http_config
    server { tls_status; }
--- emerg
"tls_status" directive is not allowed here

=== TEST 9: more servers than a small zone has room for are counted together
--- http_config eval
"    tls_status_zone 256k;\n    server_names_hash_max_size 4096;\n"
    . "    tls_certificate \$TEST_NGINX_CERTS/localhost.crt; tls_certificate_key \$TEST_NGINX_CERTS/localhost.key;\n"
    . $::servers
--- run
tls_code n1.example / -k
wait_value 'handshakes_total{server="n1.example",version="TLSv1.3",resumed="false"}' 1
tls_code n299.example / -k
tls_code n300.example / -k
wait_value 'handshakes_total{server="(other)",version="TLSv1.3",resumed="false"}' 2
json '$s->{total}{handshakes}{"TLSv1.3"}{full}, scalar keys %{$s->{servers}}'
--- out
200
handshakes_total{server="n1.example",version="TLSv1.3",resumed="false"} 1
200
200
handshakes_total{server="(other)",version="TLSv1.3",resumed="false"} 2
3 301
--- error_log
"tls_status_zone" has no room for

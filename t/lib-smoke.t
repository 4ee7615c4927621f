use lib 't/lib';
use TestTLS;

run_tests();

__DATA__

=== TEST 1: a page
--- tls_config
    location / { return 200 "$tls_protocol $http2\n"; }
--- run
tls_get localhost / --tlsv1.3
tls_get localhost / --tls-max 1.2 --http1.1
tls_code localhost /
handshake -servername localhost -tls1_2
handshake -servername localhost -tls1_1 -cipher ALL:@SECLEVEL=0
raw --hello
raw --hello --twice 10
cut_hello --records 1 --pieces 1
tls_get localhost /
s_request localhost / | grep -i HTTP/1
gnutls localhost --no-ca-verification | grep -c Handshake
raw --text 'GET / HTTP/1.0\r\n\r\n' | head -1
--- out
TLSv1.3 h2
TLSv1.2 
200
ok TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384
alert 70
server_hello
alert 47 illegal_parameter
eof
TLSv1.3 h2
HTTP/1.1 200 OK
1
text: HTTP/1.1 400 Bad Request
--- error_log
duplicate extension

=== TEST 2: emerg
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; tls on; }
--- emerg
\[emerg\].*no "tls_certificate" is defined

=== TEST 3: warn
--- tls_config
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name x; }
--- warn
\[warn\].*cannot be reached there

=== TEST 4: request
--- config
location /t { return 200 "hey\n"; }
--- request
GET /t
--- response_body
hey

=== TEST 5: skip
--- min_nginx: 1.99.1
--- tls_config
--- run
true

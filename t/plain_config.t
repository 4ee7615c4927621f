# What tls_plain, tls_other and tls_other_timeout may be, and how their values pass from http to server.
use lib 't/lib';
use TestTLS;
use SiteFile;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: a value that is none
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/localhost.key;
    tls_plain refuse;
--- emerg
\[emerg\] .*invalid value "refuse" in "tls_plain" directive, it must be "error", "serve", "redirect", "upgrade" or "upgrade_required" in .*/site.conf:6$

=== TEST 2: a value without one
--- server
    tls_plain;
--- emerg
\[emerg\] .*invalid number of arguments in "tls_plain" directive in .*/site.conf:4$

=== TEST 3: twice in a block
--- server
    tls_plain serve;
    tls_plain serve;
--- emerg
\[emerg\] .*"tls_plain" directive is duplicate in .*/site.conf:5$

=== TEST 4: a parameter of another value
--- server
    tls_plain serve requests=any;
--- emerg
\[emerg\] .*invalid parameter "requests=any" in .*/site.conf:4$

=== TEST 5: exceptions without redirects
--- server
    tls_plain upgrade except=/x;
--- emerg
\[emerg\] .*invalid parameter "except=/x" in .*/site.conf:4$

=== TEST 6: an exception that is no path
--- server
    tls_plain redirect except=x;
--- emerg
\[emerg\] .*invalid parameter "except=x" in .*/site.conf:4$

=== TEST 7: an exception that is nothing
--- server
    tls_plain redirect except=;
--- emerg
\[emerg\] .*invalid parameter "except=" in .*/site.conf:4$

=== TEST 8: other requests than any
--- server
    tls_plain upgrade requests=GET;
--- emerg
\[emerg\] .*invalid parameter "requests=GET" in .*/site.conf:4$

=== TEST 9: an address without a port
--- server
    tls_other 127.0.0.1;
--- emerg
\[emerg\] .*no port in tls_other "127.0.0.1" in .*/site.conf:4$

=== TEST 10: a host that is nobody's
--- server
    tls_other no-such-host.invalid:22;
--- emerg
\[emerg\] .*host not found in tls_other "no-such-host.invalid:22" in .*/site.conf:4$

=== TEST 11: a path that is none
--- server
    tls_other unix:;
--- emerg
\[emerg\] .*no path in the unix domain socket in tls_other "unix:" in .*/site.conf:4$

=== TEST 12: an unknown parameter
--- server
    tls_other 127.0.0.1:22 keepalive;
--- emerg
\[emerg\] .*invalid parameter "keepalive" in .*/site.conf:4$

=== TEST 13: a timeout that is none
--- server
    tls_other 127.0.0.1:22 timeout=soon;
--- emerg
\[emerg\] .*invalid parameter "timeout=soon" in .*/site.conf:4$

=== TEST 14: tls_other twice
--- server
    tls_other 127.0.0.1:22;
    tls_other off;
--- emerg
\[emerg\] .*"tls_other" directive is duplicate in .*/site.conf:5$

=== TEST 15: tls_other_timeout
--- server
    tls_other_timeout soon;
--- emerg
\[emerg\] .*"tls_other_timeout" directive invalid value in .*/site.conf:4$

=== TEST 16: all that may be written
--- http_config
    tls_plain error;
    tls_other localhost:22 proxy_protocol timeout=1h;
    tls_other_timeout 500ms;
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/localhost.key;
    tls_plain redirect except=/a except=/b;
    tls_other unix:/nowhere timeout=5s proxy_protocol;
    tls_other_timeout 1s;
--- warn
test is successful

=== TEST 17: what http says holds where a server says nothing, parameters included
--- http_config
    tls_plain redirect except=/open;
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name one.test;
        tls on;
        location / { return 200 "one\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name two.test;
        tls on;
        tls_plain redirect;
        location / { return 200 "two\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name three.test;
        tls on;
        tls_plain serve;
        location / { return 200 "three\n"; }
    }
--- run
for host in one two three; do
    for path in / /open; do
        plain_get "$path" -H "Host: $host.test" -w '%{http_code}\n' -o body
        [ "$(wc -l <body)" -gt 1 ] || cat body
    done
done
--- out
301
200
one
301
301
200
three
200
three

# The status page: who gets which form of it, and how.
use lib 't/lib';
use TestTLS;
use StatusPage;

our $servers = join '', map {
    "server { listen 127.0.0.1:\$TEST_NGINX_TLS_PORT; server_name n$_.example; tls on; }\n"
} 1 .. 3000;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(tls_config => "        location = /status { tls_status; }\n")
        unless defined $block->tls_config || defined $block->http_config;
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: HTML for a browser, over https and http
--- run
browser='text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'
tls_get localhost /status --http1.1 -H "Accept: $browser" -D tls.head >tls.html
curl -q -sS -H "Accept: $browser" -D plain.head "http://127.0.0.1:$STOCK_PORT/status" >plain.html
for head in tls.head plain.head; do
    tr -d '\r' <"$head" | grep -iE '^(HTTP|content-type|cache-control|x-content|content-sec)'
done
grep -h -o '<title>.*</title>' tls.html plain.html
grep -c '://' plain.html || true
--- out
HTTP/1.1 200 OK
Content-Type: text/html; charset=utf-8
Cache-Control: no-store
X-Content-Type-Options: nosniff
Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'
HTTP/1.1 200 OK
Content-Type: text/html; charset=utf-8
Cache-Control: no-store
X-Content-Type-Options: nosniff
Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'
<title>TLS status</title>
<title>TLS status</title>
0

=== TEST 2: the form by argument and by Accept
--- run
form() { tls_get localhost "/status$1" "${@:2}" -o /dev/null -w '%{http_code} %{content_type}\n'; }
form ''
form '?format=html' -H 'Accept: application/json'
form '?format=json'
form '?format=prometheus'
form '?x=1&format=json&y=2'
form '' -H 'Accept: application/json'
form '' -H 'Accept: text/plain; version=0.0.4'
form '' -H 'Accept: application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
form '' -H 'Accept: text/html;q=0.1' -H 'Accept: application/json;q=0.2'
form '?format=xml'
form '?format='
--- out
200 text/html; charset=utf-8
200 text/html; charset=utf-8
200 application/json
200 text/plain; version=0.0.4; charset=utf-8
200 application/json
200 application/json
200 text/plain; version=0.0.4; charset=utf-8
200 text/plain; version=0.0.4; charset=utf-8
200 application/json
400 text/html
400 text/html

=== TEST 3: GET and HEAD, and no other method
--- run
for method in POST PUT DELETE OPTIONS; do
    curl -q -sS -X "$method" "http://127.0.0.1:$STOCK_PORT/status" -o /dev/null -w "$method %{http_code}\n"
done
tls_get localhost '/status?format=json' --http1.1 -I | tr -d '\r' |
    sed -n 's/^HTTP.* 200 OK$/HEAD 200/p; s/^Content-Length: [1-9][0-9]*$/has its length/p'
# A body of a GET is read and forgotten: the next request on the connection is answered.
tls_get localhost '/status?format={json,html}' -X GET -d 'x=y' -o /dev/null -w '%{http_code} after %{num_connects} new connections\n'
--- out
POST 405
PUT 405
DELETE 405
OPTIONS 405
HEAD 200
has its length
200 after 1 new connections
200 after 0 new connections

=== TEST 4: HTTP/2
--- tls_config
    location = /status { tls_status; }
--- run
tls_get localhost /status --http2 -o page -w '%{http_version} %{http_code} %{content_type}\n'
grep -c '<title>TLS status' page
--- out
2 200 text/html; charset=utf-8
1

=== TEST 5: JSON that a parser takes
--- run
tls_get localhost / -o /dev/null
wait_value 'connections_active{server="localhost"}' 0
json 'sort keys %$s'
json '$s->{total}{handshakes}{"TLSv1.3"}{full}, $s->{servers}{localhost}{duration}{count}, $s->{workers}'
json 'scalar(@{$s->{last_minute}{completed}}) . " seconds, " . eval { my $n = 0; $n += $_ for @{$s->{last_minute}{completed}}; $n }'
json '$s->{now} >= $s->{since} && $s->{now} - $s->{since} < 60 ? "since a moment" : "no"'
json '$s->{software} =~ m{^nginx [0-9.]+, OpenSSL [0-9.]+$} ? "software" : $s->{software}'
--- out
connections_active{server="localhost"} 0
certificates last_minute now servers since software total workers
1 1 1
60 seconds, 1
since a moment
software

=== TEST 6: three thousand servers
--- http_config eval
"    tls_certificate \$TEST_NGINX_CERTS/localhost.crt; tls_certificate_key \$TEST_NGINX_CERTS/localhost.key;\n"
    . "    server_names_hash_max_size 8192;\n$::servers"
--- run
tls_get n2999.example / -k -o /dev/null
wait_value 'handshakes_total{server="n2999.example",version="TLSv1.3",resumed="false"}' 1
status >text
grep -c '^nginx_tls_connections_active{' text
grep -c '^nginx_tls_certificate_not_after_timestamp_seconds{' text
echo "$(($(wc -c <text) > 500000))"
json 'scalar keys %{$s->{servers}}'
curl -q -sS "http://127.0.0.1:$STOCK_PORT/status" | grep -oE '[0-9,]+ more (servers|certificates)'
--- out
handshakes_total{server="n2999.example",version="TLSv1.3",resumed="false"} 1
3000
3000
1
3000
2,950 more certificates
2,900 more servers

=== TEST 7: two servers of one name are two
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name localhost; tls on; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT2; server_name localhost; tls on; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT2; server_name "~^\"(?<x>\w+)\"$"; tls on; }
    server { listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT; tls on; }
--- run
tls_get localhost / -o /dev/null
PORT=$PORT2 tls_get localhost / -o /dev/null
PORT=$PLAIN_PORT tls_get localhost / -o /dev/null
wait_value 'handshakes_total{server="127.0.0.1:'$PLAIN_PORT'",version="TLSv1.3",resumed="false"}' 1 >/dev/null
status | sed -n "s/^nginx_tls_connections_active//p" | sed "s/$PORT2/PORT2/; s/$PLAIN_PORT/PLAIN/"
total 'handshakes_total{server="localhost",'
total 'handshakes_total{server="localhost 127.0.0.1:'"$PORT2"'",'
--- out
{server="localhost"} 0
{server="localhost 127.0.0.1:PORT2"} 0
{server="~^\"(?<x>\\w+)\"$"} 0
{server="127.0.0.1:PLAIN"} 0
1
1

=== TEST 8: no server with tls on: a page without servers
--- http_config
--- run
status | grep -c TYPE >types
json 'scalar keys %{$s->{servers}}'
--- out
0

=== TEST 9: nginx's own error page and headers stay as they are
--- config
        location = /status { tls_status; add_header X-Own yes; charset koi8-r; expires 1h; }
--- run
tls_get localhost / -o /dev/null
curl -q -sS -D - -o /dev/null "http://127.0.0.1:$STOCK_PORT/status?format=json" | tr -d '\r' | grep -iE '^(X-Own|Content-Type)'
--- out
Content-Type: application/json
X-Own: yes

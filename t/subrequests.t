# Answers that nginx puts together of several requests, or makes others for: as behind nginx's own ssl.
use lib 't/lib';
use TestTLS;
use TwoServers;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(http_config => <<'HTTP' . ($block->http_config // ''));
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        client_max_body_size 0;
        location / { }
        location = /may { if ($http_x_uri ~ as=no$) { return 403; } if ($http_x_uri ~ as=nobody) { return 401; } return 204; }
        location = /taken { return 200 "$request_method $content_length"; }
    }
HTTP
});

run_tests();

__DATA__

=== TEST 1: addition, around small answers and large ones
--- needs: --with-http_addition_module
--- site
    sendfile on;
    location / { addition_types *; add_before_body /before; add_after_body /files/after; }
    location /before { return 200 "before\n"; }
    location /files/ { alias $TEST_NGINX_SERVROOT/html/; }
    location /up/ { addition_types *; add_before_body /files/after; add_after_body /before; proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
--- run
make_file big 3000000
make_file after 700000
{ echo before; cat html/big html/after; } >around
{ cat html/after html/big; echo before; } >up
visit() {
    local http
    for http in --http1.0 --http1.1 --http2; do
        tls_get localhost /big $http | cmp - around && echo "$http around"
        tls_get localhost /up/big $http | cmp - up && echo "$http up"
    done
}
both visit
--- out
--http1.0 around
--http1.0 up
--http1.1 around
--http1.1 up
--http2 around
--http2 up

=== TEST 2: auth_request
--- needs: --with-http_auth_request_module
--- site
    sendfile on;
    client_max_body_size 0;
    location / { auth_request /may; }
    location /put/ { auth_request /may; dav_methods PUT; root $TEST_NGINX_SERVROOT/html; }
    location = /may {
        internal;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_set_header X-Uri $request_uri;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock;
    }
--- run
make_file big 3000000
mkdir html/put
visit() {
    local http
    for http in --http1.1 --http2; do
        tls_get localhost /big $http | cmp - html/big && echo "$http whole"
        tls_get localhost '/big?as=no' $http -o /dev/null -w '%{http_code}\n' -o /dev/null "https://localhost:$PORT/big?as=nobody"
        rm -f html/put/got
        tls_code localhost /put/got $http -T html/big
        cmp html/put/got html/big
        tls_code localhost '/put/not?as=no' $http -H Expect: --data-binary @html/big -X PUT
        [ ! -e html/put/not ]
    done
}
both visit
--- out
--http1.1 whole
401
403
201
403
--http2 whole
401
403
201
403

=== TEST 3: mirror
--- site
    client_max_body_size 0;
    location / { mirror /copy; proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/taken; }
    location /file { mirror /copy; alias $TEST_NGINX_SERVROOT/html/big; }
    location = /copy { internal; proxy_pass http://unix:$TEST_NGINX_SERVROOT/mirror.sock; }
--- http_config
    log_format copies '$request_method $request_length $status';
    server {
        listen unix:$TEST_NGINX_SERVROOT/mirror.sock;
        client_max_body_size 0;
        access_log $TEST_NGINX_SERVROOT/logs/copies.log copies;
        location = /copy { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/taken; }
    }
--- run
make_file big 3000000
copies() { [ "$(wc -l <logs/copies.log)" -eq "$1" ]; }
visit() {
    local http
    : >logs/copies.log
    for http in --http1.1 --http2; do
        tls_get localhost / $http -H Expect: --data-binary @html/big -w '\n'
        tls_get localhost /file $http | cmp - html/big && echo "$http whole"
    done
    wait_for copies 4
    awk '{ print $1, ($2 > 3000000 ? "long" : "short"), $3 }' logs/copies.log | sort | uniq -c | sed 's/^ *//'
}
both visit
--- out
POST 3000000
--http1.1 whole
POST 3000000
--http2 whole
2 GET short 200
2 POST long 200

=== TEST 4: slices, replaced text and a cache that is renewed behind the answer
--- needs: --with-http_slice_module --with-http_sub_module
--- http_config
    proxy_cache_path $TEST_NGINX_SERVROOT/cache keys_zone=c:1m;
--- site
    sendfile on;
    location /slices/ {
        slice 100k;
        proxy_cache c;
        proxy_cache_key $server_port$uri$slice_range;
        proxy_cache_valid 1h;
        proxy_set_header Range $slice_range;
        proxy_http_version 1.1;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/;
    }
    location /sub/ { sub_filter_types *; sub_filter_once off; sub_filter 99 ninety-nine; gzip on; gzip_types *; proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/; }
    location /stale/ {
        proxy_cache c;
        proxy_cache_key $server_port$uri;
        proxy_cache_valid 1s;
        proxy_cache_use_stale updating;
        proxy_cache_background_update on;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock:/;
    }
--- run
make_file big 2000000
seq 200000 >html/text
sed 's/99/ninety-nine/g' html/text >replaced
visit() {
    local http turn
    for http in --http1.1 --http2; do
        for turn in fresh cached; do
            tls_get localhost /slices/big $http | cmp - html/big && echo "$http slices $turn"
        done
        tls_get localhost /slices/big $http -r 150000-1850000 | cmp - <(tail -c +150001 html/big | head -c 1700001) && echo "$http range"
        tls_get localhost /sub/text $http --compressed | cmp - replaced && echo "$http replaced"
        for turn in 1 2 3; do
            tls_get localhost /stale/big $http | cmp - html/big
        done
    done
}
both visit
--- out
--http1.1 slices fresh
--http1.1 slices cached
--http1.1 range
--http1.1 replaced
--http2 slices fresh
--http2 slices cached
--http2 range
--http2 replaced

# Large bodies in both directions, however nginx reads and writes them, arrive whole, as behind nginx's own ssl.
# packages: nghttp2-client
use lib 't/lib';
use TestTLS;
use TwoServers;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
run_tests();

__DATA__

=== TEST 1: large files, whichever way nginx reads and writes them
--- http_config
    upstream up { server unix:$TEST_NGINX_SERVROOT/up.sock; }
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        location / { }
    }
--- listen: sndbuf=8k
--- site
    location / { }
    location /sendfile/ { sendfile on; alias $TEST_NGINX_SERVROOT/html/; }
    location /chunks/ { sendfile on; sendfile_max_chunk 50k; alias $TEST_NGINX_SERVROOT/html/; }
    location /threads/ { sendfile on; aio threads; alias $TEST_NGINX_SERVROOT/html/; }
    location /directio/ { directio 1m; output_buffers 4 64k; alias $TEST_NGINX_SERVROOT/html/; }
    location /buffers/ { output_buffers 3 7k; alias $TEST_NGINX_SERVROOT/html/; }
    location /proxied/ { proxy_pass http://up/; }
    location /disk/ { proxy_buffers 2 4k; proxy_busy_buffers_size 4k; proxy_pass http://up/; }
    location /unbuffered/ { proxy_buffering off; proxy_pass http://up/; }
--- run
make_file big 30000000
sha html/big >sum
visit() {
    local way http
    for http in --http1.1 --http2; do
        for way in / /sendfile/ /chunks/ /threads/ /directio/ /buffers/ /proxied/ /disk/ /unbuffered/; do
            tls_get localhost "${way}big" "$http" | sha | cmp - sum && echo "$http $way"
        done
    done
}
both visit
--- out
--http1.1 /
--http1.1 /sendfile/
--http1.1 /chunks/
--http1.1 /threads/
--http1.1 /directio/
--http1.1 /buffers/
--http1.1 /proxied/
--http1.1 /disk/
--http1.1 /unbuffered/
--http2 /
--http2 /sendfile/
--http2 /chunks/
--http2 /threads/
--http2 /directio/
--http2 /buffers/
--http2 /proxied/
--http2 /disk/
--http2 /unbuffered/

=== TEST 2: a slow reader gets all of it
--- listen: sndbuf=4k
--- site
    location / { }
    location /threads { aio threads; sendfile on; alias $TEST_NGINX_SERVROOT/html/file; }
--- run
make_file file 1000000
visit() {
    client -e '
        for my $path (qw(/file /threads)) {
            my $s = tls($ENV{AT}, rcvbuf => 2048);
            print get($s, $path, "", step => 500)->{body} eq slurp("html/file") ? "whole\n" : "broken\n";
            print get($s, $path, "", step => 500)->{body} eq slurp("html/file") ? "whole\n" : "broken\n";
        }'
}
both visit
--- out
whole
whole
whole
whole

=== TEST 3: limit_rate holds back, limit_rate_after does not
--- site
    # One buffer for all of it: what is held back is held back by the write itself.
    location /slow { limit_rate 100k; output_buffers 1 512k; alias $TEST_NGINX_SERVROOT/html/file; }
    location /after { limit_rate 100k; limit_rate_after 300k; alias $TEST_NGINX_SERVROOT/html/file; }
    location /variable { set $limit_rate 100k; alias $TEST_NGINX_SERVROOT/html/file; }
--- run
make_file file 307200
# Three seconds' worth; the first second's part goes out at once, and of the others perhaps both with the second one.
slow() {
    if awk -v t="$(tls_get localhost "$1" "$2" -o "got.$SIDE" -w '%{time_total}')" 'BEGIN { exit !(t >= 1.9 && t < 12) }'; then
        echo held
    else
        echo free
    fi
    cmp "got.$SIDE" html/file
}
visit() { slow /slow --http1.1; slow /slow --http2; slow /variable --http1.1; slow /after --http1.1; }
both visit
--- out
held
held
held
free

=== TEST 4: gzip, chunks and subrequests
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        location / { return 200 "upstream $uri\n"; }
    }
--- site
    location /text { default_type text/plain; gzip on; gzip_types text/plain; alias $TEST_NGINX_SERVROOT/html/text; }
    location /ssi { ssi on; ssi_types *; alias $TEST_NGINX_SERVROOT/html/ssi; }
    location /wait { ssi on; ssi_types *; alias $TEST_NGINX_SERVROOT/html/wait; }
    location /part { return 200 "part $arg_n $scheme\n"; }
    location /large { alias $TEST_NGINX_SERVROOT/html/text; }
    location /up { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock; }
--- run
seq 300000 >html/text
for n in $(seq 30); do
    printf '<!--# include virtual="/part?n=%d" --><!--# include virtual="/up/%d" -->' "$n" "$n"
done >html/ssi
printf 'a<!--# include virtual="/large" wait="yes" -->b<!--# include virtual="/up/x" -->c' >html/wait
{ printf 'a'; cat html/text; printf 'bupstream /up/x\nc'; } >wait.expected
for n in $(seq 30); do printf 'part %d https\nupstream /up/%d\n' "$n" "$n"; done >ssi.expected
visit() {
    local http
    exec 3>&1
    for http in --http1.0 --http1.1 --http2; do
        tls_get localhost /text $http --compressed -w '%{stderr}content: %header{content-encoding}\n' 2>&3 | cmp - html/text
        tls_get localhost /ssi $http | cmp - ssi.expected
        tls_get localhost /wait $http | cmp - wait.expected
        tls_get localhost /wait $http --raw -o /dev/null -w 'transfer: %header{transfer-encoding}\n'
    done
}
both visit
--- out
content: 
transfer: 
content: gzip
transfer: chunked
content: gzip
transfer: 

=== TEST 5: uploads
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVROOT/up.sock;
        client_max_body_size 0;
        dav_methods PUT;
        location / { root $TEST_NGINX_SERVROOT/html/store; }
    }
--- site
    client_max_body_size 0;
    location / { dav_methods PUT; root $TEST_NGINX_SERVROOT/html/store; }
    location /memory/ { client_body_buffer_size 40m; dav_methods PUT; root $TEST_NGINX_SERVROOT/html/store; }
    location /proxied/ { proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock; }
    location /unbuffered/ {
        proxy_request_buffering off;
        proxy_http_version 1.1;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/up.sock;
    }
--- run
mkdir -p html/store/memory html/store/proxied html/store/unbuffered
make_file big 30000000
visit() {
    local way http
    for http in --http1.1 --http2; do
        for way in / /memory/ /proxied/ /unbuffered/; do
            rm -f "html/store${way}got"
            tls_code localhost "${way}got" "$http" -T html/big | tr '\n' ' '
            cmp "html/store${way}got" html/big && echo "$http $way"
        done
        # Chunks of HTTP/1.1, or no length in HTTP/2.
        rm -f html/store/proxied/got
        tls_code localhost /proxied/got "$http" -T - <html/big
        cmp html/store/proxied/got html/big
    done
}
both visit
--- out
201 --http1.1 /
201 --http1.1 /memory/
201 --http1.1 /proxied/
201 --http1.1 /unbuffered/
201
201 --http2 /
201 --http2 /memory/
201 --http2 /proxied/
201 --http2 /unbuffered/
201

=== TEST 6: many HTTP/2 streams
--- site
    http2_max_concurrent_streams 200;
    location / { add_header X-Connection $connection; }
    location /small { return 200 "small $arg_n $connection\n"; }
--- run
make_file part 300000
sha html/part >sum
many() {
    # 60 files at once on one connection.
    tls_get localhost '/part?[1-60]' --http2 --parallel --parallel-max 60 -o "got.$SIDE.#1" -D - |
        tr -d '\r' | grep -i x-connection | sort | uniq -c | awk '{ print $1, "answers on a connection" }'
    sha "got.$SIDE".* | sort | uniq -c | awk '{ print $1, "files alike" }'
    sha "got.$SIDE.1" | cmp - sum
    rm -f "got.$SIDE".*
    h2load -n 5000 -c 5 -m 100 "https://127.0.0.1:$PORT/small" | grep '^requests:'
    h2load -n 300 -c 3 -m 50 "https://127.0.0.1:$PORT/part" | grep '^requests:'
    h2load -n 2000 -c 10 -m 1 --h1 "https://127.0.0.1:$PORT/small" | grep '^requests:'
}
both many
--- out
60 answers on a connection
60 files alike
requests: 5000 total, 5000 started, 5000 done, 5000 succeeded, 0 failed, 0 errored, 0 timeout
requests: 300 total, 300 started, 300 done, 300 succeeded, 0 failed, 0 errored, 0 timeout
requests: 2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout

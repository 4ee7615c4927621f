# Requests of every kind behind one another on a connection, in an order by chance: files, ranges, portions, answers of upstreams in
# pieces, bodies; clients that read fast or slowly and ask ahead; with records of the module's own and with libssl's.
# A failure says the number with which the order comes again: TEST_NGINX_MIXED_SEED.
use lib 't/lib';
use TestTLS;
use TwoRecords;

log_level('info');
run_tests();

__DATA__

=== TEST 1: each answer is whole, and nothing comes behind the last one
--- records_site
    keepalive_requests 100;
    client_max_body_size 0;
    client_body_buffer_size 8k;
    proxy_http_version 1.1;
    location /small { return 200 "small"; }
    location /file { alias $TEST_NGINX_SERVROOT/html/file; }
    location /portions { sendfile on; sendfile_max_chunk 10k; alias $TEST_NGINX_SERVROOT/html/file; }
    location /copied { sendfile_max_chunk 30k; output_buffers 2 8k; alias $TEST_NGINX_SERVROOT/html/file; }
    location /upstream { proxy_pass http://unix:$TEST_NGINX_SERVROOT/mixed.sock; }
    location /through { proxy_buffering off; proxy_pass http://unix:$TEST_NGINX_SERVROOT/mixed.sock; }
    location /body { proxy_request_buffering off; proxy_pass http://unix:$TEST_NGINX_SERVROOT/mixed.sock; }
--- run
make_file file 300000
perl -I"$T_LIB" "$T_LIB/mixed_upstream.pl" mixed.sock html/file &
wait_for test -S mixed.sock
for port in "$PORT" "$PORT2"; do
    for number in 1 2 3; do
        perl -I"$T_LIB" "$T_LIB/mixed_client.pl" "127.0.0.1:$port" html/file "$((${TEST_NGINX_MIXED_SEED:-RANDOM * 100} + number))" 40 &
        clients+=($!)
    done
done
for client in "${clients[@]}"; do
    wait "$client" && echo well
done
--- out
well
well
well
well
well
well

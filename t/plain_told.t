# What is told of connections that are not TLS from the start: one line each in the handshake log, the counters, and no
# trace of either in the request's own logs.
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/handshake_log.sh'\n" . $block->run) if defined $block->run;
});

run_tests();

__DATA__

=== TEST 1: one line a connection, however many requests it had
--- http_config
    tls_handshake_format use '$tls_port_use $tls_handshake_reason [$tls_ended_by] [$tls_protocol] [$tls_alert]';
    tls_handshake_log logs/handshake.log use;
    log_format use '$server_name $tls_port_use $status $request [$tls_protocol]';
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    access_log $TEST_NGINX_SERVROOT/logs/use.log use;
    error_log $TEST_NGINX_SERVROOT/logs/error.log info;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_plain serve;
        tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        location / { return 200 "ok\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name moved.test;
        tls on;
        tls_plain redirect;
        error_log $TEST_NGINX_SERVROOT/logs/moved.log info;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name strict.test;
        tls on;
        tls_plain error;
        error_log $TEST_NGINX_SERVROOT/logs/strict.log info;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name print.test;
        tls on;
        tls_plain upgrade_required;
        location / { return 200 "ok\n"; }
    }
--- run
other_server echo
plain_get '/?[1-2]' -o 'got#1'
plain_code / -H 'Host: moved.test'
plain_code / -H 'Host: strict.test'
plain_code / -H 'Host: print.test'
plain_code / --http2-prior-knowledge
raw --text 'GET bad HTTP/1.1\r\n\r\n' | sed -n 1p
raw --text 'GET / HT' --shut
client -e 'my $s = tcp($ENV{AT}); send_all($s, "\0"); rest($s, 1); shutdown $s, SHUT_WR; ending($s)'
tls_code localhost /
upgrading -e '
    my @print = (host => "print.test", name => "print.test");
    # The policy of the other server is the same, so its requests may come in the same connection.
    get(upgrade(tcp($ENV{AT}), @print), "/", "");
    my $s = tcp($ENV{AT});
    send_all($s, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    response($s);
    response(upgrade($s, @print));
    $s = tcp($ENV{AT});
    ask($s, @print);
    start_tls($s, name => "print.test", alpn => "h2", may_fail => 1);
    $s = tcp($ENV{AT});
    ask($s, @print);
    close $s;
'
await_lines 14
wait_for has_lines 15 logs/use.log
cat "$log"
echo
cat logs/use.log
# The logs of the server that Host names are its own still.
grep -c 'plain HTTP request to HTTPS port (plain_http) while reading client request headers, client: 127.0.0.1, server: strict.test, request: "GET / HTTP/1.1", host: "strict.test"' logs/strict.log
--- out
301
400
426
200
text: HTTP/1.1 400 Bad Request
eof
200
plain plain_http [-] [-] [-]
redirected plain_http [-] [-] [-]
refused plain_http [-] [-] [-]
refused plain_http [-] [-] [-]
plain plain_http [-] [-] [-]
plain plain_http [-] [-] [-]
plain plain_http [-] [-] [-]
other not_tls [-] [-] [-]
tls completed [-] [TLSv1.3] [-]
upgraded completed [-] [TLSv1.3] [-]
plain plain_http [-] [-] [-]
upgraded completed [-] [TLSv1.3] [-]
upgraded upgrade_alpn [server] [-] [no_application_protocol]
upgraded peer_closed [client] [-] [-]

localhost plain 200 GET /?1 HTTP/1.1 [-]
localhost plain 200 GET /?2 HTTP/1.1 [-]
moved.test redirected 301 GET / HTTP/1.1 [-]
strict.test refused 400 GET / HTTP/1.1 [-]
print.test refused 426 GET / HTTP/1.1 [-]
localhost plain 200 GET / HTTP/2.0 [-]
localhost plain 400 GET bad HTTP/1.1 [-]
localhost plain 400 GET / HT [-]
localhost tls 200 GET / HTTP/2.0 [TLSv1.3]
print.test upgraded 200 OPTIONS * HTTP/1.1 [TLSv1.3]
localhost upgraded 200 GET / HTTP/1.1 [TLSv1.3]
localhost plain 200 GET / HTTP/1.1 [-]
print.test upgraded 200 OPTIONS * HTTP/1.1 [TLSv1.3]
print.test upgraded 101 OPTIONS * HTTP/1.1 [-]
print.test upgraded 101 OPTIONS * HTTP/1.1 [-]
1

=== TEST 2: the counters, in which what is wanted is no failure
--- tls_config
    tls_plain upgrade;
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    location / { return 200 "ok\n"; }
    location = /status { tls_status; }
--- run
other_server echo
for _ in 1 2 3; do plain_get / >/dev/null; done
client -e 'my $s = tcp($ENV{AT}); send_all($s, "\0"); rest($s, 1); shutdown $s, SHUT_WR; ending($s)'
upgrading -e '
    response(upgrade(tcp($ENV{AT}))) for 1 .. 2;
    my $s = tcp($ENV{AT});
    ask($s);
    start_tls($s, name => "localhost", alpn => "h2", may_fail => 1);
'
tls_get localhost '/status?format=prometheus' |
    grep -E '^nginx_tls_(connections_total|handshake_failures_total|connections_active|connections_handshaking)' | grep -v ' 0$' | grep localhost | sort
--- out
nginx_tls_connections_active{server="localhost"} 1
nginx_tls_connections_total{server="localhost",use="other"} 1
nginx_tls_connections_total{server="localhost",use="plain"} 3
nginx_tls_connections_total{server="localhost",use="tls"} 1
nginx_tls_connections_total{server="localhost",use="upgraded"} 3
nginx_tls_handshake_failures_total{server="localhost",reason="upgrade_alpn"} 1

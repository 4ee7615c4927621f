# Requests over TLS behave as they do behind nginx's own ssl: one site is served by both, and `both` says what differs.
# packages: nghttp2-client
use lib 't/lib';
use TestTLS;
use TwoServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: $scheme, $https and server port
--- site
    location / { return 200 "$scheme|$https|$server_port|$request_scheme_is\n"; }
    set $request_scheme_is $scheme://$host:$server_port;
--- run
visit() {
    tls_get localhost / --http1.1
    tls_get localhost / --http2
    tls_get localhost / --http1.0
}
both visit | sed "s/$PORT2/PORT/g; s/$PORT/PORT/g"
--- out
https|on|PORT|https://localhost:PORT
https|on|PORT|https://localhost:PORT
https|on|PORT|https://localhost:PORT

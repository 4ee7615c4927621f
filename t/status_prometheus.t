# Prometheus' own tool on the page, and Prometheus itself asking for it.
# packages: prometheus
use lib 't/lib';
use TestTLS;
use StatusPage;

log_level('info');
run_tests();

__DATA__

=== TEST 1: promtool takes the metrics, idle and in use
--- tls_config
    tls_session_cache shared:promtool:1m;
    return 200 "";
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name "~^\"(?<x>\w+)\\$";
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
status | promtool check metrics 2>&1 && echo idle
for _ in 1 2 3; do tls_code localhost / >/dev/null; done
tls_code localhost / --tls-max 1.2 >/dev/null
plain_code / >/dev/null
raw --hex 00ff00ff >/dev/null
wait_value 'handshakes_total{server="localhost",version="TLSv1.3",resumed="false"}' 3 >/dev/null
status | promtool check metrics 2>&1 && echo in use
--- out
idle
in use

=== TEST 2: scraped by Prometheus over TLS
--- tls_config
    location = /metrics { tls_status; }
    location / { return 200 ""; }
--- run
cat >prometheus.yml <<END
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: nginx
    scheme: https
    tls_config: { ca_file: $CERTS/ca.crt, server_name: localhost }
    static_configs: [ { targets: [ "127.0.0.1:$PORT" ] } ]
END
promtool check config prometheus.yml >/dev/null || exit 1
tls_code localhost /
api=127.0.0.1:$PORT2
prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address="$api" 2>prometheus.log &
server=$!
ask() { # QUERY
    curl -q -sS --max-time 10 -G "http://$api/api/v1/query" --data-urlencode "query=$1" |
        perl -MJSON::PP -e 'local $/; print map { "$_->{value}[1]\n" } @{decode_json(<STDIN>)->{data}{result}}'
}
says() { [ "$(ask "$1" 2>/dev/null)" = "$2" ]; }
wait_for says 'up{job="nginx"}' 1 && echo up
# Prometheus' own handshake is one, curl's another.
wait_for says 'nginx_tls_handshakes_total{server="localhost",version="TLSv1.3",resumed="false"} > bool 1' 1 && echo handshakes
wait_for says 'count(nginx_tls_handshake_duration_seconds_bucket{server="localhost"})' 15 && echo buckets
wait_for says 'histogram_quantile(1, nginx_tls_handshake_duration_seconds_bucket{server="localhost"}) > bool 0' 1 && echo quantile
wait_for says '(nginx_tls_certificate_not_after_timestamp_seconds{name="localhost"} - time()) / 86400 > bool 1000' 1 && echo days
kill $server
wait $server || true
--- out
200
up
handshakes
buckets
quantile
days

# Prometheus' own tool on the page, and Prometheus itself asking for it.
# packages: prometheus
use lib 't/lib';

# One block scrapes for a minute, on a machine that may be busy.
BEGIN { $ENV{TEST_NGINX_TLS_RUN_SECONDS} //= 180 }
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

=== TEST 3: a minute of scraping, each second, under load; and every question of the dashboard has its answer
--- tls_config
    tls_session_cache shared:minute:1m;
    tls_early_data on;
    tls_certificate_directory $TEST_NGINX_SERVROOT/found;
    location = /metrics { tls_status; }
    location / { return 200 ""; }
--- run
. "$T_LIB/early_data.sh"
mkdir found
cat >prometheus.yml <<END
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: nginx
    scheme: https
    tls_config: { ca_file: $CERTS/ca.crt, server_name: localhost }
    static_configs: [ { targets: [ "127.0.0.1:$PORT" ] } ]
END
api=127.0.0.1:$PORT2
prometheus --config.file=prometheus.yml --storage.tsdb.path=data --web.listen-address="$api" 2>prometheus.log &
server=$!
request get GET / 'Connection: close'
scrapes() { curl -q -sS --max-time 10 -G "http://$api/api/v1/query" --data-urlencode 'query=up == 1' | grep -q '"value"'; }
wait_for scrapes
begin=$SECONDS
while [ $((SECONDS - begin)) -lt 62 ]; do
    tls_code localhost / >/dev/null
    tls_code localhost / --tls-max 1.2 >/dev/null
    raw --hello --suites 1399 >/dev/null
    get_session
    come_back get </dev/null >/dev/null
    s_request localhost / -servername localhost -tls1_2 -no_ticket -sess_out session12 >/dev/null
    s_request localhost / -servername localhost -tls1_2 -no_ticket -sess_in session12 >/dev/null
done
cat >asks.pl <<'END'
use JSON::PP;
my ($api, $dashboard) = @ARGV;
sub answer {
    my ($query) = @_;
    open my $curl, '-|', 'curl', '-q', '-sS', '--max-time', 10, '-G', "http://$api/api/v1/query", '--data-urlencode', "query=$query";
    return decode_json(do { local $/; <$curl> });
}
sub number { my ($query) = @_; return answer($query)->{data}{result}[0]{value}[1] // 'none' }
print 'scraped ', number('count_over_time(up[1m])') >= 50 ? 'each second' : number('count_over_time(up[1m])'), "\n";
print 'failed scrapes: ', number('count_over_time(up[1m]) - sum_over_time(up[1m])'), "\n";
print 'slowest scrape: ', number('max_over_time(scrape_duration_seconds[1m])') < 1 ? 'below a second' : 'slow', "\n";
open my $file, '<', $dashboard or die;
my $questions = 0;
for my $panel (@{ decode_json(do { local $/; <$file> })->{panels} }) {
    for my $target (@{ $panel->{targets} }) {
        my $query = $target->{expr} =~ s/\$server\b/.*/gr =~ s/\$__rate_interval/1m/gr;
        my $answer = answer($query);
        my @rows = @{ $answer->{data}{result} // [] };
        my ($labels) = $query =~ /^\w*\(?\w+ by \(([^)]*)\)/;
        my $without = grep { my $row = $_; grep { !defined $row->{metric}{$_} } split /, */, $labels // '' } @rows;
        $questions++;
        next if $answer->{status} eq 'success' && @rows && !$without && !grep { $_->{value}[1] eq 'NaN' } @rows;
        print "$panel->{title}: $query: ", encode_json($answer), "\n";
    }
}
print $questions > 20 ? "questions answered\n" : "$questions questions\n";
END
perl asks.pl "$api" "$T_LIB/../../dashboards/grafana.json"
kill $server
wait $server || true
--- out
scraped each second
failed scrapes: 0
slowest scrape: below a second
questions answered

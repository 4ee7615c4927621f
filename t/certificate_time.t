# Certificates and a clock that goes on: warnings of the next day, certificates that end, and those that are issued here
# anew. The servers of these blocks live in another time.
# packages: faketime
use lib 't/lib';

BEGIN {
    # It and the sanitizers both want to be the first to be loaded.
    if ($ENV{TEST_NGINX_TLS_ASAN}) {
        print "1..0 # SKIP no faketime beside sanitizers\n";
        exit 0;
    }
}

use TestTLS;
use FoundCertificates;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/life.sh'\n" . <<'BASH' . $block->run) if defined $block->run;
clock=$SERVROOT/clock
# From now on the servers' clocks are ahead by OFFSET, as faketime has it: "+23h".
it_is() { # OFFSET
    echo "$1" >"$clock.new"
    mv "$clock.new" "$clock"
}
it_is +0
# As `start` of life.sh. Neither timers nor what the file system says of files are of another time.
start_in_time() { # NAME
    local preload
    preload=$(faketime -f +0 sh -c 'echo "$LD_PRELOAD"')
    LD_PRELOAD=$preload FAKETIME_TIMESTAMP_FILE=$clock FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 \
        start "$1"
}
# A server's inside on stdin.
serve() {
    local main="worker_processes ${workers:-2}; env LD_PRELOAD; env FAKETIME_TIMESTAMP_FILE; env FAKETIME_NO_CACHE;
        env FAKETIME_DONT_FAKE_MONOTONIC; env NO_FAKE_STAT;"
    configure t < <(printf 'server { listen 127.0.0.1:%s; server_name a.test b.test; tls on;\n' "$PORT"; cat; echo '}')
    start_in_time t
    NGINX_PID=$(pid t)
    ERROR_LOG=$life/t.log
}
BASH
});

run_tests();

__DATA__

=== TEST 1: one warning a day
--- run
mint one:to=864000
put one a.test.pem
serve <<<"tls_certificate_directory $F;"
# A worker warns when the handshake has ended, of which its client knows earlier.
warned() { # TIMES
    wait_log '\[warn\].*CN=one' "$1"
    count_log '\[warn\].*CN=one'
}
workers_show a.test
for clock_says in +23h:1 +25h:2 +47h:2 +50h:3; do
    it_is ${clock_says%:*}
    workers_show a.test
    echo "${clock_says%:*}: $(warned ${clock_says#*:})"
done
it_is +9d
workers_show a.test
warned 4
finish t
grave
--- out
2 one
2 one
+23h: 1
2 one
+25h: 2
2 one
+47h: 2
2 one
+50h: 3
2 one
4



=== TEST 2: a certificate ends: the old pair is the last good one; a name that was not in use is refused
--- run
mint one:to=864000 two:to=864000 next:to=8640000
put one a.test.pem
put two b.test.pem
serve <<<"tls_certificate_directory $F; tls_certificate_cache max=10 inactive=100d; tls_expiry_warning 0;"
workers_show a.test
it_is +9d
workers_show a.test
it_is +11d
workers_show a.test
workers_show b.test
workers_show a.test
said | sed 's/ expired on .* UTC/ expired on DATE/'
# The clock was wrong.
it_is +0
workers_show a.test
workers_show b.test
it_is +12d
put next a.test.pem
put next b.test.pem
it_is +13d
workers_show a.test
workers_show b.test
finish t
grave
--- out
2 one
2 one
2 one
2 alert 112
2 one
error: certificate "found/a.test.pem" expired on DATE, the old pair goes on
error: certificate "found/b.test.pem" expired on DATE
2 one
2 two
2 next
2 next



=== TEST 3: a certificate whose time has not come
--- run
mint early:from=864000:to=1728000
put early a.test.pem
serve <<<"tls_certificate_directory $F;"
workers_show a.test
grep -o 'is not valid before' "$ERROR_LOG"
it_is +11d
workers_show a.test
finish t
grave
--- out
2 early
is not valid before
2 early



=== TEST 4: what is issued here is issued anew when two thirds of its time have passed
--- run
workers=1
serve <<<"tls_certificate internal; tls_internal_ca $F; tls_certificate_cache max=10 inactive=100d; tls_expiry_warning 14d;"
leaf() { s_client -servername "${1:-a.test}" | openssl x509 -noout -serial -enddate; }
in_days() { date -u -d "$1 days" +%F; }
leaf >first
# Two thirds of a week are four days and sixteen hours.
it_is +111h
leaf | cmp - first && echo kept
it_is +113h
leaf >second
cmp -s first second || echo another
until=$(date -u -d "$(sed -n 's/notAfter=//p' second)" +%s)
# It has a week from then.
left=$((until - $(date +%s) - 113 * 3600))
[ $left -gt 604500 ] && [ $left -le 604800 ] && echo a week
# A reload goes on with a good one as well, and the clock of a client agrees.
reload_of t
s_client -servername a.test -CAfile "$F/ca.pem" -attime $(($(date +%s) + 113 * 3600)) | grep -m 1 -o 'Verify return code: .*'
it_is +3560d
s_client -servername a.test -CAfile "$F/ca.pem" -attime $(($(date +%s) + 3560 * 86400)) | grep -m 1 -o 'Verify return code: .*'
count_log '\[warn\]'
finish t
grave
--- out
kept
another
a week
Verify return code: 0 (ok)
Verify return code: 0 (ok)
0



=== TEST 5: an authority at its end
--- run
workers=1
serve <<<"tls_certificate internal; tls_internal_ca $F;"
shown a.test
# No certificate outlives its authority.
it_is +3648d
cmp <(s_client -servername a.test | openssl x509 -noout -enddate) <(openssl x509 -in "$F/ca.pem" -noout -enddate) && echo the same end
it_is +3651d
kill -HUP "$(pid t)"
wait_log '\[emerg\] .*"[^"]*ca.pem" has expired: remove it to have a new one made for the same key'
finish t
--- out
a.test
the same end

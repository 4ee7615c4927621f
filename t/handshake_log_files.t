# The handshake log's files: whose log a line goes to, buffers, reopening, a full disk, syslog; and what `nginx -t` refuses.
use lib 't/lib';
use TestTLS;

log_level('info');
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/handshake_log.sh'\n" . $block->run) if defined $block->run;
});
run_tests();

__DATA__

=== TEST 1: a server without a log has that of http, one with a log its own only, `off` none
--- http_config
    tls_handshake_format name '$tls_server_name';
    tls_handshake_log logs/http.log name;
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    tls on;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name first.test; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name own.test; tls_handshake_log logs/own.log name; }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name two.test;
        tls_handshake_log logs/own.log name;
        tls_handshake_log logs/two.log name;
    }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name off.test; tls_handshake_log off; }
--- run
for name in first own two off other; do
    raw --hello --sni $name.test --reset
done
wait_log 'peer_closed' 5
for file in http own; do await_lines 2 logs/$file.log; done
for file in http own two; do echo "$file: $(sort logs/$file.log | xargs)"; done
--- out
http: first.test other.test
own: own.test two.test
two: two.test

=== TEST 2: before a server is known, it is the log of the address's default server
--- http_start
    tls_handshake_format reason '$tls_handshake_reason';
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name other.test;
        tls on;
        tls_handshake_log logs/other.log reason;
    }
--- tls_config
    tls_handshake_log logs/default.log reason;
--- run
raw --hex 00 >/dev/null
raw --hello --sni nobody.test --suites 1399 >/dev/null
raw --hello --sni other.test --suites 1399 >/dev/null
await_lines 1 logs/other.log
cat logs/default.log
echo; cat logs/other.log
--- out
not_tls
no_shared_cipher

no_shared_cipher

=== TEST 3: nothing is written unless asked for
--- tls_config
    location / { return 200 "ok\n"; }
--- run
tls_get localhost /
ls logs | grep -v '^access.log$' | xargs
--- out_like
^ok$
^error.log (?!.*handshake)

=== TEST 4: reopened at USR1
--- tls_config
    tls_handshake_log logs/handshake.log;
--- workers: 2
--- run
raw --hello --suites 1399 >/dev/null
await_lines 1
mv "$log" logs/old.log
kill -USR1 "$NGINX_PID"
wait_for test -e "$log"
# The workers reopen after the master.
one_more() { raw --hello --suites 1399 >/dev/null; has_lines 1; }
wait_for one_more
values reason | sort -u
--- out
no_shared_cipher

=== TEST 5: a buffer is written when it is full, when its time has come, at USR1 and when the worker ends
--- http_start
    tls_handshake_format number '$connection';
--- tls_config
    tls_handshake_log logs/full.log number buffer=12;
    tls_handshake_log logs/timed.log number buffer=64k flush=300ms;
    tls_handshake_log logs/kept.log number buffer=64k;
--- run
refused() { raw --hello --suites 1399 >/dev/null; }
for _ in $(seq 9); do refused; done
wait_log no_shared_cipher 9
# Two bytes a line: six fit, and the seventh writes them.
echo "full $(line_count logs/full.log), kept $(line_count logs/kept.log)"
wait_for has_lines 9 logs/timed.log && echo timed
mv logs/kept.log logs/old.log
kill -USR1 "$NGINX_PID"
wait_for has_lines 9 logs/old.log && echo reopened
wait_for test -e logs/kept.log
refused
kill -QUIT "$NGINX_PID"
wait_for has_lines 1 logs/kept.log && echo ended
cat logs/kept.log
--- out
full 6, kept 0
timed
reopened
ended
10

=== TEST 6: a line that no buffer holds is written by itself, in its place
--- http_start
    tls_handshake_format name '$tls_server_name';
--- tls_config
    tls_handshake_log logs/handshake.log name buffer=16;
--- run
for name in a a.name.that.is.longer b; do raw --hello --sni $name --suites 1399 >/dev/null; done
wait_log no_shared_cipher 3
cat "$log"
kill -QUIT "$NGINX_PID"
await_lines 3
tail -n 1 "$log"
--- out
a
a.name.that.is.longer
b

=== TEST 7: a full disk costs lines, and one complaint a minute
--- tls_config
    tls_handshake_log /dev/full;
    tls_handshake_log logs/handshake.log;
    location / { return 200 "ok\n"; }
--- run
for _ in 1 2 3 4 5; do tls_get localhost /; done
await_lines 5
wait_log 'write\(\) to "/dev/full" failed \(28: No space left on device\)'
count_log 'write\(\) to "/dev/full" failed'
--- may_log: alert
--- out
ok
ok
ok
ok
ok
1

=== TEST 8: the same from a buffer
--- tls_config
    tls_handshake_log /dev/full default buffer=1k flush=20ms;
    location / { return 200 "ok\n"; }
--- run
for _ in 1 2 3; do tls_get localhost /; done
wait_log 'write\(\) to "/dev/full" failed \(28: No space left on device\)'
tls_get localhost /
--- may_log: alert
--- out
ok
ok
ok
ok

=== TEST 9: lines come back when there is room again
--- tls_config
    tls_handshake_log disk/handshake.log;
    location / { return 200 "ok\n"; }
--- user_files
>>> ../disk/keep
--- run
# A link to /dev/full is what the disk is, until it is a file again.
log=disk/handshake.log
rm "$log"
ln -s /dev/full "$log"
kill -USR1 "$NGINX_PID"
full() { tls_get localhost / >/dev/null; log_has 'No space left' 1; }
wait_for full
rm "$log"
kill -USR1 "$NGINX_PID"
room() { tls_get localhost / >/dev/null; has_lines 1; }
wait_for room && values reason | sort -u
--- may_log: alert
--- out
completed

=== TEST 10: a pipe that nobody reads holds up no worker
--- http_start eval
"    tls_handshake_format long '\$tls_handshake_reason " . 'x' x 3000 . "';\n"
--- tls_config
    tls_handshake_log disk/handshake.log long;
    location / { return 200 "ok\n"; }
--- user_files
>>> ../disk/keep
--- run
# nginx waits for a reader when it opens a pipe, and this one reads when it is told.
rm disk/handshake.log
mkfifo disk/handshake.log
perl -e '
    $SIG{ALRM} = sub { exit 1 };
    alarm 60;
    open my $pipe, "<", "disk/handshake.log" or die;
    open my $file, ">", "opened";
    select undef, undef, undef, 0.02 until -e "read";
    while (<$pipe>) { print length() - 1, /^completed x+$/ ? " whole\n" : " torn\n"; $| = 1 }' >lines &
reader=$!
kill -USR1 "$NGINX_PID"
wait_for test -e opened
full() { tls_get localhost / >/dev/null; log_has 'write\(\) to ".*handshake.log" failed \(11: ' 1; }
wait_for full && echo full
tls_get localhost /
: >read
# What there was room for, and then those that are new.
wait_for test -s lines
before=$(line_count lines)
more() { tls_get localhost / >/dev/null; [ "$(line_count lines)" -gt $((before + 20)) ]; }
wait_for more && sort -u lines
kill "$reader"
--- may_log: alert
--- out
full
ok
3010 whole

=== TEST 11: two workers, and lines of both stay whole
--- tls_config
    tls_handshake_log logs/handshake.log;
    location / { return 200 ""; }
--- workers: 2
--- run
for _ in 1 2 3 4; do
    for _ in $(seq 10); do raw --hello --suites 1399 >/dev/null; done &
done
wait
await_lines 40
grep -cE '^time=\S+ client=127\.0\.0\.1 .* reason=no_shared_cipher .* detail="[^"]*"$' "$log"
--- out
40

=== TEST 12: an access log may have the same file
--- http_start
    log_format request 'request';
    tls_handshake_format handshake 'handshake';
--- tls_config
    access_log logs/handshake.log request;
    tls_handshake_log logs/handshake.log handshake;
    location / { return 200 ""; }
--- run
tls_get localhost / && tls_get localhost /
await_lines 4
cat "$log"
kill -USR1 "$NGINX_PID"
--- out
handshake
request
handshake
request

=== TEST 13: syslog
--- http_start
    tls_handshake_format reason '$tls_handshake_reason';
--- tls_config
    tls_handshake_log syslog:server=unix:$TEST_NGINX_SERVROOT/syslog.sock,tag=tls,nohostname reason;
    location / { return 200 ""; }
--- run
perl -MIO::Socket::UNIX -MSocket -e '
    my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "syslog.sock") or die;
    $SIG{ALRM} = sub { exit 1 };
    alarm 30;
    chmod 0777, "syslog.sock";
    open my $file, ">", "listening";
    recv $s, my $line, 1000, 0;
    print $line =~ /^<\d+>.* tls: (.*)/, "\n"' >syslog.out &
wait_for test -e listening
tls_get localhost /
wait $!
cat syslog.out
--- out
completed

=== TEST 14: a reload goes on with the file
--- tls_config
    tls_handshake_log logs/handshake.log default buffer=4k;
--- run
raw --hello --suites 1399 >/dev/null
reload
# What the old worker had is written when it ends.
await_lines 1
raw --hello --suites 1399 >/dev/null
kill -QUIT "$NGINX_PID"
await_lines 2
values reason
--- out
no_shared_cipher
no_shared_cipher

=== TEST 15: unknown format
--- http_config
    server { tls_handshake_log logs/a.log missing; }
--- emerg
unknown handshake format "missing"

=== TEST 16: unknown variable
--- http_config
    tls_handshake_format a '$tls_protocol $tls_nothing';
--- emerg
unknown "tls_nothing" variable

=== TEST 17: two formats of one name
--- http_config
    tls_handshake_format a '';
    tls_handshake_format a '';
--- emerg
duplicate "tls_handshake_format" name "a"

=== TEST 18: the default's name
--- http_config
    tls_handshake_format default '';
--- emerg
duplicate "tls_handshake_format" name "default"

=== TEST 19: unknown escaping
--- http_config
    tls_handshake_format a escape=xml '';
--- emerg
unknown handshake format escaping "xml"

=== TEST 20: a bracket that is not closed
--- http_config
    tls_handshake_format a '${tls_protocol';
--- emerg
the closing bracket in "tls_protocol" variable is missing

=== TEST 21: wrong parameters
--- http_config
    server { tls_handshake_log logs/a.log default buffer=0; }
--- emerg
invalid buffer size "0"

=== TEST 22: wrong time
--- http_config
    server { tls_handshake_log logs/a.log buffer=1k flush=x; }
--- emerg
invalid flush time "x"

=== TEST 23: unknown parameter
--- http_config
    server { tls_handshake_log logs/a.log gzip=1; }
--- emerg
invalid parameter "gzip=1"

=== TEST 24: flush without a buffer
--- http_config
    server { tls_handshake_log logs/a.log flush=1s; }
--- emerg
no buffer is defined for tls_handshake_log "logs/a.log"

=== TEST 25: one file, two buffers
--- http_config
    server { tls_handshake_log logs/a.log buffer=1k; }
    server { tls_handshake_log logs/a.log buffer=2k; }
--- emerg
tls_handshake_log "[^"]*logs/a.log" already defined with conflicting parameters

=== TEST 26: a variable in the name
--- http_config
    server { tls_handshake_log logs/$server_name.log; }
--- emerg
tls_handshake_log "logs/\$server_name.log" cannot have variables in its name

=== TEST 27: off, and more
--- http_config
    server { tls_handshake_log off default; }
--- emerg
invalid parameter "default"

=== TEST 28: a buffer for syslog
--- http_config
    server { tls_handshake_log syslog:server=127.0.0.1 buffer=1k; }
--- emerg
logs to syslog cannot be buffered

=== TEST 29: a format belongs to http
--- http_config
    server { tls_handshake_format a ''; }
--- emerg
"tls_handshake_format" directive is not allowed here

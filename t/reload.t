# Reload and binary upgrade, with requests going on all the time. Each block starts servers of its own; `both` does it with
# the module and with nginx's own ssl.
use lib 't/lib';
use TestTLS;
use OwnServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: reload under load
--- run
make_file load 20000
reloads() {
    main='worker_processes 4;'
    { server "127.0.0.1:$PORT" 'location / { root '"$SERVROOT/html"'; }'; } | configure r
    start r
    start_load 4
    for _ in 1 2 3 4 5; do reload_of r; done
    load_result
    finish r
}
both reloads
--- out
many good, 0 bad

=== TEST 2: a binary upgrade under load
--- run
make_file load 20000
# The new master is the old one's child, too.
old_gone() { [ -z "$(pgrep -P "$1" -f 'nginx: worker process')" ]; }
new_master() { [ -s "$life/u.pid.oldbin" ] && [ -s "$life/u.pid" ] && [ "$(pid u)" != "$1" ] && [ -n "$(workers_of u)" ]; }
upgrade() {
    { server "127.0.0.1:$PORT" 'location / { root '"$SERVROOT/html"'; }'; } | configure u
    start u
    start_load 4
    old=$(pid u)
    kill -USR2 "$old"
    wait_for new_master "$old" && echo two masters
    kill -WINCH "$old"
    wait_for old_gone "$old" && echo old workers gone
    kill -QUIT "$old"
    wait_for gone "$old" && echo old master gone
    load_result
    tls_code localhost /load
    # And once more on what was inherited.
    reload_of u
    tls_code localhost /load
    finish u
}
both upgrade
--- out
two masters
old workers gone
old master gone
many good, 0 bad
200
200

=== TEST 3: reloads that change what is served
--- run
names() { echo | s_client -servername localhost -verify_hostname "$1" | grep 'Verif.* return code' | head -n 1; }
both_names() { printf '%s|%s\n' "$(names localhost)" "$(names a.test)"; }
{ server "127.0.0.1:$PORT" 'return 200 "one\n";'; } | configure c
start c
names localhost
echo "-- another certificate"
{ server "127.0.0.1:$PORT" 'return 200 "two\n";' a.test; } | configure c
reload_of c
names a.test
tls_get a.test /
echo "-- tls off: the address is plain"
printf 'server { listen 127.0.0.1:%s; return 200 "plain $scheme\\n"; }\n' "$PORT" | configure c
reload_of c
plain_get /
handshake
echo "-- on again, on two addresses"
{ server "127.0.0.1:$PORT" 'return 200 "tls $scheme\n";'; server "127.0.0.1:$PORT2" 'return 200 "second $scheme\n";'; } | configure c
reload_of c
tls_get localhost /
PORT=$PORT2 tls_get localhost /
plain_code /
--- out
Verify return code: 0 (ok)
-- another certificate
Verify return code: 0 (ok)
two
-- tls off: the address is plain
plain http
failed
-- on again, on two addresses
tls https
second https
400

=== TEST 4: an address goes over from nginx's own ssl and back, under load
--- skip_nossl
--- run
make_file load 20000
site() { SIDE=$1 server "127.0.0.1:$PORT" 'location / { root '"$SERVROOT/html"'; } location = /who { return 200 "'"$1"' $tls_protocol|$ssl_protocol\n"; }'; }
site ssl | configure x
start x
start_load 4
for side in tls ssl tls; do
    site $side | configure x
    reload_of x
    tls_get localhost /who --tls-max 1.2 | sed 's/|TLSv1.2//;s/TLSv1.2|TLSv1.2/x/'
done
load_result
finish x
--- out
tls TLSv1.2
ssl TLSv1.2
tls TLSv1.2
many good, 0 bad

=== TEST 5: a reload that fails changes nothing
--- run
make_file load 20000
{ server "127.0.0.1:$PORT" 'location / { root '"$SERVROOT/html"'; }'; } | configure b
start b
start_load 4
before=$(workers_of b)
for certificate in missing garbage empty; do
    echo broken >"$life/garbage.crt"; cp "$life/garbage.crt" "$life/garbage.key"; : >"$life/empty.crt"; : >"$life/empty.key"
    CERTS=$life server "127.0.0.1:$PORT" '' $certificate | configure b
    kill -HUP "$(pid b)"
    wait_for logged b "\[emerg\].*$certificate.crt" && echo "$certificate refused"
done
tls_code localhost /load
[ "$before" = "$(workers_of b)" ] && echo same workers
load_result
{ server "127.0.0.1:$PORT" 'return 200 "good again\n";'; } | configure b
reload_of b
tls_get localhost /
finish b
--- may_be_grave: '\[emerg\]'
--- out
missing refused
garbage refused
empty refused
200
same workers
many good, 0 bad
good again

=== TEST 6: an http block without servers, and a server without tls in it
--- run
: | configure e
start e
{ server "127.0.0.1:$PORT" 'return 200 "served\n";'; } | configure e
reload_of e
tls_get localhost /
: | configure e
reload_of e
client -e 'print tcp($ENV{AT}, may_fail => 1) ? "open\n" : "closed\n"'
finish e
--- out
served
closed

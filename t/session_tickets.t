# Session tickets (RFC 5077, RFC 8446 section 4.6.1): the keys of nginx's ssl_session_ticket_key files, and those that are
# made and rotated here, in a shared zone or without one.
use lib 't/lib';
use TestTLS;
use NamedServers;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/sessions.sh'\n" . $block->run) if defined $block->run;
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: tickets are on unless they are off
--- servers
unsaid.test
on.test     tls_session_tickets on;
off.test    tls_session_tickets off;
--- run
for name in unsaid.test on.test off.test; do
    for version in -tls1_2 -tls1_3; do
        meet $name kept $version
        again $name kept $version
        ticket_key $name $version | tr -d '\n' | wc -c
    done
done
--- out
unsaid.test .
unsaid.test r
32
unsaid.test .
unsaid.test r
32
on.test .
on.test r
32
on.test .
on.test r
32
off.test .
off.test .
0
off.test .
no session
0



=== TEST 2: a key file of 48 or 80 bytes names the key, in all workers and after a reload
--- servers
short.test  tls_session_ticket_key $TEST_NGINX_CERTS/ticket48.key;
long.test   tls_session_ticket_key $TEST_NGINX_CERTS/ticket80.key;
--- workers: 3
--- run
check() { # NAME FILE VERSION
    [ "$(ticket_key $1 $3)" = "$(key_in "$CERTS/$2")" ] && echo "$1 named"
    meet $1 $1$3 $3
    for n in 1 2 3; do
        on_worker $(nth_worker $n) again $1 $1$3 $3
    done | uniq -c
}
for version in -tls1_2 -tls1_3; do
    check short.test ticket48.key $version
    check long.test ticket80.key $version
done
reload
for version in -tls1_2 -tls1_3; do
    again short.test short.test$version $version
    again long.test long.test$version $version
done
--- out
short.test named
short.test .
      3 short.test r
long.test named
long.test .
      3 long.test r
short.test named
short.test .
      3 short.test r
long.test named
long.test .
      3 long.test r
short.test r
long.test r
short.test r
long.test r



=== TEST 3: a ticket that a file's key seals can be opened with nothing but the file
--- servers
short.test  tls_session_ticket_key $TEST_NGINX_CERTS/ticket48.key;
long.test   tls_session_ticket_key $TEST_NGINX_CERTS/ticket80.key;
--- run
# name, IV, AES-CBC, HMAC-SHA-256 (RFC 5077 section 4); a file has name, AES, HMAC (48 bytes) or name, HMAC, AES (80).
for pair in short.test:ticket48.key long.test:ticket80.key; do
    for version in -tls1_2 -tls1_3; do
        meet ${pair%:*} kept $version
        perl -MDigest::SHA=hmac_sha256 -0777 -e '
            my ($session, $file) = map { open my $in, "<:raw", $_ or die "$_: $!"; <$in> } @ARGV;
            my ($hmac_at, $size) = length $file == 48 ? (32, 16) : (16, 32);
            # The ticket is the OCTET STRING in which the key'\''s name is.
            my $at = index $session, substr $file, 0, 16;
            die "no ticket of this key\n" if $at < 0;
            my $length = unpack "n", substr $session, $at - 2, 2;
            $length = unpack "C", substr $session, $at - 1, 1 if substr($session, $at - 2, 1) eq "\x81";
            my $ticket = substr $session, $at, $length;
            my $mac = substr $ticket, -32, 32, "";
            print $mac eq hmac_sha256($ticket, substr $file, $hmac_at, $size) ? "sealed\n" : "not sealed\n";
        ' <(openssl sess_id -in "$SERVROOT/kept.pem" -outform DER) "$CERTS/${pair#*:}"
    done
done
--- out
short.test .
sealed
short.test .
sealed
long.test .
sealed
long.test .
sealed



=== TEST 4: of several keys the first seals, all open, and an older one's ticket is renewed
--- servers
old.test    tls_session_ticket_key $TEST_NGINX_CERTS/ticket48.key;
new.test    tls_session_ticket_key $TEST_NGINX_CERTS/ticket80.key; tls_session_ticket_key $TEST_NGINX_CERTS/ticket48.key; tls_session_ticket_key $TEST_NGINX_CERTS/ticket80b.key;
other.test  tls_session_ticket_key $TEST_NGINX_CERTS/ticket48b.key;
--- run
name_of() {
    for file in ticket48 ticket80 ticket80b ticket48b; do
        [ "$1" != "$(key_in "$CERTS/$file.key")" ] || echo $file
    done
}
for version in -tls1_2 -tls1_3; do
    meet old.test old $version
    meet new.test new $version
    again new.test old $version
    again new.test new $version
    again old.test new $version
    again other.test old $version
    name_of "$(ticket_key new.test $version)"
    name_of "$(ticket_key new.test $version -sess_in "$SERVROOT/old.pem")"
done
--- out
old.test .
new.test .
new.test r
new.test r
old.test .
other.test .
ticket80
ticket80
old.test .
new.test .
new.test r
new.test r
old.test .
other.test .
ticket80
ticket80



=== TEST 5: in TLS 1.2 a ticket of the current key is kept, in TLS 1.3 each is used once
--- servers
a.test      tls_session_ticket_key $TEST_NGINX_CERTS/ticket80.key;
--- run
meet a.test kept12 -tls1_2
meet a.test kept13 -tls1_3
new_tickets() {
    printf 'GET /server HTTP/1.0\r\n\r\n' | s_client -ign_eof -servername a.test -msg "$@" | grep -c 'NewSessionTicket' || true
}
new_tickets -tls1_2 -sess_in "$SERVROOT/kept12.pem"
new_tickets -tls1_3 -sess_in "$SERVROOT/kept13.pem"
--- out
a.test .
a.test .
0
1



=== TEST 6: a ticket key file beside a shared zone is what counts
--- servers
http        tls_session_cache shared:one:1m;
a.test      tls_session_ticket_key $TEST_NGINX_CERTS/ticket80.key;
b.test
--- run
[ "$(ticket_key a.test)" = "$(key_in "$CERTS/ticket80.key")" ] && echo "the file's"
[ "$(ticket_key b.test)" != "$(key_in "$CERTS/ticket80.key")" ] && echo "another"
meet a.test kept
again b.test kept
--- out
the file's
another
a.test .
b.test .



=== TEST 7: with a shared zone all workers agree on a key, and a reload keeps it
--- servers
http        tls_session_cache shared:one:1m;
a.test      location = /pid { return 200 "$pid\n"; }
b.test
--- workers: 4
--- run
# The first ticket of each worker.
for n in 1 2 3 4; do
    on_worker $(nth_worker $n) ticket_key a.test
done >"$SERVROOT/keys"
before=$(workers)
for version in -tls1_2 -tls1_3; do
    on_worker $(nth_worker 1) meet a.test kept$version $version
    for n in 1 2 3 4; do
        on_worker $(nth_worker $n) again a.test kept$version $version
    done | uniq -c
done
reload
[ "$before" != "$(workers)" ] && echo reloaded
for version in -tls1_2 -tls1_3; do
    again a.test kept$version $version
    again b.test kept$version $version
done
ticket_key a.test >>"$SERVROOT/keys"
ticket_key b.test >>"$SERVROOT/keys"
sort "$SERVROOT/keys" | uniq -c | sed 's/ *\([0-9]*\) [0-9a-f]\{32\}$/\1 with the same key/'
--- out
a.test .
      4 a.test r
a.test .
      4 a.test r
reloaded
a.test r
b.test r
a.test r
b.test r
6 with the same key



=== TEST 8: zones have keys of their own
--- servers
a.test      tls_session_cache shared:one:1m;
b.test      tls_session_cache shared:two:1m;
--- run
[ "$(ticket_key a.test)" != "$(ticket_key b.test)" ] && echo different
meet a.test kept
again b.test kept
--- out
different
a.test .
b.test .



=== TEST 9: keys rotate at tls_session_timeout, and what the last one sealed is opened until it ends
--- servers
http        tls_session_cache shared:one:1m; tls_session_timeout 8s;
a.test
--- workers: 2
--- run
first=$(ticket_key a.test)
# The last ticket before the change.
changed() {
    [ "$(ticket_key a.test)" != "$first" ] || {
        meet a.test try >/dev/null
        mv "$SERVROOT/try.pem" "$SERVROOT/last.pem"
        return 1
    }
}
wait_for changed
second=$(ticket_key a.test)
again a.test last
# It is opened by the key before; the new ticket that comes with it is not sealed with that.
[ "$(ticket_key a.test -sess_in "$SERVROOT/last.pem")" = "$second" ] && echo renewed
gone() { ! resumes a.test last; }
wait_for gone && echo gone
changed_again() { third=$(ticket_key a.test) && [ "$third" != "$second" ]; }
wait_for changed_again && [ "$third" != "$first" ] && echo "and again"
--- out
a.test r
renewed
gone
and again



=== TEST 10: without a shared zone: one key for all workers, made anew at a reload
--- servers
a.test      tls_session_cache none;
--- workers: 3
--- run
for version in -tls1_2 -tls1_3; do
    on_worker $(nth_worker 1) meet a.test kept$version $version
    for n in 1 2 3; do
        on_worker $(nth_worker $n) again a.test kept$version $version
    done | uniq -c
done
reload
for version in -tls1_2 -tls1_3; do
    again a.test kept$version $version
done
--- out
a.test .
      3 a.test r
a.test .
      3 a.test r
a.test .
a.test .



=== TEST 11: a ticket that was changed opens nothing, and the handshake goes on
--- servers
http        tls_session_cache shared:one:1m;
a.test
--- run
for version in -tls1_2 -tls1_3; do
    meet a.test kept $version
    # Any byte: the name, the IV, the text, the MAC. The ticket is a long run of hex digits in the session's DER.
    openssl sess_id -in "$SERVROOT/kept.pem" -outform DER -out "$SERVROOT/kept.der"
    key=$(ticket_key a.test $version)
    for offset in 0 20 40 150; do
        perl -0777 -e '
            my ($file, $name, $offset) = @ARGV;
            open my $in, "<:raw", $file or die;
            my $session = <$in>;
            my $at = index $session, pack "H*", $name;
            die "no ticket\n" if $at < 0;
            substr($session, $at + $offset, 1) ^= "\x01";
            print $session' "$SERVROOT/kept.der" "$key" $offset |
            openssl sess_id -inform DER -out "$SERVROOT/bad.pem"
        again a.test bad $version
    done | uniq -c
    again a.test kept $version
done
--- out
a.test .
      4 a.test .
a.test r
a.test .
      4 a.test .
a.test r



=== TEST 12: a key file of another size
--- servers
a.test      tls_session_ticket_key $TEST_NGINX_CERTS/ticket47.key;
--- emerg
\[emerg\] .*"$TEST_NGINX_CERTS/ticket47.key" must be 48 or 80 bytes



=== TEST 13: a key file that is not there
--- servers
a.test      tls_session_ticket_key $TEST_NGINX_CERTS/ticket48.key; tls_session_ticket_key $TEST_NGINX_CERTS/no-such.key;
--- emerg
\[emerg\] .*open\(\) "$TEST_NGINX_CERTS/no-such.key" failed \(2: No such file or directory\)

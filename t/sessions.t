# Sessions kept by the server (nginx's ssl_session_cache; RFC 5246 section 7.4.1.2, RFC 8446 section 2.2): which cache keeps
# them, who shares them, and that they are the same to a client as nginx's own. Tickets are in session_tickets.t.
use lib 't/lib';
use TestTLS;
use NamedServers;
use TwoServers;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/named_servers.sh'; . '$ENV{T_LIB}/sessions.sh'\n" . $block->run)
        if defined $block->run;
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: shared: resumes by id, in TLS 1.2 and 1.3
--- servers
http        tls_session_cache shared:one:1m; tls_session_tickets off;
a.test
--- run
id_size a.test -tls1_2
for version in -tls1_2 -tls1_3; do
    meet_again a.test $version
    # A session may come more than once, by either version's rules.
    again a.test last $version
done
--- out
32
a.test . a.test r
a.test r
a.test . a.test r
a.test r



=== TEST 2: off, and none without tickets: nothing resumes, and only none gives an id
--- servers
http        tls_session_tickets off;
off.test    tls_session_cache off;
none.test   tls_session_cache none;
unsaid.test
--- run
for name in off.test none.test unsaid.test; do
    meet_again $name -tls1_2
    id_size $name -tls1_2
    # TLS 1.3: no session is promised at all.
    printf 'GET /server HTTP/1.0\r\n\r\n' | s_client -tls1_3 -ign_eof -servername $name | grep -c 'New Session Ticket arrived'
done || true
--- out
off.test . no session
0
0
none.test . none.test .
32
0
unsaid.test . unsaid.test .
32
0



=== TEST 3: builtin: a worker's own
--- servers
http        tls_session_cache builtin; tls_session_tickets off;
a.test      location = /pid { return 200 "$pid\n"; }
--- workers: 2
--- run
one=$(nth_worker 1) two=$(nth_worker 2)
for version in -tls1_2 -tls1_3; do
    on_worker $one meet a.test kept $version
    on_worker $one again a.test kept $version
    on_worker $two again a.test kept $version
done
[ "$(on_worker $one tls_get a.test /pid -k)" = $one ] && [ "$(on_worker $two tls_get a.test /pid -k)" = $two ]
--- out
a.test .
a.test r
a.test .
a.test .
a.test r
a.test .



=== TEST 4: builtin:N keeps so many
--- servers
http        tls_session_tickets off;
few.test    tls_session_cache builtin:5;
many.test   tls_session_cache builtin:500;
--- run
for name in few.test many.test; do
    for n in 1 2 3 4 5 6; do
        meet $name $n -tls1_2
    done | uniq -c
    again $name 6 -tls1_2
    again $name 1 -tls1_2
done
--- out
      6 few.test .
few.test r
few.test .
      6 many.test .
many.test r
many.test r



=== TEST 5: shared: all workers know a session, and a reload keeps it
--- servers
http        tls_session_cache shared:one:1m; tls_session_tickets off;
a.test      location = /pid { return 200 "$pid\n"; }
--- workers: 3
--- run
for version in -tls1_2 -tls1_3; do
    on_worker $(nth_worker 1) meet a.test kept$version $version
    for n in 1 2 3; do
        on_worker $(nth_worker $n) again a.test kept$version $version
    done
done
reload
for version in -tls1_2 -tls1_3; do
    again a.test kept$version $version
done
--- out
a.test .
a.test r
a.test r
a.test r
a.test .
a.test r
a.test r
a.test r
a.test r
a.test r



=== TEST 6: builtin beside shared
--- servers
http        tls_session_cache builtin:100 shared:one:1m; tls_session_tickets off;
a.test
--- workers: 2
--- run
for version in -tls1_2 -tls1_3; do
    on_worker $(nth_worker 1) meet a.test kept $version
    for n in 1 2; do
        on_worker $(nth_worker $n) again a.test kept $version
    done
done
--- out
a.test .
a.test r
a.test r
a.test .
a.test r
a.test r



=== TEST 7: a session ends at tls_session_timeout
--- servers
http        tls_session_cache shared:one:1m; tls_session_tickets off;
short.test  tls_session_timeout 2s;
long.test
--- run
gone() {
    ! resumes "$@"
}
for version in -tls1_2 -tls1_3; do
    meet long.test long $version
    meet short.test short $version
    wait_for gone short.test short $version
    again long.test long $version
done
--- out
long.test .
short.test .
long.test r
long.test .
short.test .
long.test r



=== TEST 8: the lifetime that a client is told
--- servers
http        tls_session_cache shared:one:1m;
unsaid.test
hour.test   tls_session_timeout 1h;
--- run
hint() {
    printf 'GET /server HTTP/1.0\r\n\r\n' | s_client -ign_eof -servername "$@" |
        sed -n 's/.*lifetime hint: //p' | tail -n 1
}
for version in -tls1_2 -tls1_3; do
    hint unsaid.test $version
    hint hour.test $version
done
--- out
300 (seconds)
3600 (seconds)
300 (seconds)
3600 (seconds)



=== TEST 9: a zone of several servers is one cache
--- servers
http        tls_session_tickets off;
a.test      tls_session_cache shared:one:1m;
b.test      tls_session_cache shared:one:1m;
c.test      tls_session_cache shared:two:1m;
--- run
# Same policy, same certificates: to a client they are one server.
for version in -tls1_2 -tls1_3; do
    meet a.test kept $version
    again b.test kept $version
    again c.test kept $version
    again a.test kept $version
done
--- out
a.test .
b.test r
c.test .
a.test r
a.test .
b.test r
c.test .
a.test r



=== TEST 10: the oldest sessions go when a zone is full
--- servers
http        tls_session_cache shared:small:32k; tls_session_tickets off;
a.test
--- run
meet a.test first -tls1_2
fill() {
    for turn in 1 2 3 4 5 6 7 8 9 10; do
        s_client -tls1_2 -servername a.test >/dev/null
    done
    ! resumes a.test first -tls1_2
}
wait_for fill
meet_again a.test -tls1_2
--- out
a.test .
a.test . a.test r



=== TEST 11: as nginx's own, whatever the cache
--- site
    tls_session_cache none; tls_session_tickets on;
    location / { return 200 "$tls_session_reused\n"; }
--- run
come() {
    for version in -tls1_2 -tls1_3; do
        rm -f "$SERVROOT/s.pem"
        s_request localhost / $version -sess_out "$SERVROOT/s.pem" | tail -n 1
        # Where no session was given there is nothing to offer.
        offer=(-sess_in "$SERVROOT/s.pem")
        [ -s "$SERVROOT/s.pem" ] || offer=()
        s_request localhost / $version "${offer[@]}" | tail -n 1
    done
}
for cache in off none builtin builtin:100 shared:ZONE:1m 'builtin:100 shared:ZONE:1m' 'builtin; KIND_session_cache shared:ZONE:1m' \
    'shared:ZONE:1m; KIND_session_cache none' 'off; KIND_session_cache shared:ZONE:1m'; do
    for tickets in on off; do
        for kind in tls ssl; do
            value=${cache/ZONE/$kind}
            sed -i "s/\b${kind}_session_cache .*;/${kind}_session_cache ${value/KIND/$kind}; ${kind}_session_tickets $tickets;/" \
                "$SERVROOT/conf/nginx.conf"
        done
        reload
        printf '%s %s: %s\n' "$cache" $tickets "$(both come | tr '\n' ' ')"
    done
done
--- out
off on: . r . r 
off off: . . . . 
none on: . r . r 
none off: . . . . 
builtin on: . r . r 
builtin off: . r . r 
builtin:100 on: . r . r 
builtin:100 off: . r . r 
shared:ZONE:1m on: . r . r 
shared:ZONE:1m off: . r . r 
builtin:100 shared:ZONE:1m on: . r . r 
builtin:100 shared:ZONE:1m off: . r . r 
builtin; KIND_session_cache shared:ZONE:1m on: . r . r 
builtin; KIND_session_cache shared:ZONE:1m off: . r . r 
shared:ZONE:1m; KIND_session_cache none on: . r . r 
shared:ZONE:1m; KIND_session_cache none off: . . . . 
off; KIND_session_cache shared:ZONE:1m on: . r . r 
off; KIND_session_cache shared:ZONE:1m off: . . . . 

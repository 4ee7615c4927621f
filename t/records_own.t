# Records that are sealed and opened here, behind libssl's handshake: every suite, new keys at any time, sizes and tickets, and
# `tls_records libssl` beside it. What is on the wire is in wire.t.
# packages: g++ libssl-dev
use lib 't/lib';
use TestTLS;
use TwoRecords;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
run_tests();

__DATA__

=== TEST 1: a hundred megabytes, and some in every suite
--- records_site
    sendfile on;
    location / { }
--- run
make_file big 100000000
make_file some 20000000
sha html/big >sum
sha html/some >some
for port in "$PORT" "$PORT2"; do
    for http in --http1.1 --http2; do
        PORT=$port tls_get localhost /big $http | sha | cmp - sum && echo "$http"
    done
done
for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256; do
    tls_get localhost /some --tls13-ciphers $suite | sha | cmp - some && echo $suite
done
for suite in ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-ECDSA-AES128-SHA; do
    tls_get localhost /some --tls-max 1.2 --ciphers $suite | sha | cmp - some && echo $suite
done
tls_get localhost /big -r 33333-77777777 | cmp - <(tail -c +33334 html/big | head -c 77744445) && echo range
--- out
--http1.1
--http2
--http1.1
--http2
TLS_AES_128_GCM_SHA256
TLS_AES_256_GCM_SHA384
TLS_CHACHA20_POLY1305_SHA256
ECDHE-ECDSA-AES128-GCM-SHA256
ECDHE-ECDSA-AES256-GCM-SHA384
ECDHE-ECDSA-CHACHA20-POLY1305
ECDHE-ECDSA-AES128-SHA
range

=== TEST 2: hundreds of new keys in the middle of a hundred megabytes, down and up
--- tls_config
    sendfile on;
    client_max_body_size 0;
    location / { }
    location /put/ { dav_methods PUT; alias $TEST_NGINX_SERVROOT/html/put/; }
--- run
. "$T_LIB/two_servers.sh"
g++ -std=c++17 -O2 -o key_updates "$T_LIB/../tools/key_updates.cpp" -lssl -lcrypto
make_file big 100000000
mkdir html/put
for how in tell ask; do
    ./key_updates "$PORT" get /big got 250000 $how && cmp got html/big
    ./key_updates "$PORT" put /put/$how html/big 250000 $how && cmp html/put/$how html/big
done
--- out
400 updates, 100000000 bytes
400 updates, 100000000 bytes
not answered
400 updates, 100000000 bytes
400 updates, 100000000 bytes
answered

=== TEST 3: new keys while a download fills the connection in HTTP/1.1: they are taken when the next request is read
--- own_records
--- records_site
    sendfile on;
    location / { }
--- run
g++ -std=c++17 -O2 -o key_updates "$T_LIB/../tools/key_updates.cpp" -lssl -lcrypto
make_file big 100000000
cat html/big html/big | sha >sum
for port in "$PORT" "$PORT2"; do
    for how in turns tell; do
        ./key_updates "$port" keep /big got 250000 $how && sha got | cmp - sum
    done
done
--- out
800 updates, 200000000 bytes
answered
800 updates, 200000000 bytes
not answered
800 updates, 200000000 bytes
answered
800 updates, 200000000 bytes
not answered

=== TEST 4: the size of records
--- own_records
--- tls_config
    sendfile on;
    location / { }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_record_size 4k;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        sendfile on;
    }
--- run
. "$T_LIB/two_servers.sh"
make_file file 200000
# The content's size of the records with data: the first that is full, then the longest. TLS 1.2's GCM adds 24 bytes.
sizes() {
    printf 'GET /file HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        PORT=$1 s_client -tls1_2 -cipher ECDHE+AESGCM -ign_eof -msg |
        sed -n 's/^<<< TLS 1.2, RecordHeader.*//;s/^    17 03 03 \(..\) \(..\)$/\1\2/p' |
        while read -r hex; do echo $((16#$hex - 24)); done >sizes
    # The first record is the client's request.
    sed -n 2p sizes
    sort -n sizes | sed -n '$p'
}
sizes "$PORT"
sizes "$PORT2"
--- out
1369
16384
4096
4096

=== TEST 5: records are small again behind a second of silence, and not without one
--- own_records
--- tls_config
    sendfile on;
    location / { }
--- run
. "$T_LIB/two_servers.sh"
make_file file 200000
# The content's size of an answer's first record: a read gives what one record holds.
client -e '
    my $s = tls($ENV{AT});
    my $first = sub {
        send_all($s, "GET /file HTTP/1.1\r\nHost: localhost\r\n\r\n");
        my $size = sysread $s, my $answer, 16384;
        1 while index($answer, "\r\n\r\n") + 200004 > length $answer && sysread $s, $answer, 16384, length $answer;
        return $size;
    };
    my $begin = time;
    print $first->(), "\n";
    my $second = $first->();
    # A machine that makes a silence of its own shows nothing.
    print time - $begin < 0.5 ? $second : 16384, "\n";
    select undef, undef, undef, 1.1;
    print $first->(), "\n";'
--- out
1369
16384
1369

=== TEST 6: values that are none
--- tls_config
    tls_record_size 17k;
--- emerg
invalid value "17k" in "tls_record_size" directive, it must be "auto" or from 512 to 16k

=== TEST 7: makers that are none
--- tls_config
    tls_records kernel;
--- emerg
invalid value "kernel"

=== TEST 8: tickets that a client gets
--- tls_config
    tls_session_ticket_count 3;
    location / { return 200; }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
. "$T_LIB/two_servers.sh"
tickets() {
    printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        PORT=$1 s_client -tls1_3 -ign_eof | grep -c '^Post-Handshake New Session Ticket arrived'
}
tickets "$PORT"
tickets "$PORT2"
--- out
3
1

=== TEST 9: a number of tickets that is none
--- tls_config
    tls_session_ticket_count 0;
--- emerg
invalid value "0" in "tls_session_ticket_count" directive, it must be from 1 to 16

=== TEST 10: upgraded connections carry bytes both ways
--- http_config
    server {
        listen unix:$TEST_NGINX_SERVROOT/never.sock;
    }
--- tls_config
    location / {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_pass http://unix:$TEST_NGINX_SERVROOT/echo.sock:/;
    }
--- run
. "$T_LIB/two_servers.sh"
# Answers 101, then says again what it hears.
perl -MIO::Socket::UNIX -e '
    my $listen = IO::Socket::UNIX->new(Listen => 1, Local => "echo.sock") or die;
    while (my $peer = $listen->accept) {
        my $head = "";
        sysread $peer, $head, 65536, length $head or last until $head =~ /\r\n\r\n/;
        $head =~ s/^.*?\r\n\r\n//s;
        syswrite $peer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n$head";
        while (sysread $peer, my $bytes, 65536) {
            my $at = 0;
            $at += syswrite $peer, $bytes, length($bytes) - $at, $at while $at < length $bytes;
        }
    }' &
wait_for test -S echo.sock
make_file file 3000000
client -e '
    my $s = tls($ENV{AT});
    print $s "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n";
    my $head = "";
    sysread $s, $head, 1, length $head or last until $head =~ /\r\n\r\n\z/;
    print $head =~ m{^HTTP/1.1 101} ? "upgraded\n" : $head;
    my $want = slurp("html/file");
    my $got = "";
    for (my $at = 0; $at < length $want; $at += 30_000) {
        my $piece = substr $want, $at, 30_000;
        print $s $piece;
        my $end = length($got) + length $piece;
        while (length $got < $end) { sysread $s, $got, 65536, length $got or last }
    }
    print $got eq $want ? "whole\n" : "broken\n";'
--- out
upgraded
whole

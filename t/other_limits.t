# How long tls_other goes on, and how fast: the server's limits and timeouts, and workers that are told to leave.
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: timeouts: nobody says anything, or somebody takes nothing
--- tls_config
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT timeout=300ms;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        send_timeout 300ms;
        tls on;
        tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
other_server echo
client -e '
    my $s = tcp($ENV{AT});
    send_all($s, "\0");
    rest($s, 1);
    print ending($s), "\n";
'
wait_log 'ended: both sides were silent'
PORT=$PORT2 client -e '
    my $s = tcp($ENV{AT}, rcvbuf => 4096);
    $s->blocking(0);
    # The echo fills every buffer there is.
    my $end = time + 5;
    while (time < $end) {
        IO::Select->new($s)->can_write(0.2) or last;
        syswrite $s, "\0" x 65536;
    }
    print await { slurp($ENV{ERROR_LOG}) =~ /ended: a side took nothing for send_timeout/ } ? "closed\n" : "open\n";
'
--- out
eof
closed

=== TEST 2: limit_rate of the server holds for what goes to the client, and is no silence
--- http_config
    map $remote_addr $allowed { default 20k; }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        limit_rate 100k;
        limit_rate_after 850000;
        send_timeout 150ms;
        tls on;
        tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT timeout=600ms;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        limit_rate $allowed;
        tls on;
        tls_other unix:$TEST_NGINX_SERVROOT/echo.sock;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- run
other_server say_and_leave
OTHER=$SERVROOT/echo.sock other_server echo
# A million bytes: 850000 at once, and 102400 for the first second; the others take half a second more.
client -e '
    my $s = tcp($ENV{AT});
    my $start = time;
    send_all($s, "\0");
    print ending($s), " ", length(end_of($s));
    my $took = time - $start;
    print $took > 0.4 && $took < 5 ? " in time\n" : " after $took seconds\n";
'
# What the client sends is not held back, and what it gets is as much as the variable says.
PORT=$PORT2 client -e '
    my $s = tcp($ENV{AT});
    my $start = time;
    send_all($s, "\0" x 30000);
    shutdown $s, SHUT_WR;
    my $all = rest($s, 30000) . rest($s, 15);
    my $took = time - $start;
    print length $all, $took > 0.4 && $took < 5 ? " in time\n" : " after $took seconds\n";
'
wait_log 'client relayed to tls_other "127.0.0.1:[0-9]+": 1 bytes from client, 1000000 bytes to client while relaying'
--- out
eof 1000000 in time
30015 in time

=== TEST 3: a worker that is told to leave stays for what it relays
--- tls_config
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
--- run
other_server echo
before=$(workers)
client -e '
    my $s = tcp($ENV{AT});
    send_all($s, "\0one\n");
    print rest($s, 5) =~ s/\0//r;
    kill HUP => $ENV{NGINX_PID};
    await { system("grep -q \"gracefully shutting down\" $ENV{ERROR_LOG}") == 0 };
    send_all($s, "two\n");
    print rest($s, 4);
    shutdown $s, SHUT_WR;
    print rest($s, 12), ending($s), "\n";
'
gone() { [ ! -e "/proc/$before" ] || grep -q ' Z ' "/proc/$before/stat"; }
wait_for gone && echo gone
--- out
one
two
the end: 9
eof
gone

=== TEST 4: worker_shutdown_timeout ends it
--- main_config
    worker_shutdown_timeout 300ms;
--- tls_config
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
--- run
other_server echo
client -e '
    my $s = tcp($ENV{AT});
    send_all($s, "\0");
    rest($s, 1);
    kill HUP => $ENV{NGINX_PID};
    print ending($s), "\n";
'
wait_log 'ended: the worker ends'
--- out
eof

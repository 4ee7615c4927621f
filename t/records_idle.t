# Connections whose SSL was given back, which is once their handshake has ended: they cost little, answer like any other,
# nginx's own $ssl_… still know them, and their end is told, whatever brings it.
use lib 't/lib';
use TestTLS;
use TwoServers;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(2048);
run_tests();

__DATA__

=== TEST 1: what a connection at rest costs
--- own_records
--- site
    keepalive_timeout 60s;
    location / { return 200 "body"; }
--- run
worker=$(workers)
memory() { awk '$1 == "Anonymous:" { print $2 }' "/proc/$worker/smaps_rollup"; }
client -e '
    my @idle;
    for my $count (100, 200, 300, 400, 500) {
        while (@idle < $count) { push @idle, tls($ENV{AT}, alpn => "http/1.1"); get($idle[-1], "/")->{body} eq "body" or die }
        open my $told, ">", "$count.new" or die; close $told; rename "$count.new", "$count.held";
        await { -e "$count.seen" } 30;
    }
    # Each of them still answers.
    print scalar(grep { get($_, "/")->{body} eq "body" } @idle), " answered\n";' >answered &
for n in 100 200 300 400 500; do
    wait_for test -e "$n.held"
    size[n]=$(memory)
    : >"$n.seen"
done
wait "$!"
cat answered
each=$(((size[500] - size[100]) * 1024 / 400))
printf 'bytes for each connection: %s\n' "$each" >&2
[ "${TEST_NGINX_TLS_ASAN:-0}" != 0 ] || [ "$each" -lt 6000 ] || echo "$each bytes for each connection"
--- out
500 answered

=== TEST 2: nginx's own variables
--- site
    location / {
        return 200 "$ssl_protocol $ssl_cipher $ssl_ciphers $ssl_curve $ssl_curves $ssl_server_name $ssl_session_reused $ssl_alpn_protocol [$ssl_early_data] [$ssl_client_verify] [$ssl_client_s_dn] [$ssl_client_cert] [$ssl_client_v_remain] $scheme $https\n";
    }
    location /session { return 200 $ssl_session_id; }
    location /same { return 200 "$ssl_protocol $ssl_cipher $ssl_session_id" ; }
    location /ours { return 200 "$tls_protocol $tls_cipher $tls_session_id"; }
--- run
visit() {
    client -e '
        for my $version (qw(TLSv1_2 TLSv1_3)) {
            for my $alpn ("http/1.1", undef) {
                my $s = tls($ENV{AT}, name => "localhost", version => $version, $alpn ? (alpn => $alpn) : ());
                my @told = map { get($s, "/")->{body} } 1 .. 3;
                # Older versions of nginx have a number for what they know no name of.
                s/0x11ec/X25519MLKEM768/g for @told;
                print $told[0], $told[0] eq $told[1] && $told[1] eq $told[2] ? "" : "differs\n";
                print length(get($s, "/session")->{body}), " ";
                print get($s, "/same")->{body} eq get($s, "/ours")->{body} ? "same\n" : "other\n";
            }
        }'
}
both visit | sed 's/ [A-Z][A-Z0-9_:x-]*:[A-Z0-9_:x-]* / CIPHERS /; s/ [A-Za-z0-9]*:[A-Za-z0-9:]* / CURVES /; s/ CIPHERS [A-Za-z0-9]* / CIPHERS CURVE /'
--- out
TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 CIPHERS CURVE CURVES localhost . http/1.1 [] [NONE] [] [] [] https on
0 same
TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 CIPHERS CURVE CURVES localhost .  [] [NONE] [] [] [] https on
0 same
TLSv1.3 TLS_AES_256_GCM_SHA384 CIPHERS CURVE CURVES localhost . http/1.1 [] [NONE] [] [] [] https on
64 same
TLSv1.3 TLS_AES_256_GCM_SHA384 CIPHERS CURVE CURVES localhost .  [] [NONE] [] [] [] https on
64 same
--- skip_nossl

=== TEST 3: an idle connection is told when its worker ends
--- site
    location / { return 200 "body"; }
--- run
visit() {
    rm -f idle
    client -e '
        my @idle = map { my $s = tls($ENV{AT}, version => $_, alpn => "http/1.1"); get($s, "/"); $s } qw(TLSv1_2 TLSv1_3);
        my $h2 = tls($ENV{AT}, alpn => "h2");
        send_all($h2, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . "\0\0\0\4\0\0\0\0\0" . pack("CnCCN", 0, 6, 1, 5, 1) . "\x82\x87\x84\x41\x01h");
        my $got = "";
        sysread $h2, $got, 4096, length $got until $got =~ /body/;
        open my $told, ">", "idle" or die; close $told;
        print join(" ", map { ending($_) } @idle, $h2), "\n";' &
    wait_for test -e idle
    reload
    wait "$!"
}
both visit
--- out
close_notify close_notify close_notify

=== TEST 4: HTTP/2 ends behind its last stream
--- site
    keepalive_requests 2;
    location / { return 200 "body"; }
--- run
visit() {
    client -e '
        my $s = tls($ENV{AT}, alpn => "h2");
        my $frame = sub { my ($type, $flags, $stream, $payload) = @_; substr(pack("N", length $payload), 1) . pack("CCN", $type, $flags, $stream) . $payload };
        my $get = "\x82\x87\x84\x41\x01h";
        send_all($s, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . $frame->(4, 0, 0, "") . $frame->(1, 5, 1, $get) . $frame->(1, 5, 3, $get));
        my $end = ending($s);
        my ($bytes, %count) = end_of($s);
        while (length $bytes >= 9) { my ($size, $type) = unpack "NC", "\0$bytes"; $count{$type}++; substr $bytes, 0, 9 + $size, "" }
        print "$count{0} of data, $count{7} GOAWAY, $end\n";'
}
both visit
--- out
2 of data, 1 GOAWAY, close_notify

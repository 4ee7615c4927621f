# What a client can do with records after the handshake, and what records the server makes, as with nginx's own ssl.
use lib 't/lib';
use TestTLS;
use TwoServers;

use Test::Nginx::Util qw(worker_connections);

log_level('info');
worker_connections(512);
run_tests();

__DATA__

=== TEST 1: tls_buffer_size, seen in the records
--- site
    tls_buffer_size 1k;
    location / { }
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
        tls_buffer_size 4k;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name b.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/b.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/b.test.key;
        tls_buffer_size 64k;
    }
--- run
make_file big 10000000
sha html/big >sum
# The longest record that carries data, and whether the file is whole. AES-GCM of TLS 1.2 adds 24 bytes to each.
longest() {
    printf 'GET /big HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" |
        s_client -tls1_2 -cipher ECDHE+AESGCM -servername "$1" -ign_eof -msg |
        sed -n 's/^<<< TLS 1.2, RecordHeader.*//;s/^    17 03 03 \(..\) \(..\)$/\1\2/p' | sort | tail -n 1 | { read -r hex; echo $((16#$hex - 24)); }
    tls_get "$1" /big | sha | cmp - sum
}
both longest localhost
longest a.test
longest b.test
--- out
1024
4096
16384

=== TEST 2: renegotiation is refused
--- site
    location / { return 200 "body"; }
--- run
visit() {
    : >said
    # s_client ends with an error of its own when the server says no_renegotiation.
    { printf 'R\n'; wait_for grep -q 'no renegotiation' said; } | s_client -tls1_2 >said || true
    grep -oE 'RENEGOTIATING|no renegotiation|^Secure Renegotiation IS' said | sort -u
}
both visit
--- out
RENEGOTIATING
Secure Renegotiation IS
no renegotiation

=== TEST 3: the client changes its keys, and asks for the server's, in the middle of transfers
--- site
    keepalive_requests 1000;
    location / { }
--- run
make_file file 2000000
visit() {
    # s_client takes a piece of input that begins with K or k as a command. Each is sent when the one before was seen.
    client -e '
        use IPC::Open3;
        my $pid = open3(my $in, my $out, undef, qw(openssl s_client -tls1_3 -connect), $ENV{AT});
        my ($all, $updates) = ("", 0);
        my $until = sub { my ($condition) = @_; until ($condition->()) { sysread $out, $all, 65536, length $all or last } };
        my $update = sub { my $seen = () = $all =~ /KEYUPDATE/g; syswrite $in, "$_[0]\n"; $until->(sub { (() = $all =~ /KEYUPDATE/g) > $seen }); $updates++ };
        my $request = "GET /file HTTP/1.1\r\nHost: h\r\n\r\n";
        $until->(sub { $all =~ /^---\n$/m && $all =~ /Verify return code/ });
        my $files = 0;
        for my $round (1 .. 5) {
            $update->("k");
            $all = "";
            syswrite $in, $request;
            # Ask for new keys of the server while it sends.
            $until->(sub { length $all > 200_000 });
            $update->("K");
            $update->("k");
            my $want = slurp("html/file");
            $until->(sub { (my $text = $all) =~ s/KEYUPDATE\n//g; $text =~ /\r\n\r\n/ && length($text) - $+[0] >= length $want });
            (my $text = $all) =~ s/KEYUPDATE\n//g;
            $text =~ s/^.*?\r\n\r\n//s;
            $files++ if index($text, $want) == 0;
        }
        print "$updates updates, $files files\n";
        kill TERM => $pid;'
}
both visit
--- out
15 updates, 5 files

=== TEST 4: empty records
--- site
    tls_protocols TLSv1;
    tls_ciphers ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0;
    location / { return 200 "$tls_protocol $tls_cipher\n"; }
    location /post { client_max_body_size 0; dav_methods PUT; root html; }
--- run
make_file file 100000
visit() {
    # In TLS 1.0 with CBC, libssl puts an empty record before each one that has data.
    local said
    said=$(printf 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        s_client -tls1 -cipher ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0 -ign_eof -msg)
    grep -A1 '>>> TLS 1.0, RecordHeader' <<<"$said" | grep -c '17 03 01 00 24$' || true
    grep -o '^TLSv1 ECDHE.*' <<<"$said"
    { printf 'PUT /post HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n'; cat html/file; } |
        s_client -tls1 -cipher ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0 -ign_eof -quiet | grep -o '^HTTP/1.1 20.'
    cmp html/post html/file
    rm html/post
}
both visit
--- out
1
TLSv1 ECDHE-ECDSA-AES128-SHA
HTTP/1.1 201

=== TEST 5: small writes go out at once
--- log_level: debug
--- site
    location / { return 200 "body"; }
    location /off { tcp_nodelay off; return 200 "body"; }
--- run
visit() {
    local before
    : >"$ERROR_LOG"
    client -e 'get(tls($ENV{AT}), "/", "Connection: close\r\n")'
    # The socket is told before the first byte is sent, not only when the connection is kept.
    wait_log 'close http connection'
    grep -oE 'tcp_nodelay|http process request line|http keepalive handler' "$ERROR_LOG" | uniq
}
both visit
--- out
tcp_nodelay
http process request line

# tshark decrypts what it heard on the loopback interface with the file of tls_key_log.
# packages: tshark
use lib 't/lib';
use TestTLS;

# Skipped where nobody may listen.
BEGIN {
    my $heard = `timeout 20 dumpcap -q -i lo -a duration:1 -w /dev/null 2>&1`;
    if ($? != 0) {
        print "1..0 # SKIP no capture on the loopback interface\n";
        exit 0;
    }
}

log_level('info');
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/capture.sh'\n" . $block->run);
});
run_tests();

__DATA__

=== TEST 1: TLS 1.3, TLS 1.2 and HTTP/2
--- tls_config
    tls_key_log logs/keys.log;
    location / { return 200 "body of $tls_protocol over $server_protocol\n"; }
--- run
start_capture
tls_get localhost /one --tlsv1.3 --http1.1
tls_get localhost /two --tls-max 1.2 --http1.1
tls_get localhost /three --tlsv1.3 --http2
stop_capture 3
heard -Y http.response -T fields -e http.file_data | as_text
heard -Y http2.data.data -T fields -e http2.data.data | as_text
heard -Y http.request -T fields -e http.request.uri
--- out
body of TLSv1.3 over HTTP/1.1
body of TLSv1.2 over HTTP/1.1
body of TLSv1.3 over HTTP/2.0
body of TLSv1.3 over HTTP/1.1
body of TLSv1.2 over HTTP/1.1
body of TLSv1.3 over HTTP/2.0
/one
/two

=== TEST 2: without the file nothing, and of other clients nothing
--- tls_config
    tls_key_log logs/keys.log 127.0.0.2;
    location / { return 200 "body\n"; }
--- run
start_capture
tls_get localhost /one --http1.1 --interface 127.0.0.1
tls_get localhost /two --http1.1 --interface 127.0.0.2
stop_capture 2
heard -Y http.request -T fields -e http.request.uri
mv logs/keys.log keys
: >logs/keys.log
heard -Y http.request -T fields -e http.request.uri
heard -Y tls.handshake.type==1 -T fields -e tls.handshake.extensions_server_name
--- out
body
body
/two
localhost
localhost

=== TEST 3: early data
--- tls_config
    tls_key_log logs/keys.log;
    tls_early_data on;
    location / { return 200 "body\n"; }
--- run
printf 'GET /early HTTP/1.0\r\nHost: localhost\r\n\r\n' >request
s_client -servername localhost -ign_eof -sess_out session -tls1_3 < <(cat request) >/dev/null
start_capture
s_client -servername localhost -ign_eof -sess_in session -early_data request | grep -c '^Early data was accepted'
stop_capture 1
heard -Y http.request -T fields -e http.request.uri
--- out
1
/early

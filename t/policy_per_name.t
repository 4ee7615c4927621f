# What else each name of one address has of its own: client verification, tickets, session cache, early data, the size of
# records, commands for OpenSSL. (What is negotiated is in policy.t.)
use lib 't/lib';
use TestTLS;
use NamedServers;

log_level('info');

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
# Two connections, the second with the session of the first. Prints how the second one went.
again() { # NAME FACT [S_CLIENT-OPTION...]
    local name=$1 fact=$2
    shift 2
    rm -f session
    ask "$name" "$fact" -sess_out session "$@" >/dev/null
    [ -s session ] || { echo "$name no session"; return; }
    ask "$name" "$fact" -sess_in session "$@"
}
BASH
});

run_tests();

__DATA__

=== TEST 1: client certificates
--- servers
http        tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
off.test
on.test     tls_verify_client on;
may.test    tls_verify_client optional;
any.test    tls_verify_client optional_no_ca;
none.test   tls_verify_client off;
--- run
good=(-cert "$CERTS/client.crt" -key "$CERTS/client.key")
other=(-cert "$CERTS/client-other.crt" -key "$CERTS/client-other.key")
for name in off.test on.test may.test any.test none.test; do
    ask $name client_verify
    ask $name client_verify "${good[@]}"
    ask $name client_verify "${other[@]}" -tls1_2
done
--- out
off.test NONE
off.test NONE
off.test NONE
HTTP/1.1 400
on.test SUCCESS
HTTP/1.1 400
may.test NONE
may.test SUCCESS
HTTP/1.1 400
any.test NONE
any.test SUCCESS
any.test FAILED:unable to verify the first certificate
none.test NONE
none.test NONE
none.test NONE



=== TEST 2: a certificate is asked for only where it is wanted, naming that server's authorities
--- servers
off.test
on.test     tls_verify_client on; tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
other.test  tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/other-ca.crt;
--- run
for version in -tls1_2 -tls1_3; do
    for name in off.test on.test other.test; do
        s_client $version -servername $name | grep -aE '^(No client certificate CA names|.*CN ?= ?(Client|Other) CA)'
    done
done | sed 's/ = /=/g; s/.*CN=/CN=/'
--- out
No client certificate CA names sent
CN=Client CA
CN=Other CA
No client certificate CA names sent
CN=Client CA
CN=Other CA



=== TEST 3: tickets
--- servers
http        tls_session_cache none;
with.test
without.test    tls_session_tickets off;
said.test       tls_session_tickets on;
--- run
for name in with.test without.test said.test; do
    again $name session_reused -tls1_3
    again $name session_reused -tls1_2
    s_client -tls1_2 -servername $name | grep -ac 'TLS session ticket:'
done
--- out
with.test r
with.test r
1
without.test no session
without.test .
0
said.test r
said.test r
1



=== TEST 4: session cache
--- servers
http         tls_session_tickets off;
unsaid.test
none.test    tls_session_cache none;
off.test     tls_session_cache off;
builtin.test tls_session_cache builtin;
count.test   tls_session_cache builtin:100;
shared.test  tls_session_cache shared:policy:1m;
both.test    tls_session_cache builtin:100 shared:policy:1m;
--- run
for name in unsaid.test none.test off.test builtin.test count.test shared.test both.test; do
    again $name session_reused -tls1_2
    again $name session_reused -tls1_3
done
--- out
unsaid.test .
unsaid.test no session
none.test .
none.test no session
off.test no session
off.test no session
builtin.test r
builtin.test r
count.test r
count.test r
shared.test r
shared.test r
both.test r
both.test r



=== TEST 5: early data
--- servers
off.test
on.test     tls_early_data on;
--- run
early() { # NAME [S_CLIENT-OPTION...]
    printf 'GET /early_data HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" >request
    rm -f session
    # Whether it was early when it was answered depends on when the client's Finished comes; see early_data.t.
    # The session comes with a server's first words, so that a request must have been answered.
    ask "$1" server -tls1_3 -sess_out session >/dev/null
    s_client -tls1_3 -servername "$1" -sess_in session -early_data request "${@:2}" | tr -d '\r' |
        grep -aoE "^$1|^Early data was .*"
}
early on.test -ign_eof
early off.test
--- out
Early data was accepted
on.test
Early data was not sent



=== TEST 6: records hold no more than tls_buffer_size
--- http_config
    tls_certificate $TEST_NGINX_CERTS/localhost.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name unsaid.test; tls on; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name small.test; tls on; tls_buffer_size 1400; }
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name large.test; tls on; tls_buffer_size 8k; }
--- run
openssl rand -out "$SERVROOT/html/big" 200000
largest() { # NAME BYTES-AROUND-THE-TEXT OPTION...
    local name=$1 around=$2 size
    shift 2
    # A record's header: type 17 (application data), version 0303, length.
    size=$(printf 'GET /big HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$name" |
        s_client -quiet -msg -servername "$name" "$@" |
        grep -a -A 1 '<<< .*RecordHeader' | sed -n 's/^    17 03 03 \(..\) \(..\)$/\1\2/p' | sort | tail -n 1)
    echo "$name $((16#$size - around))"
}
for name in unsaid.test small.test large.test; do
    # RFC 5288: an explicit nonce of 8 bytes and a tag of 16. RFC 8446: the inner type and a tag.
    largest $name 24 -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256
    largest $name 17 -tls1_3
done
--- out
unsaid.test 16384
unsaid.test 16384
small.test 1400
small.test 1400
large.test 8192
large.test 8192



=== TEST 7: commands for OpenSSL
--- servers
plain.test
http        tls_conf_command Options ServerPreference;
http        tls_ciphersuites TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256;
none.test   tls_conf_command Options -ServerPreference;
chacha.test tls_conf_command Options PrioritizeChaCha; tls_conf_command Ciphersuites TLS_CHACHA20_POLY1305_SHA256;
v3.test     tls_conf_command MinProtocol TLSv1.3;
v2.test     tls_conf_command MaxProtocol TLSv1.2;
dh.test     tls_conf_command DHParameters ../html/dh.pem; tls_ciphers DHE-RSA-AES128-GCM-SHA256;
--- user_files eval
open my $in, '<', "$ENV{TEST_NGINX_CERTS}/dhparam.pem" or die;
local $/;
# Paths are as nginx has them: from the folder of its configuration.
">>> dh.pem\n" . <$in>
--- run
ask plain.test cipher -tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384
ask none.test cipher -tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384
ask chacha.test cipher
ask v3.test protocol -tls1_2
ask v3.test protocol
ask v2.test protocol
ask v2.test protocol -tls1_3
ask dh.test cipher -tls1_2
--- out
plain.test TLS_AES_256_GCM_SHA384
none.test TLS_AES_128_GCM_SHA256
chacha.test TLS_CHACHA20_POLY1305_SHA256
alert 70
v3.test TLSv1.3
v2.test TLSv1.2
alert 70
dh.test DHE-RSA-AES128-GCM-SHA256
--- error_log
SSL handshake failed: no_shared_version, alert protocol_version sent, server name "v3.test" (SSL: error:
SSL handshake failed: no_shared_version, alert protocol_version sent, server name "v2.test" (SSL: error:

# Where directives may stand, how they inherit, and what holds without them: as nginx's ssl_* directives.
use lib 't/lib';
use TestTLS;
use TwoServers;

log_level('info');

# For blocks that try many configurations: `nginx -t` on each.
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
cert() { echo "$1_certificate $CERTS/localhost.crt; $1_certificate_key $CERTS/localhost.key;"; }
# What nginx says of a configuration, without time, file and line; "ok" when it likes it.
say_of() { # MAIN HTTP
    local module=
    [ -z "${TEST_NGINX_LOAD_MODULES:-}" ] || module="load_module $TEST_NGINX_LOAD_MODULES;"
    echo "$module $1 pid nginx.pid; events { } http { access_log off; $2 }" >try.conf
    if "$NGINX_BINARY" -t -q -e "$PWD/said" -p "$PWD" -c "$PWD/try.conf" >/dev/null 2>&1; then
        echo ok
    else
        sed -n 's/^.*\[emerg\] [0-9]*#[0-9]*: //p' said | sed -E 's, in /[^ ]*:[0-9]+$,,'
    fi
    : >said
}
# Every directive with a value that is good.
directives() {
    cat <<END
tls on
tls_certificate $CERTS/localhost.crt
tls_certificate_key $CERTS/localhost.key
tls_password_file $CERTS/passwords.txt
tls_profile intermediate
tls_protocols TLSv1.3
tls_ciphers HIGH
tls_ciphersuites TLS_AES_128_GCM_SHA256
tls_prefer_server_ciphers on
tls_ecdh_curve X25519
tls_groups X25519
tls_signature_algorithms ECDSA+SHA256
tls_dhparam $CERTS/dhparam.pem
tls_conf_command Options PrioritizeChaCha
tls_verify_client off
tls_verify_depth 2
tls_client_certificate $CERTS/client-ca.crt
tls_trusted_certificate $CERTS/ca.crt
tls_crl $CERTS/crl.pem
tls_session_cache builtin
tls_session_tickets on
tls_session_ticket_key $CERTS/ticket48.key
tls_session_timeout 5m
tls_early_data off
tls_buffer_size 4k
tls_reject_handshake off
tls_client_hello_max_size 8k
tls_handshake_timeout 5s
END
}
BASH
});

run_tests();

__DATA__

=== TEST 1: every directive stands in http and in server, and nowhere else
--- config
--- run
server="server { listen 127.0.0.1:$PORT; $(cert tls) "
directives | while read -r line; do
    name=${line%% *}
    if [ "$name" = tls_certificate ] || [ "$name" = tls_certificate_key ]; then
        server="server { listen 127.0.0.1:$PORT; $(cert tls) $(cert tls)"
    fi
    # One certificate more wants its key.
    other=
    [ "$name" != tls_certificate ] || other="tls_certificate_key $CERTS/localhost.key;"
    echo "$(say_of '' "$line; $other $server }")" "$(say_of '' "$server $line; $other }")"
    for where in "$(say_of "$line;" '')" "$(say_of '' "$server location / { $line; } }")" \
        "$(say_of '' "upstream u { server 127.0.0.1; $line; }")"; do
        [ "$where" = "\"$name\" directive is not allowed here" ] || echo "$name: $where"
    done
done | sort | uniq -c | sed 's/^ *//'
--- out
28 ok ok



=== TEST 2: a directive said twice
--- config
--- run
server="server { listen 127.0.0.1:$PORT; "
directives | while read -r line; do
    echo "${line%% *}: $(say_of '' "$(cert tls) $server $line; $line; }")"
done | sed 's/: "[a-z_]*" directive is duplicate$/: duplicate/' >said_of_all
# These add up, as with nginx's own.
grep -v ': duplicate$' said_of_all
grep -c ': duplicate$' said_of_all
--- out
tls_certificate: ok
tls_certificate_key: ok
tls_protocols: ok
tls_conf_command: ok
tls_session_cache: ok
tls_session_ticket_key: ok
22



=== TEST 3: the two names of the groups are one directive
--- config
--- run
say_of '' "server { listen 127.0.0.1:$PORT; tls_ecdh_curve X25519; tls_groups X25519; }"
say_of '' "server { listen 127.0.0.1:$PORT; tls_groups X25519; tls_ecdh_curve X25519; }"
say_of '' "tls_groups X25519; $(cert tls) server { listen 127.0.0.1:$PORT; tls on; tls_ecdh_curve X25519; }"
--- out
"tls_groups" directive is duplicate
"tls_ecdh_curve" directive is duplicate
ok



=== TEST 4: what is wrong is told in nginx's own words
--- skip_nossl
--- config
--- run
# What nginx says to LINES in a server, for the module and for its own ssl.
compare() {
    local ours stock
    ours=$(say_of '' "server { listen 127.0.0.1:$PORT; tls on; $* }")
    stock=$(say_of '' "server { listen 127.0.0.1:$PORT ssl; $(sed 's/tls_/ssl_/g' <<<"$*") }" | sed 's/"ssl_/"tls_/g')
    if [ -n "$ours" ] && [ "$ours" = "$stock" ]; then
        echo "$1" >>same
    else
        printf '%s\nthe module: %s\nnginx:      %s\n' "$*" "$ours" "$stock"
    fi
}
while read -r line; do
    # nginx's own reads past the end of this one, which ends it under a sanitizer.
    if [ "${TEST_NGINX_TLS_ASAN:-0}" = 1 ] && [ "$line" = "tls_session_cache shared:one" ]; then
        echo "$line" >>same
        continue
    fi
    compare "${line//CERTS/$CERTS}; $(cert tls)"
done <<'END'
tls_protocols TLSv1.4
tls_protocols TLSv1.2 TLSv1.2
tls_protocols
tls_ciphers NONESUCH
tls_ciphers ""
tls_ciphers HIGH MEDIUM
tls_dhparam CERTS/none.pem
tls_prefer_server_ciphers maybe
tls_verify_client maybe
tls_verify_depth deep
tls_verify_depth -1
tls_session_cache nonesuch
tls_session_cache
tls_session_cache off none builtin
tls_session_cache builtin:x
tls_session_cache builtin:
tls_session_cache builtin:0
tls_session_cache builtin:10 shared:one:1m
tls_session_cache shared:one
tls_session_cache shared::1m
tls_session_cache shared:one:
tls_session_cache shared:one:1x
tls_session_cache shared:one:1k
tls_session_cache shared:one:32767
tls_session_tickets maybe
tls_session_timeout soon
tls_session_ticket_key CERTS/none.key
tls_session_ticket_key CERTS/ticket47.key
tls_early_data maybe
tls_buffer_size large
tls_buffer_size
tls_reject_handshake maybe
tls_conf_command Options
tls_conf_command Nonesuch 1
tls_conf_command Options Nonesuch
tls_conf_command DHParameters none.pem
tls_password_file CERTS/none.txt
tls_nonesuch on
END
grep -c . same
rm same
--- out
38



=== TEST 5: the same in servers' relations to each other
--- skip_nossl
--- config
--- run
compare() { # HTTP
    local ours stock
    ours=$(say_of '' "$(sed "s/LISTEN/listen 127.0.0.1:$PORT; tls on/g; s,CERTS,$CERTS,g" <<<"$1")")
    stock=$(say_of '' "$(sed "s/LISTEN/listen 127.0.0.1:$PORT ssl/g; s,CERTS,$CERTS,g; s/tls_/ssl_/g" <<<"$1")" |
        sed 's/"ssl_/"tls_/g; s/the "listen ... ssl" directive/the "tls" directive/')
    [ "$ours" = "$stock" ] && echo "$ours" || printf '%s\nthe module: %s\nnginx:      %s\n' "$1" "$ours" "$stock"
}
compare "server { LISTEN; }"
compare "server { LISTEN; tls_certificate_key CERTS/localhost.key; }"
compare "server { LISTEN; tls_reject_handshake on; }"
compare "server { LISTEN; tls_reject_handshake on; } server { LISTEN; server_name b; }"
compare "server { LISTEN; $(cert tls) } server { LISTEN; server_name b; }"
compare "server { LISTEN; $(cert tls) } server { LISTEN; server_name b; tls_reject_handshake on; }"
compare "$(cert tls) server { LISTEN; } server { LISTEN; server_name b; }"
compare "server { LISTEN; tls_session_cache shared:one:1m; $(cert tls) } server { tls_session_cache shared:one:2m; }"
compare "server { LISTEN; tls_session_cache shared:one:1m; $(cert tls) } server { tls_session_cache shared:one:1m; }"
compare "limit_req_zone \$uri zone=one:1m rate=1r/s; server { LISTEN; tls_session_cache shared:one:1m; $(cert tls) }"
--- out
no "tls_certificate" is defined for the "tls" directive
no "tls_certificate" is defined for the "tls" directive
ok
no "tls_certificate" is defined for the "tls" directive
ok
ok
ok
the size 2097152 of shared memory zone "one" conflicts with already declared size 1048576
ok
the shared memory zone "one" is already declared for a different use



=== TEST 6: what holds without directives is what nginx has
--- skip_nossl
--- site
    # What nginx has since 1.23.4, here on older ones too.
    tls_protocols TLSv1.2 TLSv1.3;
    location / { return 200 "$tls_client_verify $tls_session_reused\n"; }
--- run
negotiate() {
    local cipher group
    for cipher in $(openssl ciphers -tls1_2 -s ALL:@SECLEVEL=0 | tr : ' '); do
        handshake -tls1_2 -cipher "$cipher:@SECLEVEL=0"
    done
    for cipher in AES_128_GCM_SHA256 AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256 AES_128_CCM_SHA256; do
        handshake -tls1_3 -ciphersuites "TLS_$cipher"
    done
    for group in X25519 P-256 P-384 P-521 X448; do
        handshake -tls1_3 -groups "$group"
        handshake -tls1_2 -cipher ECDHE -groups "$group"
    done
    handshake -tls1 -cipher ALL:@SECLEVEL=0
    handshake -tls1_1 -cipher ALL:@SECLEVEL=0
    handshake -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384
    handshake -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256
    tls_get localhost /
    # Two tickets in TLS 1.3, one in TLS 1.2, for five minutes.
    s_client -tls1_2 | grep -a 'lifetime hint'
    printf 'GET / HTTP/1.0\r\n\r\n' | s_client -tls1_3 -ign_eof | grep -a 'lifetime hint'
}
both negotiate >all
# Not everything was refused, nor taken.
[ "$(grep -c '^ok ' all)" -gt 20 ] && [ "$(grep -c '^alert 40' all)" -gt 20 ] && [ "$(grep -c '^alert 70' all)" -eq 2 ]
tail -n 4 all
--- out_like
\ANONE \.
300 \(seconds\)
--- out_unlike
the module



=== TEST 7: a server's own directive replaces the one around it, lists too
--- http_config
    tls on;
    tls_protocols TLSv1.2;
    tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
    tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
    tls_verify_client on;
    tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name around.test;
        location / { return 200 "$tls_protocol\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name own.test;
        tls_protocols TLSv1.3;
        tls_verify_client off;
        tls_client_certificate "";
        tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
        location / { return 200 "$tls_protocol\n"; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        server_name plain.test;
        tls off;
        location / { return 200 "plain$tls_protocol\n"; }
    }
--- run
client=(--cert "$CERTS/client.crt" --key "$CERTS/client.key" -k)
tls_code around.test / -k
tls_get around.test / "${client[@]}"
tls_get own.test / -k
tls_get own.test / "${client[@]}"
handshake -servername around.test -tls1_2 -sigalgs RSA+SHA256
handshake -servername around.test -tls1_2 -sigalgs ECDSA+SHA256
handshake -servername own.test -tls1_3 -sigalgs rsa_pss_rsae_sha256
handshake -servername own.test -tls1_3 -sigalgs ECDSA+SHA256
PORT=$PLAIN_PORT plain_get /
--- out_like
\A400
^TLSv1.2\nTLSv1.3\nTLSv1.3\nok TLSv1.2 ECDHE-RSA-\S+\nok TLSv1.2 ECDHE-ECDSA-\S+\nok TLSv1.3 \S+\nalert 40\nplain$



=== TEST 8: without `tls on` a server with tls_* directives speaks what it spoke before
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        tls_certificate $TEST_NGINX_CERTS/none.crt; tls_certificate_key $TEST_NGINX_CERTS/none.key;
        location / { return 200 "$scheme\n"; }
    }
--- run
PORT=$PLAIN_PORT plain_get /
--- out
http

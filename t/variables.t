# The variables of the connection: $tls_NAME says what nginx's $ssl_NAME says (nginx's ssl module, "Embedded Variables"),
# which on this nginx still answers and is asked on the same connection. Those of the client's certificate are in
# client_variables.t, $tls_early_data in early_data.t.
use lib 't/lib';
use TestTLS;
use Variables;

log_level('info');
run_tests();

__DATA__

=== TEST 1: what was agreed on in TLS 1.3
--- variables: protocol cipher curve sigalg alpn_protocol server_name session_reused
--- run
pairs -tls1_3
pairs -tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256 -groups P-384 -alpn http/1.1
pairs -tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256 -groups P-256:X25519 -alpn http/1.0,http/1.1
pairs -tls1_3 -groups P-521 -noservername
--- out
protocol=[TLSv1.3]
cipher=[TLS_AES_256_GCM_SHA384]
curve=[X25519]
sigalg=[ecdsa_secp256r1_sha256]
alpn_protocol=[]
server_name=[localhost]
session_reused=[.]
protocol=[TLSv1.3]
cipher=[TLS_CHACHA20_POLY1305_SHA256]
curve=[secp384r1]
sigalg=[ecdsa_secp256r1_sha256]
alpn_protocol=[http/1.1]
server_name=[localhost]
session_reused=[.]
protocol=[TLSv1.3]
cipher=[TLS_AES_128_GCM_SHA256]
curve=[prime256v1]
sigalg=[ecdsa_secp256r1_sha256]
alpn_protocol=[http/1.1]
server_name=[localhost]
session_reused=[.]
protocol=[TLSv1.3]
cipher=[TLS_AES_256_GCM_SHA384]
curve=[secp521r1]
sigalg=[ecdsa_secp256r1_sha256]
alpn_protocol=[]
server_name=[]
session_reused=[.]
--- max_openssl: 3.4



=== TEST 2: the same with the hybrid group
--- variables: protocol cipher curve sigalg
--- run
pairs -tls1_3
--- out
protocol=[TLSv1.3]
cipher=[TLS_AES_256_GCM_SHA384]
curve=[X25519MLKEM768]
sigalg=[ecdsa_secp256r1_sha256]
--- min_openssl: 3.5



=== TEST 3: what was agreed on in TLS 1.2, and before
--- variables: protocol cipher curve sigalg alpn_protocol server_name session_reused
--- more
tls_protocols TLSv1 TLSv1.1 TLSv1.2; tls_ciphers ALL:@SECLEVEL=0; tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
--- run
pairs -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256 -groups X25519:P-256 -alpn http/1.1
pairs -tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305 -groups P-256 -sigalgs RSA-PSS+SHA384
pairs -tls1_2 -cipher AES256-SHA -noservername | grep -v sigalg
pairs -tls1_1 -cipher ECDHE-RSA-AES128-SHA:@SECLEVEL=0 | grep -v sigalg
pairs -tls1 -cipher ECDHE-RSA-AES128-SHA:@SECLEVEL=0 | grep ^protocol
--- out
protocol=[TLSv1.2]
cipher=[ECDHE-ECDSA-AES128-GCM-SHA256]
curve=[X25519]
sigalg=[ecdsa_secp256r1_sha256]
alpn_protocol=[http/1.1]
server_name=[localhost]
session_reused=[.]
protocol=[TLSv1.2]
cipher=[ECDHE-RSA-CHACHA20-POLY1305]
curve=[prime256v1]
sigalg=[rsa_pss_rsae_sha384]
alpn_protocol=[]
server_name=[localhost]
session_reused=[.]
protocol=[TLSv1.2]
cipher=[AES256-SHA]
curve=[]
alpn_protocol=[]
server_name=[]
session_reused=[.]
protocol=[TLSv1.1]
cipher=[ECDHE-RSA-AES128-SHA]
curve=[X25519]
alpn_protocol=[]
server_name=[localhost]
session_reused=[.]
protocol=[TLSv1]



=== TEST 4: what the client offered
--- variables: ciphers curves sigalgs
--- run
# From 3.4 on, OpenSSL's client says TLS_EMPTY_RENEGOTIATION_INFO_SCSV only where it would also speak TLS 1.0.
scsv=:TLS_EMPTY_RENEGOTIATION_INFO_SCSV
[[ $(openssl version) =~ ^OpenSSL\ 3\.[0-3]\. ]] || scsv=
pairs -tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256 -groups P-256:X448:P-521 -sigalgs ECDSA+SHA256:rsa_pss_pss_sha512:ed448:RSA+SHA384 |
    sed "1s/CHACHA20_POLY1305_SHA256$scsv\]\$/CHACHA20_POLY1305_SHA256]/"
pairs -min_protocol TLSv1 -max_protocol TLSv1.2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384:AES128-SHA:@SECLEVEL=0 -groups brainpoolP256r1:X25519:P-384:P-256 -sigalgs RSA-PSS+SHA256:ECDSA+SHA224:ECDSA+SHA256
--- out
ciphers=[TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256]
curves=[prime256v1:X448:secp521r1]
sigalgs=[ecdsa_secp256r1_sha256:rsa_pss_pss_sha512:ed448:rsa_pkcs1_sha384]
ciphers=[ECDHE-ECDSA-AES256-GCM-SHA384:AES128-SHA:TLS_EMPTY_RENEGOTIATION_INFO_SCSV]
curves=[brainpoolP256r1:X25519:secp384r1:prime256v1]
sigalgs=[rsa_pss_rsae_sha256:ecdsa_sha224:ecdsa_secp256r1_sha256]



=== TEST 5: what OpenSSL has no name for is a number, as in nginx
--- variables: ciphers curves cipher
--- run
# CAMELLIA-GCM is in no OpenSSL.
pairs_by gnutls localhost --no-ca-verification \
    --priority 'NONE:+VERS-TLS1.2:+CAMELLIA-128-GCM:+AES-256-GCM:+AEAD:+ECDHE-ECDSA:+GROUP-SECP256R1:+SIGN-ECDSA-SHA256:+CTYPE-X509:+COMP-NULL'
pairs_by gnutls localhost --no-ca-verification \
    --priority 'NONE:+VERS-TLS1.3:+AES-128-GCM:+AES-128-CCM-8:+AEAD:+GROUP-SECP256R1:+GROUP-FFDHE2048:+SIGN-ALL:+CTYPE-ALL'
--- out
ciphers=[0xc086:ECDHE-ECDSA-AES256-GCM-SHA384]
curves=[prime256v1]
cipher=[ECDHE-ECDSA-AES256-GCM-SHA384]
ciphers=[TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_8_SHA256]
curves=[prime256v1:ffdhe2048]
cipher=[TLS_AES_128_GCM_SHA256]



=== TEST 6: a session id, and a resumed session
--- variables: session_id session_reused protocol cipher curve sigalg ciphers server_name
--- more
tls_session_cache shared:one:1m;
--- run
for version in -tls1_2 -tls1_3; do
    pairs $version -sess_out "$SERVROOT/s.pem" >"$SERVROOT/first"
    pairs $version -sess_in "$SERVROOT/s.pem" >"$SERVROOT/second"
    value session_reused <"$SERVROOT/first"
    value session_reused <"$SERVROOT/second"
    # All else but the signature, which a resumed handshake has not, and the id.
    diff <(grep -vE '^(session|sigalg)' "$SERVROOT/first") <(grep -vE '^(session|sigalg)' "$SERVROOT/second") && echo same
    value sigalg <"$SERVROOT/second"
    value session_id <"$SERVROOT/second" | grep -xE '[0-9a-f]{64}' | wc -l
done
--- out
.
r
same

1
.
r
same

1



=== TEST 7: the id of a session that is kept is what the client has
--- variables: session_id session_reused
--- more
tls_session_cache shared:one:1m; tls_session_tickets off;
--- run
pairs -tls1_2 -sess_out "$SERVROOT/s.pem" | value session_id >"$SERVROOT/first"
pairs -tls1_2 -sess_in "$SERVROOT/s.pem" | value session_id >"$SERVROOT/second"
openssl sess_id -in "$SERVROOT/s.pem" -text -noout | sed -n 's/^ *Session-ID: //p' | tr A-F a-f >"$SERVROOT/client"
cmp "$SERVROOT/first" "$SERVROOT/second" && cmp "$SERVROOT/first" "$SERVROOT/client" && wc -c <"$SERVROOT/first"
--- out
65



=== TEST 8: the server name is as the client sent it
--- variables: server_name
--- run
pairs -servername LOCALHOST
pairs -servername nobody.test
--- out_like
^server_name=\[LOCALHOST\]$
^server_name=\[nobody.test\]$



=== TEST 9: in log_format, map, if, proxy_set_header and an access rule
--- http_config
    log_format tls '$tls_protocol|$tls_cipher|$tls_session_reused|$status';
    map $tls_protocol $kind { TLSv1.3 new; default old; }
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        return 200 "[$http_x_protocol][$http_x_name][$http_x_cert]\n";
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        access_log logs/tls.log tls;
        location = /map { return 200 "$kind\n"; }
        location = /if {
            if ($tls_protocol = TLSv1.2) { return 403; }
            if ($tls_client_s_dn) { return 404; }
            return 200 "passed\n";
        }
        location = /proxy {
            proxy_set_header X-Protocol $tls_protocol;
            proxy_set_header X-Name $tls_server_name;
            proxy_set_header X-Cert $tls_client_escaped_cert;
            proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        }
    }
--- run
for version in --tls-max=1.2 --tlsv1.3; do
    version=${version/=/ }
    # shellcheck disable=SC2086
    { tls_get localhost /map $version --http1.1; tls_code localhost /if $version --http2; tls_get localhost /proxy $version; }
done
logged() { [ "$(wc -l <"$SERVROOT/logs/tls.log")" -ge 6 ]; }
wait_for logged
sed 's/|[A-Z][^|]*|/|CIPHER|/' "$SERVROOT/logs/tls.log"
--- out
old
403
[TLSv1.2][localhost][]
new
200
[TLSv1.3][localhost][]
TLSv1.2|CIPHER|.|200
TLSv1.2|CIPHER|.|403
TLSv1.2|CIPHER|.|200
TLSv1.3|CIPHER|.|200
TLSv1.3|CIPHER|.|200
TLSv1.3|CIPHER|.|200



=== TEST 10: on every connection that is not this module's they are empty
--- http_config
    map "$tls_protocol$tls_cipher$tls_ciphers$tls_curve$tls_curves$tls_sigalg$tls_sigalgs$tls_alpn_protocol$tls_server_name" $one { default $tls_protocol$tls_cipher; "" empty; }
    map "$tls_session_id$tls_session_reused$tls_early_data$tls_client_sigalg$tls_ech_status$tls_ech_outer_server_name" $two { default full; "" empty; }
    map "$tls_client_cert$tls_client_raw_cert$tls_client_escaped_cert$tls_client_s_dn$tls_client_i_dn$tls_client_s_dn_legacy$tls_client_i_dn_legacy$tls_client_serial" $three { default full; "" empty; }
    map "$tls_client_fingerprint$tls_client_fingerprint_sha256$tls_client_verify$tls_client_v_start$tls_client_v_end$tls_client_v_remain" $four { default full; "" empty; }
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        return 200 "$one $two $three $four\n";
    }
--- tls_config
    error_page 497 =200 /plain;
    location = /plain { return 200 "$one $two $three $four\n"; }
    location / { return 200 "$one $two $three $four\n"; }
--- run
curl -q -sS "http://127.0.0.1:$PLAIN_PORT/"
plain_get /
tls_get localhost / --tlsv1.3
--- out
empty empty empty empty
empty empty empty empty
TLSv1.3TLS_AES_256_GCM_SHA384 full empty full



=== TEST 11: on nginx's own TLS too
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2 ssl;
        server_name localhost;
        ssl_certificate $TEST_NGINX_CERTS/localhost.crt;
        ssl_certificate_key $TEST_NGINX_CERTS/localhost.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_verify_client optional_no_ca;
        return 200 "$ssl_protocol [$tls_protocol$tls_cipher$tls_ciphers$tls_curve$tls_curves$tls_sigalg$tls_sigalgs$tls_alpn_protocol$tls_server_name$tls_session_id$tls_session_reused$tls_early_data$tls_client_cert$tls_client_s_dn$tls_client_serial$tls_client_verify$tls_client_v_remain]\n";
    }
--- tls_config
    return 200 "$tls_protocol\n";
--- run
PORT=$PORT2 tls_get localhost / --tlsv1.3 --cert "$CERTS/client.crt" --key "$CERTS/client.key"
tls_get localhost / --tlsv1.3
--- out
TLSv1.3 []
TLSv1.3
--- skip_nossl



=== TEST 12: each variable of this nginx's ssl module has its namesake
--- skip_nossl
--- config
--- run
known() { # VARIABLE
    printf 'load_module %s; pid try.pid; events { } http { access_log off; server { listen 127.0.0.1:%s; return 200 "$%s"; } }' \
        "$TEST_NGINX_LOAD_MODULES" "$PORT" "$1" >try.conf
    "$NGINX_BINARY" -t -q -e "$PWD/said" -p "$PWD" -c "$PWD/try.conf" >/dev/null 2>&1
}
# A sanitizer's nginx starts slowly and has the names of all its symbols in it: there it is a few that are known.
names=$(grep -aoE 'ssl_[a-z0-9_]+' "$NGINX_BINARY" | sort -u)
least=20
[ "${TEST_NGINX_TLS_ASAN:-0}" = 0 ] || names='ssl_protocol ssl_session_id ssl_client_v_end' least=3
for name in $names; do
    known "$name" || continue
    if known "tls_${name#ssl_}"; then echo both >>both; else echo "$name"; fi
done
[ "$(wc -l <both)" -ge $least ] && echo many have
known tls_none_of_ours || echo others have not
--- out
many have
others have not



=== TEST 13: what is one connection's own is kept where the configuration names it, by either name; else a line says so
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        root $TEST_NGINX_SERVROOT/html;
        ssi on;
    }
--- user_files
>>> page.html
[<!--# echo var="tls_ciphers" --> <!--# echo var="tls_bytes_sent" --> <!--# echo var="tls_matched_by" -->]
>>> protocol.html
[<!--# echo var="tls_protocol" --> <!--# echo var="tls_server_matched_by" -->]
--- run
PORT=$PORT2
tls_get localhost /page.html
tls_get localhost /protocol.html --tlsv1.3
for name in tls_ciphers tls_bytes_sent; do
    wait_log "\[warn\] .* variable \"$name\" is asked for by its name alone, and is empty: nothing in the configuration uses it"
done
stock='$ssl_curves'
[ "$NOSSL" = 0 ] || stock='$tls_curves'
sed "s/^    server {/    map $stock \$unused { }\n&/" conf/nginx.conf >conf/named.conf
cp conf/named.conf conf/nginx.conf
reload
tls_get localhost /page.html --tlsv1.3 | grep -c 'TLS_AES_[^ ]* [1-9][0-9]* (none)'
--- out
[(none) (none) (none)]
[TLSv1.3 default]
1

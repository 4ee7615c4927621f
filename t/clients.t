# Clients of several makes over TLS 1.2 and 1.3 and HTTP/1.1 and HTTP/2: OpenSSL's s_client, GnuTLS's gnutls-cli, curl.
# (A browser is in browser.t.) What the server says it agreed on is held against what the client says.
use lib 't/lib';
use TestTLS;

log_level('info');

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(tls_config => <<'CONF' . ($block->tls_config // ''));
        location = /facts { return 200 "$server_protocol $tls_protocol $tls_cipher\n"; }
CONF
    $block->set_value(http_config => <<'CONF' . ($block->http_config // ''));
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        client_max_body_size 10m;
        location = /body { return 200 "$request_method $content_length\n"; }
    }
CONF
});

run_tests();

__DATA__

=== TEST 1: openssl s_client
--- run
for version in -tls1_2 -tls1_3; do
    s_request localhost /facts $version -servername localhost -verify_return_error 2>&1 | tail -n 1
    s_client $version -servername localhost -verify_hostname localhost | grep -ao 'Verify return code.*' | sed -n 1p
done
--- out
HTTP/1.1 TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384
Verify return code: 0 (ok)
HTTP/1.1 TLSv1.3 TLS_AES_256_GCM_SHA384
Verify return code: 0 (ok)



=== TEST 2: s_client asks again on the connection, and ends it with close_notify
--- run
for version in -tls1_2 -tls1_3; do
    { printf 'GET /facts HTTP/1.1\r\nHost: localhost\r\n\r\n'
      printf 'GET /facts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'; } |
        s_client -quiet -msg $version -servername localhost >said
    grep -ac '^HTTP/1.1 200 OK' said
    # Each side's alert 0 (close_notify): the server's comes first, it was asked to close.
    grep -ao 'warning close_notify' said | sed -n 1p
done
--- out
2
warning close_notify
2
warning close_notify



=== TEST 3: gnutls-cli
--- run
for priority in NORMAL:-VERS-ALL:+VERS-TLS1.2 NORMAL:-VERS-ALL:+VERS-TLS1.3; do
    printf 'GET /facts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        gnutls localhost --priority "$priority" --alpn http/1.1 | tr -d '\r' >said
    grep -aoE '^- Status: The certificate is trusted' said
    grep -aoE '^- Application protocol: .*|^HTTP/1.1 TLSv.*' said
    grep -aoE '^- Description: \(TLS1\.[23]' said
done
--- out
- Status: The certificate is trusted
- Application protocol: http/1.1
HTTP/1.1 TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384
- Description: (TLS1.2
- Status: The certificate is trusted
- Application protocol: http/1.1
HTTP/1.1 TLSv1.3 TLS_AES_256_GCM_SHA384
- Description: (TLS1.3



=== TEST 4: gnutls-cli with other groups, ciphers and a retried hello
--- run
said() {
    printf 'GET /facts HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        gnutls localhost --priority "$1" | tr -d '\r' | grep -aoE '^HTTP/1.1 TLSv.*|ECDHE-[A-Z0-9]+'
}
said NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP384R1
said NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305:-GROUP-ALL:+GROUP-X25519
said NORMAL:-VERS-ALL:+VERS-TLS1.2:-GROUP-ALL:+GROUP-SECP256R1:-CIPHER-ALL:+AES-128-GCM
--- out
ECDHE-SECP384R1
HTTP/1.1 TLSv1.3 TLS_AES_256_GCM_SHA384
ECDHE-X25519
HTTP/1.1 TLSv1.3 TLS_CHACHA20_POLY1305_SHA256
ECDHE-SECP256R1
HTTP/1.1 TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256



=== TEST 5: gnutls-cli resumes
--- run
for priority in NORMAL:-VERS-ALL:+VERS-TLS1.2 NORMAL:-VERS-ALL:+VERS-TLS1.3; do
    gnutls localhost --priority "$priority" --resume --waitresumption </dev/null | grep -aoE 'This is a resumed session'
done
--- out
This is a resumed session
This is a resumed session



=== TEST 6: curl over HTTP/1.1 and HTTP/2
--- run
for tls in 1.2 1.3; do
    for http in --http1.1 --http2; do
        tls_get localhost /facts --tlsv$tls --tls-max $tls $http
        # Three requests over one connection.
        tls_get localhost /facts --tlsv$tls --tls-max $tls $http -o /dev/null -w '%{http_version} %{num_connects}\n' \
            -o /dev/null "https://localhost:$PORT/facts" -o /dev/null "https://localhost:$PORT/facts"
    done
done
--- out
HTTP/1.1 TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384
1.1 1
1.1 0
1.1 0
HTTP/2.0 TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384
2 1
2 0
2 0
HTTP/1.1 TLSv1.3 TLS_AES_256_GCM_SHA384
1.1 1
1.1 0
1.1 0
HTTP/2.0 TLSv1.3 TLS_AES_256_GCM_SHA384
2 1
2 0
2 0



=== TEST 7: bodies in both directions
--- tls_config
        client_max_body_size 10m;
        location = /put { proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT/body; }
--- run
openssl rand -out "$SERVROOT/html/big" 3000000
wanted=$(sha256sum <"$SERVROOT/html/big")
for tls in 1.2 1.3; do
    for http in --http1.1 --http2; do
        tls_get localhost /put --tlsv$tls --tls-max $tls $http -X POST --data-binary @"$SERVROOT/html/big" -H Expect:
        [ "$(tls_get localhost /big --tlsv$tls --tls-max $tls $http | sha256sum)" = "$wanted" ] && echo whole
    done
done
for version in -tls1_2 -tls1_3; do
    got=$(printf 'GET /big HTTP/1.0\r\n\r\n' | s_client -quiet $version 2>/dev/null | tail -c 3000000 | sha256sum)
    [ "$got" = "$wanted" ] && echo whole
done
--- out
POST 3000000
whole
POST 3000000
whole
POST 3000000
whole
POST 3000000
whole
whole
whole



=== TEST 8: a client that does not trust the server goes away; its alert is told
--- run
s_client -tls1_3 -verify_return_error -CAfile "$CERTS/other-ca.crt" >/dev/null || true
s_client -tls1_2 -verify_return_error -CAfile "$CERTS/other-ca.crt" >/dev/null || true
gnutls localhost --x509cafile "$CERTS/other-ca.crt" </dev/null >/dev/null || true
tls_get localhost /facts --http1.1
--- out
HTTP/1.1 TLSv1.3 TLS_AES_256_GCM_SHA384
--- error_log
alert unknown_ca received

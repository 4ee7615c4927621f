# The variables of the client's certificate: each as nginx's $ssl_client_… on the same connection, and as the openssl command
# reads the certificate's file (RFC 4514 for the names, RFC 5280 for the rest).
use lib 't/lib';
use TestTLS;
use Variables;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<"RUN" . $block->run) if defined $block->run;
as() { # CERTIFICATE
    printf -- '-cert %s -key %s\\n' "\$CERTS/\$1.crt" "\$CERTS/\$1.key"
}
# After 495 nginx closes the connection.
refused() { # CERTIFICATE
    case \$1 in *-expired | *-future) echo 1 ;; *) echo 0 ;; esac
}
x509() { # CERTIFICATE OPTION...
    openssl x509 -in "\$CERTS/\$1.crt" -noout "\${\@:2}" | sed 's/^[A-Za-z0-9 ]*= \\{0,1\\}//'
}
RUN
    $block->set_value(more => "tls_verify_client optional_no_ca;\n"
        . "tls_client_certificate \$TEST_NGINX_CERTS/client-ca.crt;\n" . ($block->more // '')) if defined $block->variables;
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: names, number, fingerprints and verdict
--- variables: client_s_dn client_i_dn client_s_dn_legacy client_i_dn_legacy client_serial client_fingerprint client_fingerprint_sha256 client_verify
--- more
error_page 495 =200 $uri;
--- run
for client in client client-rsa client-dn client-expired client-other client-self client-deep; do
    cat >"$SERVROOT/known" <<KNOWN
client_s_dn=[$(x509 $client -subject -nameopt RFC2253)]
client_i_dn=[$(x509 $client -issuer -nameopt RFC2253)]
client_s_dn_legacy=[$(x509 $client -subject -nameopt compat)]
client_i_dn_legacy=[$(x509 $client -issuer -nameopt compat)]
client_serial=[$(x509 $client -serial)]
client_fingerprint=[$(x509 $client -fingerprint -sha1 | tr -d : | tr A-F a-f)]
client_fingerprint_sha256=[$(x509 $client -fingerprint -sha256 | tr -d : | tr A-F a-f)]
KNOWN
    for version in -tls1_2 -tls1_3; do
        # shellcheck disable=SC2046
        ONE_ANSWER=$(refused $client) pairs $version $(as $client) >"$SERVROOT/said" || cat "$SERVROOT/said"
        diff "$SERVROOT/known" <(grep -v verify "$SERVROOT/said") && printf '%s ' $client && value client_verify <"$SERVROOT/said"
    done | sed 's/FAILED:.*/FAILED/' | uniq -c
done
--- out
      2 client SUCCESS
      2 client-rsa SUCCESS
      2 client-dn SUCCESS
      2 client-expired FAILED
      2 client-other FAILED
      2 client-self FAILED
      2 client-deep FAILED



=== TEST 2: a name with a comma, quotes and a letter outside ASCII
--- variables: client_s_dn client_s_dn_legacy client_serial
--- run
pairs $(as client-dn) | grep s_dn
pairs $(as client-dn) | value client_serial | grep -cxE '0A[0-9A-F]{14}'
--- out
client_s_dn=[CN=Zo\C3\AB\, \"the client\"]
client_s_dn_legacy=[/CN=Zo\xC3\xAB, "the client"]
1



=== TEST 3: validity
--- variables: client_v_start client_v_end client_v_remain client_verify
--- more
error_page 495 =200 $uri;
--- run
for client in client client-future client-expired; do
    for version in -tls1_2 -tls1_3; do
        # shellcheck disable=SC2046
        ONE_ANSWER=$(refused $client) pairs $version $(as $client) >"$SERVROOT/said" || cat "$SERVROOT/said"
        grep -E 'start|end' "$SERVROOT/said"
        [ "$(value client_v_start <"$SERVROOT/said")" = "$(x509 $client -startdate)" ] && [ "$(value client_v_end <"$SERVROOT/said")" = "$(x509 $client -enddate)" ] && echo right
    done | sort | uniq -c
done
left() { echo $((($(date -ud "$(x509 client -enddate)" +%s) - $(date +%s)) / 86400)); }
before=$(left)
said=$(pairs $(as client) | value client_v_remain)
# At midnight one day less.
[ "$said" = "$before" ] || [ "$said" = "$(left)" ] && echo "days left"
ONE_ANSWER=1 pairs $(as client-expired) | grep remain
--- out
      2 client_v_end=[Jan  1 00:00:00 2049 GMT]
      2 client_v_start=[Jan  1 00:00:00 2024 GMT]
      2 right
      2 client_v_end=[Jan  1 00:00:00 2049 GMT]
      2 client_v_start=[Jan  1 00:00:00 2048 GMT]
      2 right
      2 client_v_end=[Feb  1 00:00:00 2024 GMT]
      2 client_v_start=[Jan  1 00:00:00 2024 GMT]
      2 right
days left
client_v_remain=[0]



=== TEST 4: the certificate itself, raw, with tabs and escaped
--- variables: client_raw_cert client_cert client_escaped_cert
--- run
for client in client client-rsa; do
    for version in -tls1_2 -tls1_3; do
        # shellcheck disable=SC2046
        pairs $version $(as $client) >"$SERVROOT/said" || cat "$SERVROOT/said"
        printf '%b' "$(value client_raw_cert <"$SERVROOT/said")" | cmp - "$CERTS/$client.crt" && echo raw
        printf '%b\n' "$(value client_cert <"$SERVROOT/said")" >"$SERVROOT/tabs"
        diff "$SERVROOT/tabs" <(sed '2,$s/^/\t/' "$CERTS/$client.crt") && echo tabs
        value client_escaped_cert <"$SERVROOT/said" | perl -pe 'chomp; die "not escaped: $_" if /[^A-Za-z0-9._~%-]/; s/%([0-9A-F]{2})/chr hex $1/ge' |
            cmp - "$CERTS/$client.crt" && echo escaped
    done | sort | uniq -c
done
--- out
      2 escaped
      2 raw
      2 tabs
      2 escaped
      2 raw
      2 tabs



=== TEST 5: without a certificate there is nothing but the verdict
--- variables: client_verify client_s_dn client_i_dn client_s_dn_legacy client_i_dn_legacy client_serial client_fingerprint client_fingerprint_sha256 client_sigalg client_raw_cert client_cert client_escaped_cert client_v_start client_v_end client_v_remain
--- run
for version in -tls1_2 -tls1_3; do
    pairs $version
done | sort | uniq -c
--- out
      2 client_cert=[]
      2 client_escaped_cert=[]
      2 client_fingerprint=[]
      2 client_fingerprint_sha256=[]
      2 client_i_dn=[]
      2 client_i_dn_legacy=[]
      2 client_raw_cert=[]
      2 client_s_dn=[]
      2 client_s_dn_legacy=[]
      2 client_serial=[]
      2 client_sigalg=[]
      2 client_v_end=[]
      2 client_v_remain=[]
      2 client_v_start=[]
      2 client_verify=[NONE]



=== TEST 6: what the client signed with
--- variables: client_sigalg sigalg
--- run
for version in -tls1_2 -tls1_3; do
    pairs $version $(as client)
    pairs $version $(as client-rsa) -client_sigalgs rsa_pss_rsae_sha384
done
--- out
client_sigalg=[ecdsa_secp256r1_sha256]
sigalg=[ecdsa_secp256r1_sha256]
client_sigalg=[rsa_pss_rsae_sha384]
sigalg=[ecdsa_secp256r1_sha256]
client_sigalg=[ecdsa_secp256r1_sha256]
sigalg=[ecdsa_secp256r1_sha256]
client_sigalg=[rsa_pss_rsae_sha384]
sigalg=[ecdsa_secp256r1_sha256]



=== TEST 7: a resumed session brings its certificate along
--- variables: session_reused client_verify client_s_dn client_serial client_fingerprint client_v_end client_raw_cert
--- more
tls_session_cache shared:one:1m;
--- run
for version in -tls1_2 -tls1_3; do
    for client in client client-self; do
        # shellcheck disable=SC2046
        pairs $version $(as $client) -sess_out "$SERVROOT/s.pem" >"$SERVROOT/first"
        pairs $version -sess_in "$SERVROOT/s.pem" >"$SERVROOT/second"
        printf '%s%s ' "$(value session_reused <"$SERVROOT/first")" "$(value session_reused <"$SERVROOT/second")"
        diff <(grep -v reused "$SERVROOT/first") <(grep -v reused "$SERVROOT/second") && value client_s_dn <"$SERVROOT/second"
    done
done
--- out
.r CN=good client
.r CN=self-signed client
.r CN=good client
.r CN=self-signed client



=== TEST 8: where no certificate is asked for
--- tls_config
    return 200 "$tls_client_verify|$tls_client_s_dn|$tls_client_raw_cert\n";
--- run
tls_get localhost / --cert "$CERTS/client.crt" --key "$CERTS/client.key"
--- out
NONE||



=== TEST 9: in a map that says who may, in a header for the application, in the log
--- http_config
    log_format who '$tls_client_verify "$tls_client_s_dn"';
    map $tls_client_s_dn $may { "CN=good client" yes; default no; }
    server {
        listen 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        return 200 "[$http_x_dn][$http_x_cert]\n";
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_verify_client optional;
        tls_client_certificate $TEST_NGINX_CERTS/client-ca.crt;
        access_log logs/who.log who;
        location = /may { return 200 "$may\n"; }
        location = /proxy {
            proxy_set_header X-DN $tls_client_s_dn;
            proxy_set_header X-Cert $tls_client_escaped_cert;
            proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT;
        }
    }
--- run
tls_get localhost /may
for client in client client-dn; do
    tls_get localhost /may --cert "$CERTS/$client.crt" --key "$CERTS/$client.key"
    tls_get localhost /proxy --cert "$CERTS/$client.crt" --key "$CERTS/$client.key" | sed 's/-----BEGIN%20CERT[A-Za-z0-9._~%-]*CATE-----%0A/CERT/'
done
tls_code localhost /may --cert "$CERTS/client-self.crt" --key "$CERTS/client-self.key"
logged() { [ "$(wc -l <"$SERVROOT/logs/who.log")" -ge 6 ]; }
wait_for logged
sed 's/FAILED:.*cert[a-z]*/FAILED/' "$SERVROOT/logs/who.log"
--- out
no
yes
[CN=good client][CERT]
no
[CN=Zo\C3\AB\, \"the client\"][CERT]
400
NONE "-"
SUCCESS "CN=good client"
SUCCESS "CN=good client"
SUCCESS "CN=Zo\x5CC3\x5CAB\x5C, \x5C\x22the client\x5C\x22"
SUCCESS "CN=Zo\x5CC3\x5CAB\x5C, \x5C\x22the client\x5C\x22"
FAILED "CN=self-signed client"

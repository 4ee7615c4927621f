# Certificates and keys that are served: several kinds in one server, chosen by what the client can verify; chains;
# encrypted keys; the other places that a key can come from. What cannot be loaded is in certificate_errors.t.
use lib 't/lib';
use TestTLS;
use NamedServers;

log_level('info');

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
declare -A file_of
for file in localhost rsa ed25519 p384 a.test b.test chain-leaf; do
    file_of[$(openssl x509 -in "$CERTS/$file.crt")]=$file
done
# The name of the file in $CERTS whose certificate the server NAME sent, or "alert N".
sent() { # NAME [S_CLIENT-OPTION...]
    local name=$1 said
    shift
    said=$(s_client -servername "$name" "$@")
    if [[ $said == *"SSL alert number "* ]]; then
        sed -n 's/.*SSL alert number \([0-9]*\).*/alert \1/p' <<<"$said" | sed -n 1p
        return
    fi
    echo "${file_of[$(openssl x509 <<<"$said")]:-another}"
}
# The subjects of all certificates that the server sends, in order.
chain() { # [S_CLIENT-OPTION...]
    s_client -showcerts "$@" | sed -n '/^Certificate chain/,/^---$/s/^ *[0-9] s:.*CN *= *//p' | tr '\n' '|'
    echo
}
BASH
});

run_tests();

__DATA__

=== TEST 1: RSA, ECDSA and Ed25519 in one server, TLS 1.3: by the client's signature algorithms
--- servers
a.test  tls_certificate $TEST_NGINX_CERTS/ed25519.crt; tls_certificate_key $TEST_NGINX_CERTS/ed25519.key; tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa.key; tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
b.test  tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key; tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa.key; tls_certificate $TEST_NGINX_CERTS/ed25519.crt; tls_certificate_key $TEST_NGINX_CERTS/ed25519.key;
--- run
for name in a.test b.test; do
    for scheme in ecdsa_secp256r1_sha256 rsa_pss_rsae_sha256 rsa_pss_rsae_sha512 ed25519; do
        echo "$(sent $name -tls1_3 -sigalgs $scheme) $(ask $name sigalg -tls1_3 -sigalgs $scheme)"
    done
done
# The first of the client's that can be met.
sent a.test -tls1_3 -sigalgs ecdsa_secp521r1_sha512:ed25519:rsa_pss_rsae_sha256
# None of this client's is any of theirs.
sent a.test -tls1_3 -sigalgs ecdsa_secp521r1_sha512
--- out
localhost a.test ecdsa_secp256r1_sha256
rsa a.test rsa_pss_rsae_sha256
rsa a.test rsa_pss_rsae_sha512
ed25519 a.test ed25519
localhost b.test ecdsa_secp256r1_sha256
rsa b.test rsa_pss_rsae_sha256
rsa b.test rsa_pss_rsae_sha512
ed25519 b.test ed25519
ed25519
alert 40
--- error_log
SSL handshake failed: no_shared_signature, alert handshake_failure sent, server name "a.test"



=== TEST 2: the same in TLS 1.2, where the cipher suite has a say
--- servers
a.test  tls_certificate $TEST_NGINX_CERTS/ed25519.crt; tls_certificate_key $TEST_NGINX_CERTS/ed25519.key; tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa.key; tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
rsa.test  tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
ec.test  tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
--- run
for name in a.test rsa.test ec.test; do
    sent $name -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256
    sent $name -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256 -sigalgs ECDSA+SHA256:RSA+SHA256
    sent $name -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256 -sigalgs ed25519:RSA+SHA256
    sent $name -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256 -sigalgs ECDSA+SHA256
    sent $name -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256 -sigalgs RSA+SHA256
done
--- out
rsa
localhost
ed25519
localhost
rsa
rsa
alert 40
alert 40
alert 40
rsa
alert 40
localhost
alert 40
localhost
alert 40
--- error_log
SSL handshake failed: no_shared_cipher, alert handshake_failure sent, server name "rsa.test"
SSL handshake failed: no_shared_cipher, alert handshake_failure sent, server name "ec.test"



=== TEST 3: each name its own; one without any has the default server's
--- servers
first.test  tls_certificate $TEST_NGINX_CERTS/p384.crt; tls_certificate_key $TEST_NGINX_CERTS/p384.key;
a.test      tls_certificate $TEST_NGINX_CERTS/a.test.crt; tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
b.test      tls_certificate $TEST_NGINX_CERTS/b.test.crt; tls_certificate_key $TEST_NGINX_CERTS/b.test.key;
around.test
--- run
for version in -tls1_2 -tls1_3; do
    for name in first.test a.test b.test unknown.test; do
        sent $name $version
    done
    sent around.test $version -sigalgs rsa_pss_rsae_sha256
    sent around.test $version -sigalgs ECDSA+SHA256
done
for name in a.test b.test; do
    tls_get $name /server
done
--- out
p384
a.test
b.test
p384
rsa
localhost
p384
a.test
b.test
p384
rsa
localhost
a.test
b.test



=== TEST 4: servers without certificates of their own use those of the address's default server
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt; tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name b.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/b.test.crt; tls_certificate_key $TEST_NGINX_CERTS/b.test.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name without.test;
        tls on;
        tls_protocols TLSv1.2;
        location / { return 200 "$tls_server_name $tls_protocol\n"; }
    }
--- run
sent without.test
PORT=$PORT2 sent without.test
tls_get without.test / -k
PORT=$PORT2 tls_get without.test / -k
sent without.test -tls1_3
--- out
a.test
b.test
without.test TLSv1.2
without.test TLSv1.2
alert 70



=== TEST 5: chains are sent as they are in the file, whole, and nothing is added
--- servers
a.test  tls_certificate $TEST_NGINX_CERTS/chain.crt; tls_certificate_key $TEST_NGINX_CERTS/chain.key;
leaf.test  tls_certificate $TEST_NGINX_CERTS/chain-leaf.crt; tls_certificate_key $TEST_NGINX_CERTS/chain.key;
auto.test  tls_certificate $TEST_NGINX_CERTS/chain-leaf.crt; tls_certificate_key $TEST_NGINX_CERTS/chain.key; tls_verify_client optional; tls_client_certificate $TEST_NGINX_CERTS/intermediate.crt; tls_trusted_certificate $TEST_NGINX_CERTS/ca.crt;
root.test  tls_certificate $TEST_NGINX_SERVROOT/html/root.crt; tls_certificate_key $TEST_NGINX_CERTS/chain.key;
two.test   tls_certificate $TEST_NGINX_CERTS/chain.crt; tls_certificate_key $TEST_NGINX_CERTS/chain.key; tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
--- user_files eval
my $chain = ">>> root.crt\n";
for my $file ('chain.crt', 'ca.crt') {
    open my $in, '<', "$ENV{TEST_NGINX_CERTS}/$file" or die;
    local $/;
    $chain .= <$in>;
}
$chain
--- run
for version in -tls1_2 -tls1_3; do
    for name in a.test leaf.test auto.test root.test; do
        chain -servername $name $version
    done
    # Each certificate its own chain.
    chain -servername two.test $version -sigalgs ECDSA+SHA256
    chain -servername two.test $version -sigalgs rsa_pss_rsae_sha256
done
tls_get a.test /server
tls_get leaf.test /server 2>/dev/null || echo "curl $?"
--- out
a.test|Server intermediate|
a.test|
a.test|
a.test|Server intermediate|Server CA|
a.test|Server intermediate|
localhost|
a.test|Server intermediate|
a.test|
a.test|
a.test|Server intermediate|Server CA|
a.test|Server intermediate|
localhost|
a.test
curl 60



=== TEST 6: encrypted keys; each password of the file is tried
--- servers
http     tls_password_file $TEST_NGINX_CERTS/passwords.txt;
ec.test  tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/encrypted.key;
rsa.test tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa-encrypted.key;
two.test tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/encrypted.key; tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key $TEST_NGINX_CERTS/rsa-encrypted.key;
open.test tls_certificate $TEST_NGINX_CERTS/p384.crt; tls_certificate_key $TEST_NGINX_CERTS/p384.key;
--- run
for name in ec.test rsa.test open.test; do
    sent $name
done
sent two.test -sigalgs ECDSA+SHA256
sent two.test -sigalgs rsa_pss_rsae_sha256
--- out
localhost
rsa
p384
localhost
rsa



=== TEST 7: a password file of a server's own, with lines of other kinds
--- servers
http     tls_password_file $TEST_NGINX_CERTS/passwords-wrong.txt;
ec.test  tls_password_file $TEST_NGINX_SERVROOT/html/passwords; tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key $TEST_NGINX_CERTS/encrypted.key;
--- user_files eval
# An empty line, a line that ends in CRLF, and no newline at the end.
">>> passwords\n\nwrong\r\nsecret"
--- run
sent ec.test
--- out
localhost



=== TEST 8: a key from a store
--- servers
ec.test  tls_certificate $TEST_NGINX_CERTS/localhost.crt; tls_certificate_key store:file:$TEST_NGINX_CERTS/localhost.key;
uri.test tls_certificate $TEST_NGINX_CERTS/p384.crt; tls_certificate_key store:file://$TEST_NGINX_CERTS/p384.key;
enc.test tls_password_file $TEST_NGINX_CERTS/passwords.txt; tls_certificate $TEST_NGINX_CERTS/rsa.crt; tls_certificate_key store:file:$TEST_NGINX_CERTS/rsa-encrypted.key;
--- run
for name in ec.test uri.test enc.test; do
    sent $name -tls1_2
    sent $name -tls1_3
done
--- out
localhost
localhost
p384
p384
rsa
rsa



=== TEST 9: certificate and key in the configuration itself
--- http_config eval
my %text;
for my $file ('localhost.crt', 'localhost.key', 'chain.crt', 'chain.key') {
    open my $in, '<', "$ENV{TEST_NGINX_CERTS}/$file" or die;
    local $/;
    $text{$file} = <$in>;
}
<<"HTTP"
    server {
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_certificate "data:$text{'localhost.crt'}";
        tls_certificate_key "data:$text{'localhost.key'}";
    }
    server {
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate "data:$text{'chain.crt'}";
        tls_certificate_key "data:$text{'chain.key'}";
    }
HTTP
--- run
sent localhost
chain -servername a.test
--- out
localhost
a.test|Server intermediate|



=== TEST 10: relative paths begin at the configuration's folder
--- servers
a.test  tls_certificate ../html/a.crt; tls_certificate_key ../html/a.key; tls_password_file ../html/passwords;
--- user_files eval
my $files = ">>> passwords\nsecret\n";
for my $file (['a.crt', 'localhost.crt'], ['a.key', 'encrypted.key']) {
    open my $in, '<', "$ENV{TEST_NGINX_CERTS}/$file->[1]" or die;
    local $/;
    $files .= ">>> $file->[0]\n" . <$in>;
}
$files
--- run
sent a.test
--- out
localhost



=== TEST 11: one file may hold chain and key
--- servers
a.test  tls_certificate $TEST_NGINX_SERVROOT/html/all.pem; tls_certificate_key $TEST_NGINX_SERVROOT/html/all.pem;
--- user_files eval
my $all = ">>> all.pem\n";
for my $file ('chain.crt', 'chain.key') {
    open my $in, '<', "$ENV{TEST_NGINX_CERTS}/$file" or die;
    local $/;
    $all .= <$in>;
}
$all
--- run
chain -servername a.test
--- out
a.test|Server intermediate|



=== TEST 12: the files are read when the configuration is; a reload reads them again
--- servers
a.test  tls_certificate $TEST_NGINX_SERVROOT/html/a.crt; tls_certificate_key $TEST_NGINX_SERVROOT/html/a.key;
--- user_files eval
my $files = '';
for my $file (['a.crt', 'a.test.crt'], ['a.key', 'a.test.key']) {
    open my $in, '<', "$ENV{TEST_NGINX_CERTS}/$file->[1]" or die;
    local $/;
    $files .= ">>> $file->[0]\n" . <$in>;
}
$files
--- run
sent a.test
cp "$CERTS/b.test.crt" "$SERVROOT/html/a.crt"
cp "$CERTS/b.test.key" "$SERVROOT/html/a.key"
sent a.test
reload
sent a.test
# A broken one leaves the old configuration in force.
: >"$SERVROOT/html/a.crt"
kill -HUP "$NGINX_PID"
wait_log 'emerg.*cannot load certificate'
sent a.test
--- out
a.test
a.test
b.test
b.test
--- may_log: emerg

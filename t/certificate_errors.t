# Certificates and keys that cannot be loaded: each [emerg] names the file, the reason and the directive's place.
use lib 't/lib';
use TestTLS;
use SiteFile;

run_tests();

__DATA__

=== TEST 1: no such certificate
--- server
    tls_certificate $CERTS/none.crt;
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*cannot load certificate ".*/none.crt": BIO_new_file\(\) failed \(SSL: error:.*No such file or directory.* in .*/site.conf:4$



=== TEST 2: no such key
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/none.key;
--- emerg
\[emerg\] .*cannot load certificate key ".*/none.key": BIO_new_file\(\) failed \(SSL: error:.*No such file or directory.* in .*/site.conf:4$



=== TEST 3: an empty certificate file
--- server
    tls_certificate $CERTS/empty.pem;
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*cannot load certificate ".*/empty.pem": PEM_read_bio_X509_AUX\(\) failed \(SSL: error:.*no start line.* in .*/site.conf:4$



=== TEST 4: a certificate file without PEM
--- server
    tls_certificate $CERTS/garbage.pem;
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*cannot load certificate ".*/garbage.pem": PEM_read_bio_X509_AUX\(\) failed \(SSL: error:.*no start line.* in .*/site.conf:4$



=== TEST 5: a certificate that ends early
--- server
    tls_certificate $CERTS/truncated.crt;
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*cannot load certificate ".*/truncated.crt": PEM_read_bio_X509_AUX\(\) failed \(SSL: error:.* in .*/site.conf:4$



=== TEST 6: a chain whose second certificate ends early
--- server
    tls_certificate $HTML/chain.crt;
    tls_certificate_key $CERTS/chain.key;
--- user_files eval
my $files = ">>> chain.crt\n";
for my $file ('chain-leaf.crt', 'truncated.crt') {
    open my $in, '<', "$ENV{TEST_NGINX_CERTS}/$file" or die;
    local $/;
    $files .= <$in>;
}
$files
--- emerg
\[emerg\] .*cannot load certificate ".*/chain.crt": PEM_read_bio_X509\(\) failed \(SSL: error:.* in .*/site.conf:4$



=== TEST 7: a folder
--- server
    tls_certificate $CERTS;
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*cannot load certificate ".*/certificates-\d+": .* failed \(SSL: error:.* in .*/site.conf:4$



=== TEST 8: an empty key file
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/empty.pem;
--- emerg
\[emerg\] .*cannot load certificate key ".*/empty.pem": PEM_read_bio_PrivateKey\(\) failed \(SSL: error:.* in .*/site.conf:4$



=== TEST 9: a key that ends early
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/truncated.key;
--- emerg
\[emerg\] .*cannot load certificate key ".*/truncated.key": PEM_read_bio_PrivateKey\(\) failed \(SSL: error:.* in .*/site.conf:4$



=== TEST 10: a certificate where the key should be
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/localhost.crt;
--- emerg
\[emerg\] .*cannot load certificate key ".*/localhost.crt": PEM_read_bio_PrivateKey\(\) failed \(SSL: error:.* in .*/site.conf:4$



=== TEST 11: a key of the same kind that is not the certificate's
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/mismatch.key;
--- emerg
\[emerg\] .*X509_check_private_key\(".*/mismatch.key"\) failed: .*".*/localhost.crt" \(SSL: error:.*key values mismatch\) in .*/site.conf:4$



=== TEST 12: a key of another kind
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/rsa.key;
--- emerg
\[emerg\] .*X509_check_private_key\(".*/rsa.key"\) failed: .*".*/localhost.crt" \(SSL: error:.*key type mismatch\) in .*/site.conf:4$



=== TEST 13: the intermediate before the leaf
--- server
    tls_certificate $CERTS/chain-wrong.crt;
    tls_certificate_key $CERTS/chain.key;
--- emerg
\[emerg\] .*certificate chain in ".*/chain-wrong.crt" is out of order: .* in .*/site.conf:4$



=== TEST 14: the root before the intermediate
--- server
    tls_certificate $HTML/chain.crt;
    tls_certificate_key $CERTS/chain.key;
--- user_files eval
my $files = ">>> chain.crt\n";
for my $file ('chain-leaf.crt', 'ca.crt', 'intermediate.crt') {
    open my $in, '<', "$ENV{TEST_NGINX_CERTS}/$file" or die;
    local $/;
    $files .= <$in>;
}
$files
--- emerg
\[emerg\] .*certificate chain in ".*/chain.crt" is out of order: .* in .*/site.conf:4$



=== TEST 15: the second of two pairs; the message has its place
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/localhost.key;
    tls_certificate $CERTS/rsa.crt;
    tls_certificate_key $CERTS/mismatch.key;
--- emerg
\[emerg\] .*X509_check_private_key\(".*/mismatch.key"\) failed: .*".*/rsa.crt" .* in .*/site.conf:6$



=== TEST 16: certificates and keys go together in their order
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate $CERTS/rsa.crt;
    tls_certificate_key $CERTS/rsa.key;
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*X509_check_private_key\(".*/rsa.key"\) failed: .*".*/localhost.crt" .* in .*/site.conf:4$



=== TEST 17: no key
--- server
    tls_certificate $CERTS/localhost.crt;
--- emerg
\[emerg\] .*no "tls_certificate_key" is defined for certificate ".*/localhost.crt" in .*/site.conf:4$



=== TEST 18: fewer keys than certificates
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate $CERTS/rsa.crt;
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*no "tls_certificate_key" is defined for certificate ".*/rsa.crt" in .*/site.conf:5$



=== TEST 19: an encrypted key without a password
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/encrypted.key;
--- emerg
\[emerg\] .*cannot load certificate key ".*/encrypted.key": PEM_read_bio_PrivateKey\(\) failed: .*"tls_password_file".* in .*/site.conf:4$



=== TEST 20: an encrypted key and wrong passwords
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/encrypted.key;
    tls_password_file $CERTS/passwords-wrong.txt;
--- emerg
\[emerg\] .*cannot load certificate key ".*/encrypted.key": PEM_read_bio_PrivateKey\(\) failed: .*"tls_password_file".* in .*/site.conf:4$



=== TEST 21: no such password file
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/encrypted.key;
    tls_password_file $CERTS/none.txt;
--- emerg
\[emerg\] .*open\(\) ".*/none.txt" failed \(2: No such file or directory\) in .*/site.conf:\d$



=== TEST 22: a line of the password file that nginx would not read either
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key $CERTS/encrypted.key;
    tls_password_file $HTML/long;
--- user_files eval
">>> long\n" . 'x' x 4096 . "\nsecret\n"
--- emerg
\[emerg\] .*too long line in ".*/long" in .*/site.conf:\d$



=== TEST 23: variables in the certificate: what they name is looked for when a client comes
--- server
    tls_certificate $CERTS/none.$tls_server_name.crt;
    tls_certificate_key $CERTS/none.key;
--- warn
test is successful



=== TEST 24: variables in the key
--- server
    tls_certificate $CERTS/none.crt;
    tls_certificate_key $CERTS/none.$tls_server_name.key;
--- warn
test is successful



=== TEST 25: a store that has nothing there
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key store:file:$CERTS/none.key;
--- emerg
\[emerg\] .*cannot load certificate key "store:file:.*/none.key": OSSL_STORE_\w+\(\) failed \(SSL: error:.* in .*/site.conf:4$



=== TEST 26: a store that has a certificate only
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key store:file:$CERTS/localhost.crt;
--- emerg
\[emerg\] .*cannot load certificate key "store:file:.*/localhost.crt": OSSL_STORE_load\(\) failed.* in .*/site.conf:4$



=== TEST 27: a store of no known kind; its PIN is not shown
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key "store:nonesuch:token=a;object=b?pin-value=1234";
--- emerg
\[emerg\] .*cannot load certificate key "store:nonesuch:token=a;object=b\?pin-value=\.\.\.": OSSL_STORE_open\(\) failed (?!.*1234).* in .*/site.conf:4$



=== TEST 28: an engine without a key's name
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key engine:nonesuch;
--- max_openssl: 3.99
--- emerg
\[emerg\] .*cannot load certificate key "engine:nonesuch": invalid syntax in .*/site.conf:4$



=== TEST 29: no such engine; a PIN is not shown
--- server
    tls_certificate $CERTS/localhost.crt;
    tls_certificate_key "engine:nonesuch:pkcs11:object=b?pin-value=1234";
--- max_openssl: 3.99
--- emerg
\[emerg\] .*cannot load certificate key "engine:nonesuch:pkcs11:object=b\?pin-value=\.\.\.": ENGINE_by_id\(\) failed (?!.*1234).* in .*/site.conf:4$



=== TEST 30: PEM in the configuration is not shown
--- server
    tls_certificate "data:not a certificate, but a secret";
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*cannot load certificate "data:\.\.\.": PEM_read_bio_X509_AUX\(\) failed (?!.*secret).* in .*/site.conf:4$



=== TEST 31: an empty certificate name
--- server
    tls_certificate "";
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*cannot load certificate "": .* in .*/site.conf:4$



=== TEST 32: a path that cannot be read
--- server
    tls_certificate $CERTS/localhost.crt/more;
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*cannot load certificate ".*/more": BIO_new_file\(\) failed \(SSL: error:.*Not a directory.* in .*/site.conf:4$



=== TEST 33: certificates around the server have their own place
--- http_config
    tls_certificate $TEST_NGINX_CERTS/none.crt;
    tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
--- server
    server_name a.test;
--- emerg
\[emerg\] .*cannot load certificate ".*/none.crt": BIO_new_file\(\) failed \(SSL: error:.* in .*/nginx.conf:\d+$

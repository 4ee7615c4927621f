# What `nginx -t` says of a configuration that cannot be: the sentence, the file and the line. (Messages that are nginx's
# own, word for word, are compared in config.t; certificates are in certificate_errors.t.)
use lib 't/lib';
use TestTLS;
use SiteFile;

add_block_preprocessor(sub {
    my ($block) = @_;
    my $server = $block->server // return;
    $block->set_value(server => "    tls_certificate \$CERTS/localhost.crt; tls_certificate_key \$CERTS/localhost.key;\n$server")
        unless defined $block->bare;
});

run_tests();

__DATA__

=== TEST 1: no certificate anywhere
--- bare
--- server
    server_name a.test;
--- emerg
\[emerg\] .*no "tls_certificate" is defined for the "tls" directive in .*/site.conf:3$



=== TEST 2: `tls on` around the server, and no certificate
--- http_config
    tls on;
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name a.test; }
--- emerg
\[emerg\] .*no "tls_certificate" is defined for the "tls" directive in .*/nginx.conf:\d+$



=== TEST 3: a key alone
--- bare
--- server
    tls_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*no "tls_certificate" is defined for the "tls" directive in .*/site.conf:3$



=== TEST 4: `listen ... ssl` and `tls on` in one server
--- skip_nossl
--- server
    listen 127.0.0.1:$PORT2 ssl;
--- emerg
\[emerg\] .*"tls on" and the "ssl" parameter of "listen 127.0.0.1:\d+" exclude each other, write "listen 127.0.0.1:\d+;" beside "tls on;" in .*/site.conf:3$



=== TEST 5: `listen ... ssl` in another server of the address
--- skip_nossl
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT ssl;
        ssl_certificate $TEST_NGINX_CERTS/localhost.crt;
        ssl_certificate_key $TEST_NGINX_CERTS/localhost.key;
    }
--- server
    server_name a.test;
--- emerg
\[emerg\] .*"tls on" and the "ssl" parameter of "listen 127.0.0.1:\d+" exclude each other, .* in .*/site.conf:3$



=== TEST 6: `ssl on`, which old nginx has, and `tls on`
--- skip_nossl
--- max_nginx: 1.25.0
--- server
    ssl on;
    ssl_certificate $CERTS/localhost.crt;
    ssl_certificate_key $CERTS/localhost.key;
--- emerg
\[emerg\] .*"tls on" and "ssl on" exclude each other, remove "ssl on" in .*/site.conf:3$



=== TEST 7: a server without `tls on` on a TLS address cannot be reached there
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name plain.test;
    }
--- server
    server_name a.test;
--- warn
\[warn\] .*server "plain.test" in .*/nginx.conf:\d+ has no "tls on" but shares 127.0.0.1:\d+ with a server that has



=== TEST 8: client verification without authorities
--- server
    tls_verify_client on;
--- emerg
\[emerg\] .*no "tls_client_certificate" or "tls_trusted_certificate" for "tls_verify_client" in .*/site.conf:3$



=== TEST 9: optional client verification without authorities
--- server
    tls_verify_client optional;
--- emerg
\[emerg\] .*no "tls_client_certificate" or "tls_trusted_certificate" for "tls_verify_client" in .*/site.conf:3$



=== TEST 10: optional_no_ca needs none
--- server
    tls_verify_client optional_no_ca;
    server_name "";
--- http_config
    server { listen 127.0.0.1:$TEST_NGINX_TLS_PORT; server_name plain.test; }
--- warn
has no "tls on"



=== TEST 11: no such file of authorities
--- server
    tls_verify_client on;
    tls_client_certificate $CERTS/none.crt;
--- emerg
\[emerg\] .*SSL_CTX_load_verify_locations\(".*/none.crt"\) failed \(SSL: error:.*No such file or directory.* in .*/site.conf:3$



=== TEST 12: authorities that are none
--- server
    tls_verify_client on;
    tls_client_certificate $CERTS/garbage.pem;
--- emerg
\[emerg\] .*SSL_CTX_load_verify_locations\(".*/garbage.pem"\) failed \(SSL: error:.* in .*/site.conf:3$



=== TEST 13: no such file of trusted certificates
--- server
    tls_verify_client on;
    tls_client_certificate $CERTS/client-ca.crt;
    tls_trusted_certificate $CERTS/none.crt;
--- emerg
\[emerg\] .*SSL_CTX_load_verify_locations\(".*/none.crt"\) failed \(SSL: error:.*No such file or directory.* in .*/site.conf:3$



=== TEST 14: no such revocation list
--- server
    tls_verify_client on;
    tls_client_certificate $CERTS/client-ca.crt;
    tls_crl $CERTS/none.pem;
--- emerg
\[emerg\] .*X509_LOOKUP_load_file\(".*/none.pem"\) failed \(SSL: error:.*No such file or directory.* in .*/site.conf:3$



=== TEST 15: a revocation list that is none
--- server
    tls_verify_client on;
    tls_client_certificate $CERTS/client-ca.crt;
    tls_crl $CERTS/garbage.pem;
--- emerg
\[emerg\] .*X509_LOOKUP_load_file\(".*/garbage.pem"\) failed \(SSL: error:.* in .*/site.conf:3$



=== TEST 16: unknown ciphers
--- server
    tls_ciphers NONESUCH;
--- emerg
\[emerg\] .*SSL_CTX_set_cipher_list\("NONESUCH"\) failed \(SSL: error:.*no cipher match.*\) in .*/site.conf:3$



=== TEST 17: unknown TLS 1.3 suites
--- server
    tls_ciphersuites NONESUCH;
--- emerg
\[emerg\] .*SSL_CTX_set_ciphersuites\("NONESUCH"\) failed \(SSL: error:.*\) in .*/site.conf:3$



=== TEST 18: unknown groups
--- server
    tls_ecdh_curve X25519:nonesuch;
--- emerg
\[emerg\] .*SSL_CTX_set1_groups_list\("X25519:nonesuch"\) failed.* in .*/site.conf:3$



=== TEST 19: an empty list of groups
--- server
    tls_groups "";
--- max_openssl: 3.4.99
--- emerg
\[emerg\] .*SSL_CTX_set1_groups_list\(""\) failed.* in .*/site.conf:3$



=== TEST 20: unknown signature algorithms
--- server
    tls_signature_algorithms nonesuch;
--- emerg
\[emerg\] .*SSL_CTX_set1_sigalgs_list\("nonesuch"\) failed.* in .*/site.conf:3$



=== TEST 21: no such parameters
--- server
    tls_dhparam $CERTS/none.pem;
--- emerg
\[emerg\] .*BIO_new_file\(".*/none.pem"\) failed \(SSL: error:.*No such file or directory.* in .*/site.conf:3$



=== TEST 22: parameters that are none
--- server
    tls_dhparam $CERTS/localhost.crt;
--- emerg
\[emerg\] .*PEM_read_bio_Parameters\(".*/localhost.crt"\) failed \(SSL: error:.* in .*/site.conf:3$



=== TEST 23: parameters of another kind
--- server
    tls_dhparam $HTML/ec.pem;
--- user_files eval
my $parameters = `openssl genpkey -genparam -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null`;
">>> ec.pem\n$parameters"
--- emerg
\[emerg\] .*PEM_read_bio_Parameters\(".*/ec.pem"\) failed: not Diffie-Hellman parameters in .*/site.conf:3$



=== TEST 24: an unknown command for OpenSSL
--- server
    tls_conf_command Nonesuch 1;
--- emerg
\[emerg\] .*SSL_CONF_cmd\("Nonesuch", "1"\) failed \(SSL: error:.*unknown cmd name.* in .*/site.conf:3$



=== TEST 25: a command's value
--- server
    tls_conf_command Options Nonesuch;
--- emerg
\[emerg\] .*SSL_CONF_cmd\("Options", "Nonesuch"\) failed \(SSL: error:.*bad value.* in .*/site.conf:3$



=== TEST 26: a command's file is looked for where nginx looks
--- server
    tls_conf_command ClientCAFile none.pem;
--- emerg
\[emerg\] .*SSL_CONF_cmd\("ClientCAFile", "/.*/conf/none.pem"\) failed \(SSL: error:.* in .*/site.conf:3$



=== TEST 27: a session cache too small
--- server
    tls_session_cache shared:one:1k;
--- emerg
\[emerg\] .*session cache "shared:one:1k" is too small in .*/site.conf:5$



=== TEST 28: the module's zone and that of nginx's own ssl
--- skip_nossl
--- http_config
    ssl_session_cache shared:one:1m;
--- server
    tls_session_cache shared:one:1m;
--- emerg
\[emerg\] .*the shared memory zone "one" is already declared for a different use in .*/site.conf:5$



=== TEST 29: a session ticket key of another size
--- server
    tls_session_ticket_key $CERTS/ticket47.key;
--- emerg
\[emerg\] .*".*/ticket47.key" must be 48 or 80 bytes in .*/site.conf:3$



=== TEST 30: both names of the groups
--- server
    tls_ecdh_curve X25519;
    tls_groups X25519;
--- emerg
\[emerg\] .*"tls_groups" directive is duplicate in .*/site.conf:6$



=== TEST 31: a hello's size and a handshake's time
--- server
    tls_client_hello_max_size much;
--- emerg
\[emerg\] .*"tls_client_hello_max_size" directive invalid value in .*/site.conf:5$



=== TEST 32: a handshake's time
--- server
    tls_handshake_timeout long;
--- emerg
\[emerg\] .*"tls_handshake_timeout" directive invalid value in .*/site.conf:5$



=== TEST 33: `tls` is on or off
--- server
    tls_early_data off;
--- http_config
    tls yes;
--- emerg
\[emerg\] .*invalid value "yes" in "tls" directive, it must be "on" or "off" in .*/nginx.conf:\d+$



=== TEST 34: a hello's size that none has
--- server
    tls_client_hello_max_size 511;
--- emerg
\[emerg\] .*value must be equal to or greater than 512 in .*/site.conf:5$



=== TEST 35: a buffer that holds nothing
--- server
    tls_buffer_size 0;
--- emerg
\[emerg\] .*value must be equal to or greater than 1 in .*/site.conf:5$

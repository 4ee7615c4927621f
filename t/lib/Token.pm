# A SoftHSM token "nginx" with the keys of the certificates "localhost" and "rsa", for one suite. Use it after TestTLS.
#
# "--- token" is what stands before the keys' PKCS#11 URIs (RFC 7512) in tls_certificate_key: makes a server with both, behind
# what is in "--- http_start". A "run" then has `handshakes`: the signature scheme of four handshakes.
package Token;

use strict;
use warnings;

use File::Path qw(make_path remove_tree);

use TestTLS;

# Beside the suite's server, whose folder is made anew for each block.
my $folder = "$ENV{SERVROOT}.token";

sub run_quietly {
    my (@command) = @_;
    my $said = qx{@command 2>&1};
    die "@command: $said\n" if $?;
}

sub make_token {
    remove_tree($folder);
    make_path("$folder/tokens");
    open my $conf, '>', "$folder/softhsm2.conf" or die "cannot write $folder/softhsm2.conf: $!\n";
    print $conf "directories.tokendir = $folder/tokens\nobjectstore.backend = file\nlog.level = ERROR\n";
    close $conf;
    $ENV{SOFTHSM2_CONF} = "$folder/softhsm2.conf";
    run_quietly('softhsm2-util --init-token --free --label nginx --pin 1234 --so-pin 12345678');
    my $id = 1;
    for my $name ('localhost', 'rsa') {
        run_quietly("softhsm2-util --import '$ENV{CERTS}/$name.key' --token nginx --label $name --id 0$id --pin 1234");
        $id++;
    }
}

# The provider is for whoever reads this configuration: nginx, not the clients.
sub make_openssl_conf {
    open my $conf, '>', "$folder/openssl.cnf" or die "cannot write $folder/openssl.cnf: $!\n";
    print $conf <<'CONF';
openssl_conf = init
[init]
providers = providers
[providers]
default = default_provider
pkcs11 = pkcs11_provider
[default_provider]
activate = 1
[pkcs11_provider]
pkcs11-module-path = /usr/lib/softhsm/libsofthsm2.so
# At the end of a process SoftHSM may be gone before OpenSSL lets it go.
pkcs11-module-quirks = no-deinit
activate = 1
CONF
    # Debian 13's forgets the PIN of a URI in a forked process, whatever the program.
    print $conf "pkcs11-module-token-pin = 1234\n" if qx{dpkg-query -W -f '\${Version}' pkcs11-provider} =~ /^1\.0-/;
    close $conf;
}

make_token();
make_openssl_conf();

add_block_preprocessor(sub {
    my ($block) = @_;
    my $token = $block->token;
    # nginx gives its workers only what it is told to of its environment.
    $block->set_value(main_config => "env SOFTHSM2_CONF;\n" . ($block->main_config // ''));
    return unless defined $token;
    $token =~ s/\s+$//;
    $ENV{OPENSSL_CONF} = "$folder/openssl.cnf" if $token eq 'store:';
    my $pairs = join '', map {
        "        tls_certificate \$TEST_NGINX_CERTS/$_.crt;\n"
            . qq(        tls_certificate_key "${token}pkcs11:token=nginx;object=$_;type=private?pin-value=1234";\n)
    } 'localhost', 'rsa';
    my $start = $block->http_start // '';
    $block->set_value(http_config => <<"HTTP");
$start
    server {
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
$pairs
        location / { return 200 "\$tls_sigalg\\n"; }
    }
HTTP
    $block->set_value(run => <<'BASH' . $block->run);
unset OPENSSL_CONF
handshakes() {
    tls_get localhost / --tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256
    s_request localhost / -tls1_3 -servername localhost -sigalgs ECDSA+SHA256 2>/dev/null | tail -n 1
    s_request localhost / -tls1_2 -servername localhost -sigalgs rsa_pss_rsae_sha256 2>/dev/null | tail -n 1
    s_request localhost / -tls1_3 -servername localhost -sigalgs rsa_pss_rsae_sha256 2>/dev/null | tail -n 1
}
BASH
});

1;

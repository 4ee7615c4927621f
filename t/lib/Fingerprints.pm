# A server "localhost" with HTTP/2 whose page "/" says all fingerprints of the connection. Use it after TestTLS.
#
# "--- fingerprints" has more directives of that server, or nothing, and "--- beside" what else stands in http. A "run"
# then has the functions of fingerprints.sh.
package Fingerprints;

use strict;
use warnings;

use TestTLS;

my $page = join '', map { "$_=[\$tls_$_]\\n" } qw(ja3 ja3_hash ja4 ja4_r ja4_o ja4_ro);

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => ". '$ENV{T_LIB}/fingerprints.sh'\n" . $block->run) if defined $block->run;
    return unless defined $block->fingerprints;
    my ($more, $beside) = ($block->fingerprints, $block->beside // '');
    $block->set_value(http_config => <<"SITE");
    $beside
    server {
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT \$TEST_NGINX_H2_LISTEN;
        \$TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_certificate \$TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key \$TEST_NGINX_CERTS/localhost.key;
        $more
        location = / { return 200 "$page"; }
    }
SITE
});

1;

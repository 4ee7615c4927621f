# Servers of one address, of which a client's name chooses one: the module's beside nginx's own. For suites about names.
# Use it after TestTLS.
#
# "--- names" are server blocks of both, on $PORT with `tls on` and on $PORT2 by nginx's own ssl. In them "LISTEN first"
# stands for the address, and for a certificate and a page that both say "first" (certificates.sh has the words). What
# begins with tls_ is turned into ssl_ there. A "run" then has chosen_servers.sh, and `both` of two_servers.sh.
package ChosenServers;

use strict;
use warnings;

use TestTLS;

sub servers {
    my ($names, $listen) = @_;
    return $names =~ s{\bLISTEN (\w+) (\w*);}{
        $listen $2;
        tls_certificate \$TEST_NGINX_CERTS/$1.crt;
        tls_certificate_key \$TEST_NGINX_CERTS/$1.key;
        location / { return 200 "$1\\n"; }
    }gr;
}

add_block_preprocessor(sub {
    my ($block) = @_;
    my $names = $block->names // return;
    $names =~ s/(?<=\bLISTEN )(\w+);/$1 ;/g;
    my $http = servers($names, 'tls on; listen 127.0.0.1:$TEST_NGINX_TLS_PORT');
    $http .= servers($names, 'listen 127.0.0.1:$TEST_NGINX_TLS_PORT2 ssl') =~ s/\btls_/ssl_/gr unless $ENV{NOSSL};
    $block->set_value(http_config => $http . ($block->http_config // ''));
    $block->set_value(run => ". '$ENV{T_LIB}/two_servers.sh'\n. '$ENV{T_LIB}/chosen_servers.sh'\n" . $block->run);
});

1;

# Several servers on one address, told apart by the name that a client asks for: for suites about what one name may
# have and another not. Use it after TestTLS.
#
# "--- servers" has a line for each server: its name, then its directives. All listen on 127.0.0.1:$PORT with `tls on`
# and the certificates "rsa" and "localhost" (EC P-256); a server's own tls_certificate replaces them. The first is the
# default server. The name "http" stands for the http block around them. A "run" then has `ask`; see named_servers.sh.
package NamedServers;

use strict;
use warnings;

use TestTLS;

my @fields = qw(
    protocol cipher curve sigalg alpn_protocol session_reused early_data client_verify client_s_dn
);

sub server {
    my ($name, $directives) = @_;
    my $locations = join "\n", map { qq(        location = /$_ { return 200 "\$server_name \$tls_$_\\n"; }) } @fields;
    return <<"HTTP";
    server {
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT \$TEST_NGINX_H2_LISTEN;
        server_name $name;
        tls on;
        $directives
$locations
        location = /server { return 200 "\$server_name\\n"; }
        location = /version { return 200 "\$server_name \$server_protocol\\n"; }
    }
HTTP
}

add_block_preprocessor(sub {
    my ($block) = @_;
    my $servers = $block->servers // return;
    my $http = "    tls_certificate \$TEST_NGINX_CERTS/rsa.crt; tls_certificate_key \$TEST_NGINX_CERTS/rsa.key;\n"
        . "    tls_certificate \$TEST_NGINX_CERTS/localhost.crt; tls_certificate_key \$TEST_NGINX_CERTS/localhost.key;\n";
    for my $line (grep { /\S/ } split /\n/, $servers) {
        my ($name, $directives) = split ' ', $line, 2;
        $http .= $name eq 'http' ? "    $directives\n" : server($name, $directives // '');
    }
    $block->set_value(http_config => $http . ($block->http_config // ''));
    $block->set_value(run => ". '$ENV{T_LIB}/named_servers.sh'\n" . $block->run) if defined $block->run;
});

1;

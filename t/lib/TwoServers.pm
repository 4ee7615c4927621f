# The same site twice in one nginx, served by the module and by nginx's own ssl: for suites that hold the one to what
# the other does. Use it after TestTLS.
#
# "--- site" is the inside of a server "localhost", written with tls_* and $tls_*: on 127.0.0.1:$PORT it is served with
# `tls on`, on 127.0.0.1:$PORT2 by `listen ... ssl` with each tls_ turned into ssl_. "--- listen" are parameters for
# both `listen`. A "run" then has `both`; see two_servers.sh. An nginx without ssl has the first server only.
package TwoServers;

use strict;
use warnings;

use TestTLS;

sub server {
    my ($prefix, $port, $ssl, $listen, $site) = @_;
    $site =~ s/\btls_/${prefix}_/g;
    # The default of ssl_protocols is not the same in every nginx.
    my $protocols = $site =~ /\b${prefix}_protocols\b/ ? '' : "${prefix}_protocols TLSv1.2 TLSv1.3;";
    my $on = $prefix eq 'tls' ? 'tls on;' : '';
    return <<"HTTP";
    server {
        listen 127.0.0.1:\$TEST_NGINX_$port $ssl $listen \$TEST_NGINX_H2_LISTEN;
        \$TEST_NGINX_H2_ON
        server_name localhost;
        $on
        ${prefix}_certificate \$TEST_NGINX_CERTS/localhost.crt;
        ${prefix}_certificate_key \$TEST_NGINX_CERTS/localhost.key;
        $protocols
$site
    }
HTTP
}

add_block_preprocessor(sub {
    my ($block) = @_;
    my $site = $block->site // return;
    chomp(my $listen = $block->listen // '');
    my $http = $block->http_config // '';
    $http .= server('tls', 'TLS_PORT', '', $listen, $site);
    $http .= server('ssl', 'TLS_PORT2', 'ssl', $listen, $site) unless $ENV{NOSSL};
    $block->set_value(http_config => $http);
    $block->set_value(run => ". '$ENV{T_LIB}/two_servers.sh'\n" . $block->run);
});

1;

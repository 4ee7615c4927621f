# The same site twice, with records of the module's own and with libssl's. Use it after TestTLS.
#
# "--- records_site" is the inside of a server "localhost": on 127.0.0.1:$PORT with the defaults, on 127.0.0.1:$PORT2 with
# `tls_records libssl`. "--- listen" are parameters for both `listen`. A "run" then has what is in two_servers.sh. HTTP/2 is on.
package TwoRecords;

use strict;
use warnings;

use TestTLS;

sub server {
    my ($port, $records, $listen, $site) = @_;
    return <<"HTTP";
    server {
        listen 127.0.0.1:\$TEST_NGINX_$port $listen \$TEST_NGINX_H2_LISTEN;
        \$TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        $records
        tls_certificate \$TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key \$TEST_NGINX_CERTS/localhost.key;
$site
    }
HTTP
}

add_block_preprocessor(sub {
    my ($block) = @_;
    my $site = $block->records_site // return;
    chomp(my $listen = $block->listen // '');
    $block->set_value(http_config => ($block->http_config // '') . server('TLS_PORT', '', $listen, $site)
        . server('TLS_PORT2', 'tls_records libssl;', $listen, $site));
    $block->set_value(run => ". '$ENV{T_LIB}/two_servers.sh'\n" . $block->run);
});

1;

# A server in a file of its own, for suites about messages that name a file and a line. Use it after TestTLS.
#
# "--- server" is the inside of a server with `tls on`, from the fourth line of html/site.conf on. In it $CERTS and $HTML
# are folders; $PORT and $PORT2 ports.
package SiteFile;

use strict;
use warnings;

use TestTLS;

add_block_preprocessor(sub {
    my ($block) = @_;
    my $server = $block->server // return;
    my $site = ">>> site.conf\nserver {\n    listen 127.0.0.1:\$PORT;\n    tls on;\n$server}\n";
    $site =~ s/\$CERTS\b/$ENV{TEST_NGINX_CERTS}/g;
    $site =~ s/\$HTML\b/$ENV{TEST_NGINX_SERVROOT}\/html/g;
    $site =~ s/\$(PORT2?)\b/$ENV{"TEST_NGINX_TLS_$1"}/g;
    $block->set_value(user_files => $site . ($block->user_files // ''));
    $block->set_value(http_config => ($block->http_config // '') . 'include $TEST_NGINX_SERVROOT/html/site.conf;');
});

1;

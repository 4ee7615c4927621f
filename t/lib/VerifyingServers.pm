# NamedServers that also say who the client is, and why it was refused: for suites about client certificates. Use it
# after TestTLS, instead of NamedServers.
#
# Each server of "--- servers" answers to /who with "NAME REUSED VERIFY", REUSED "r" or "." and VERIFY as
# $tls_client_verify has it, and to whoever it refuses with 495 or 496 with "NAME 495 REUSED VERIFY".
package VerifyingServers;

use strict;
use warnings;

use TestTLS;
use NamedServers;

my $answer = '$tls_session_reused $tls_client_verify\n';
my $pages = qq(\$TEST_NGINX_H2_ON location = /who { return 200 "\$server_name $answer"; });
for my $code (495, 496) {
    $pages .= qq( error_page $code =200 /refused$code;);
    $pages .= qq( location = /refused$code { internal; return 200 "\$server_name $code $answer"; });
}

# What was added last is run first: before NamedServers' own, which makes the servers.
add_block_preprocessor(sub {
    my ($block) = @_;
    my $servers = $block->servers // return;
    $servers =~ s/^(?!http )(\S.*)$/$1 $pages/mg;
    $block->set_value(servers => $servers);
});

1;

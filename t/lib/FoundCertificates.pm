# A server whose certificates are found by name: for suites about folders of them. Use it after TestTLS.
#
# "--- found" is the inside of the default server on 127.0.0.1:$PORT, "found.test", with `tls on`. In it and in
# http_config, user_files, out and error_log $F is a folder that is not there when nginx starts; a "run" fills it, with the
# functions of found_certificates.sh. PEM(NAME) there is the text of NAME's certificate and key in $CERTS.
package FoundCertificates;

use strict;
use warnings;

use TestTLS;

sub pem {
    my ($name) = @_;
    return join '', map {
        open my $file, '<', "$ENV{TEST_NGINX_CERTS}/$name.$_" or die "cannot read $name.$_: $!\n";
        local $/;
        <$file>;
    } qw(crt key);
}

add_block_preprocessor(sub {
    my ($block) = @_;
    my $found = $block->found;
    if (defined $found) {
        $block->set_value(http_config => <<"HTTP" . ($block->http_config // ''));
    server {
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT;
        server_name found.test;
        tls on;
$found
        location / { return 200 "\$server_name\\n"; }
        location = /reused { return 200 "\$tls_session_reused\\n"; }
        location = /end { return 200 "\$tls_server_not_after\\n"; }
        location = /fingerprint { return 200 "\$tls_server_fingerprint_sha256\\n"; }
        location = /type { return 200 "\$tls_server_key_type\\n"; }
    }
HTTP
    }
    for my $section (qw(http_config user_files out error_log emerg warn)) {
        my $text = $block->$section // next;
        $text =~ s/\$F\b/\$TEST_NGINX_SERVROOT\/found/g;
        $text =~ s/\bPEM\(([^)]+)\)/pem($1)/eg;
        $block->set_value($section => $text);
    }
    my $start = join '', map { ". '$ENV{T_LIB}/$_.sh'\n" } qw(two_servers named_servers sessions found_certificates);
    $block->set_value(run => $start . $block->run) if defined $block->run;
});

1;

package Batches;

# For TestTLS.pm: what this machine has for `tls_batch`.

use strict;
use warnings;

use Exporter qw(import);
use File::Temp qw(tempdir);

our @EXPORT_OK = qw(takes_batches);

# Whether this machine has what `tls_batch on` wants.
my $batches;

sub takes_batches {
    my ($nginx) = @_;
    return $batches if defined $batches;
    my $folder = tempdir(CLEANUP => 1);
    my $certificate = "$ENV{CERTS}/localhost";
    open my $conf, '>', "$folder/nginx.conf" or die "cannot write $folder/nginx.conf: $!\n";
    print $conf map { "load_module $_;\n" } split ' ', $ENV{TEST_NGINX_LOAD_MODULES} // '';
    print $conf "pid pid; events {} http { access_log off;\n";
    print $conf map { "${_}_temp_path $_;\n" } qw(client_body proxy fastcgi uwsgi scgi);
    print $conf "server { listen unix:$folder/listen; tls on; tls_batch on;"
        . " tls_certificate $certificate.crt; tls_certificate_key $certificate.key; } }\n";
    close $conf;
    my $said = `$nginx -t -e stderr -p $folder/ -c nginx.conf 2>&1`;
    die $said if $? && $said !~ /"tls_batch" cannot be "on"/;
    return $batches = $? == 0;
}

1;

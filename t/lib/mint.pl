#!/usr/bin/perl
# Makes certificates, signed by the CA that clients trust, for suites about certificates that come and go:
#
#     mint.pl CERTS FOLDER LABEL[:OPTION=VALUE...]...
#
# Each becomes FOLDER/LABEL.crt, LABEL.key and LABEL.pem, which has both. LABEL is the subject, by which the suites
# tell one from another. Options:
#     key     ec (a new P-256 key), rsa or ed25519 (those in CERTS), or the path of a key
#     names   host names with commas; the names that the suites use when not said
#     from    when it begins, in seconds from now (-3600)
#     to      when it ends (30 days from now)
use strict;
use warnings;

use IO::Socket::SSL::Utils;

my ($certs, $folder, @wanted) = @ARGV;
# curl takes no wildcard for a top-level domain.
my $names = join ',', map { "$_.test" } qw(a b c one two three four old new any found), map { "*.$_" } qw(w a.w);
my @ca = (PEM_file2cert("$certs/ca.crt"), PEM_file2key("$certs/ca.key"));

sub write_file {
    my ($path, $text) = @_;
    open my $file, '>', $path or die "cannot write $path: $!\n";
    print $file $text;
    close $file or die "cannot write $path: $!\n";
}

for my $one (@wanted) {
    my ($label, @options) = split /:/, $one;
    my %option = (key => 'ec', from => -3600, to => 30 * 86400, names => $names,
        map { split /=/, $_, 2 } @options);
    my $key =
          $option{key} eq 'ec' ? KEY_create_ec('prime256v1')
        : $option{key} =~ m{/} ? PEM_file2key($option{key})
        :                        PEM_file2key("$certs/$option{key}.key");
    my ($certificate) = CERT_create(
        subject => { commonName => $label },
        subjectAltNames => [ map { [ DNS => $_ ] } split /,/, $option{names} ],
        not_before => time + $option{from},
        not_after => time + $option{to},
        key => $key,
        issuer => \@ca,
        purpose => 'server',
        digest => 'sha256',
    );
    write_file("$folder/$label.crt", PEM_cert2string($certificate));
    write_file("$folder/$label.key", PEM_key2string($key));
    write_file("$folder/$label.pem", PEM_cert2string($certificate) . PEM_key2string($key));
}

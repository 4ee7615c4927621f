#!/usr/bin/perl
# The fingerprints of a ClientHello, computed once more, from what a client says that it sent.
#
#     openssl s_client -msg … | fingerprints.pl
#     curl --trace - …        | fingerprints.pl
#
# Prints a line for each as the suites' pages do: "ja3=[…]". Only the first hello is looked at.
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256_hex);

# The hex under the line that announces a ClientHello: four spaces and 16 bytes by openssl, an offset before and text
# behind them by curl.
sub hello_in_trace {
    my $hex = '';
    while (my $line = <STDIN>) {
        next unless $line =~ /ClientHello|Client hello \(1\)/;
        while ($line = <STDIN>) {
            if ($line =~ /^(?:\s{4}|[0-9a-f]{4}: )((?:[0-9a-f]{2} ?){1,16})/) {
                ($line = $1) =~ s/\s//g;
                $hex .= $line;
            } elsif ($hex ne '') {
                last;
            }
        }
        last;
    }
    die "fingerprints.pl: no ClientHello on stdin\n" if $hex !~ /^01/;
    return pack 'H*', $hex;
}

sub without_grease { return grep { sprintf('%04x', $_) !~ /^(.a)\1$/ } @_ }

my (undef, undef, $body) = unpack 'C C n/a', hello_in_trace();
my ($version, undef, undef, $suites, undef, $block) = unpack 'n a32 C/a n/a C/a n/a', $body;
my (@types, %extension);
my @fields = unpack '(n n/a)*', $block // '';
while (my ($type, $content) = splice @fields, 0, 2) {
    push @types, $type;
    $extension{$type} = $content;
}
sub list { return exists $extension{ $_[0] } ? without_grease(unpack $_[1], $extension{ $_[0] }) : () }
my @suites = without_grease(unpack 'n*', $suites);
@types = without_grease(@types);
my @signatures = list(13, 'x2 n*');
my @versions = sort { $b <=> $a } list(43, 'x n*');
my ($protocol) = exists $extension{16} ? unpack 'x2 C/a', $extension{16} : '';

my $ja3 = join ',', $version, map { join '-', @$_ } \@suites, \@types, [ list(10, 'x2 n*') ], [ unpack 'C/(C)', $extension{11} // "\0" ];

# Clients in these suites speak TLS 1.0 to 1.3 and protocols of letters and digits.
my $start = sprintf 't1%d%s%02d%02d%s', (@versions ? $versions[0] : $version) - 0x0301, exists $extension{0} ? 'd' : 'i',
    scalar @suites, scalar @types, $protocol eq '' ? '00' : $protocol =~ s/^(.).*(.)$/$1$2/r;

sub hex_list { return join ',', map { sprintf '%04x', $_ } @_ }

sub parts {
    my ($ciphers, $types) = @_;
    return (hex_list(@$ciphers), hex_list(@$types) . (@signatures ? '_' . hex_list(@signatures) : ''));
}
my @sorted = parts([ sort { $a <=> $b } @suites ], [ sort { $a <=> $b } grep { $_ != 0 && $_ != 16 } @types ]);
my @original = parts(\@suites, \@types);

print map { "$_\n" } "ja3=[$ja3]", 'ja3_hash=[' . md5_hex($ja3) . ']',
    'ja4=[' . join('_', $start, map { substr sha256_hex($_), 0, 12 } @sorted) . ']',
    'ja4_r=[' . join('_', $start, @sorted) . ']',
    'ja4_o=[' . join('_', $start, map { substr sha256_hex($_), 0, 12 } @original) . ']',
    'ja4_ro=[' . join('_', $start, @original) . ']';

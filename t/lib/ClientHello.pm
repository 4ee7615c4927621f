package ClientHello;

# Builds a ClientHello (RFC 8446 section 4.1.2), good or broken in a chosen way. Used by raw.pl, whose options these
# names are.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT_OK = qw(make_hello @hello_options);

our @hello_options = (
    'sni=s',            # the server name
    'sni-body=s',       # HEX: the whole body of server_name instead
    'names=s',          # A,B: several names in one server_name
    'legacy=s',         # HEX: legacy_version (0303)
    'versions=s',       # HEX,HEX: supported_versions (0304,0303); "none" leaves it out
    'suites=s',         # HEX,HEX: cipher suites
    'groups=s',         # HEX,HEX: supported_groups (001d,0017)
    'shares=s',         # HEX,HEX: of which groups key_share has a key (001d); "none" leaves it out
    'sigalgs=s',        # HEX,HEX: signature_algorithms
    'alpn=s',           # A,B
    'session-id=s',     # HEX
    'compression=s',    # HEX: compression methods (00)
    'ext=s@',           # TYPE=HEX: one more extension, at the end; TYPE is a decimal number
    'without=i@',       # TYPE: leaves this extension out
    'twice=i@',         # TYPE: this extension comes again at the end
    'no-extensions',    # not even their length
    'trailing=s',       # HEX: behind the extensions, within the message
    'extensions-off=i', # added to the length of the extensions
    'length-off=i',     # added to the length of the message
    'type=i',           # the handshake message's type (1)
    'size=i',           # a padding extension makes the message, header included, this long
    'body=s',           # HEX: the message's body instead of all the above
);

my $default_suites = '1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,009c,009d,002f';
my $default_sigalgs = '0403,0503,0807,0804,0805,0806,0401,0501,0601';

# A key that every implementation accepts: any 32 bytes of X25519, the base point of P-256.
my %share = (
    '001d' => '0f' x 32,
    '0017' => '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'
        . '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
);

sub hex_list { return map { pack 'H*', $_ } split /,/, $_[0] }

sub code_points { return pack 'n/a', join '', hex_list($_[0]) }

sub server_name {
    my ($option) = @_;
    return pack 'H*', $option->{'sni-body'} if defined $option->{'sni-body'};
    my @names = defined $option->{names} ? split /,/, $option->{names}, -1 : $option->{sni};
    return pack 'n/a', join '', map { pack 'C n/a', 0, $_ } @names;
}

sub key_share {
    my ($groups) = @_;
    my @entries = map { pack 'H4 n/a', $_, pack 'H*', $share{$_} // '00' x 32 } split /,/, $groups;
    return pack 'n/a', join '', @entries;
}

# Pairs of type and body, in the order in which they are sent.
sub extensions {
    my ($option) = @_;
    my @list;
    push @list, [ 0, server_name($option) ]
        if defined $option->{sni} || defined $option->{names} || defined $option->{'sni-body'};
    push @list, [ 10, code_points($option->{groups} // '001d,0017') ];
    push @list, [ 11, "\x01\x00" ];
    push @list, [ 13, code_points($option->{sigalgs} // $default_sigalgs) ];
    push @list, [ 16, pack 'n/a', join '', map { pack 'C/a', $_ } split /,/, $option->{alpn}, -1 ]
        if defined $option->{alpn};
    push @list, [ 23, '' ];
    my $versions = $option->{versions} // '0304,0303';
    push @list, [ 43, pack 'C/a', join '', hex_list($versions) ] if $versions ne 'none';
    my $shares = $option->{shares} // '001d';
    push @list, [ 51, key_share($shares) ] if $shares ne 'none' && $versions ne 'none';
    my %left_out = map { $_ => 1 } @{ $option->{without} // [] };
    @list = grep { !$left_out{ $_->[0] } } @list;
    for my $extension (@{ $option->{ext} // [] }) {
        my ($type, $body) = split /=/, $extension;
        push @list, [ $type, pack 'H*', $body // '' ];
    }
    for my $type (@{ $option->{twice} // [] }) {
        push @list, grep { $_->[0] == $type } @list;
    }
    return @list;
}

# The handshake message, its header included. `option` is a hash of what @hello_options names.
sub make_hello {
    my ($option) = @_;
    my $body;
    if (defined $option->{body}) {
        $body = pack 'H*', $option->{body};
    } else {
        $body = pack 'H4', $option->{legacy} // '0303';
        $body .= join '', map { chr } 1 .. 32;
        $body .= pack 'C/a', pack 'H*', $option->{'session-id'} // '5e' x 32;
        $body .= code_points($option->{suites} // $default_suites);
        $body .= pack 'C/a', pack 'H*', $option->{compression} // '00';
        my $extensions = join '', map { pack 'n n/a', @$_ } extensions($option);
        my $trailing = pack 'H*', $option->{trailing} // '';
        if (defined $option->{size}) {
            my $rest = $option->{size} - 4 - length($body) - 2 - length($extensions) - 4 - length $trailing;
            die "--size is too small\n" if $rest < 0;
            $extensions .= pack 'n n/a', 21, "\0" x $rest;
        }
        unless ($option->{'no-extensions'}) {
            $body .= pack('n', length($extensions) + ($option->{'extensions-off'} // 0)) . $extensions;
        }
        $body .= $trailing;
    }
    my $length = length($body) + ($option->{'length-off'} // 0);
    return pack('C', $option->{type} // 1) . substr(pack('N', $length), 1) . $body;
}

1;

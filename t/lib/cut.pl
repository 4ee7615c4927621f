#!/usr/bin/perl
# A relay between a real TLS client and the server that sends the client's first flight in another shape.
#
#     cut.pl --listen UNIX-SOCKET (--port N [--host IP] | --unix PATH) [options]
#
#     --records N      the hello is put into records of N bytes each (default: as it came)
#     --pieces N       everything up to the end of the hello is written N bytes at a time, each piece its own segment
#     --prefix HEX     bytes before the hello, as a PROXY protocol header
#     --prefix-text T  the same as text, with \r and \n
#     --both           also what the client sends later is cut so
#
# Serves connections one after another until it is ended, two minutes at most. Changes no byte of a handshake message,
# so that the handshake succeeds.
use strict;
use warnings;

use Getopt::Long qw(GetOptions);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(sleep);

my %option = (host => '127.0.0.1');
GetOptions(\%option, 'listen=s', 'port=i', 'host=s', 'unix=s', 'records=i', 'pieces=i', 'prefix=s',
    'prefix-text=s', 'both') or die "cut.pl: wrong options\n";
$SIG{PIPE} = 'IGNORE';
alarm 120;

sub prefix {
    my $text = $option{'prefix-text'};
    return pack 'H*', $option{prefix} // '' unless defined $text;
    $text =~ s/\\r/\r/g;
    $text =~ s/\\n/\n/g;
    return $text;
}

sub read_exactly {
    my ($from, $size) = @_;
    my $bytes = '';
    while (length $bytes < $size) {
        sysread $from, $bytes, $size - length $bytes, length $bytes or return undef;
    }
    return $bytes;
}

# The records that hold the client's first message, put into records of the wanted size.
sub cut_records {
    my ($client) = @_;
    my ($message, $version) = ('', '');
    while (length $message < 4 || length $message < 4 + unpack 'N', "\0" . substr $message, 1, 3) {
        my $header = read_exactly($client, 5) // return undef;
        $version = substr $header, 1, 2;
        my $fragment = read_exactly($client, unpack 'x3n', $header) // return undef;
        return $header . $fragment if ord $header != 22;
        $message .= $fragment;
    }
    my $size = $option{records} || 16384;
    return join '', map { "\x16" . $version . pack 'n/a', $_ } unpack "(a$size)*", $message;
}

sub write_all {
    my ($to, $bytes) = @_;
    while (length $bytes) {
        my $count = syswrite $to, $bytes or return 0;
        substr $bytes, 0, $count, '';
    }
    return 1;
}

sub write_pieces {
    my ($to, $bytes) = @_;
    my $size = $option{pieces} or return write_all($to, $bytes);
    for my $piece (unpack "(a$size)*", $bytes) {
        write_all($to, $piece) or return 0;
        # Time for the server to take this piece before the next comes.
        sleep 0.001;
    }
    return 1;
}

sub relay {
    my ($client, $server) = @_;
    my $first = cut_records($client) // return;
    write_pieces($server, prefix() . $first) or return;
    my $select = IO::Select->new($client, $server);
    my %other = ($client => $server, $server => $client);
    while ($select->count == 2) {
        for my $from ($select->can_read) {
            my $count = sysread $from, my $bytes, 65536;
            return unless $count;
            my $write = $from == $client && $option{both} ? \&write_pieces : \&write_all;
            $write->($other{$from}, $bytes) or return;
        }
    }
}

# The name appears when connections are taken.
my $listen = IO::Socket::UNIX->new(Local => "$option{listen}.new", Listen => 16) or die "cannot listen: $!\n";
rename "$option{listen}.new", $option{listen} or die "cannot rename $option{listen}.new: $!\n";
while (my $client = $listen->accept) {
    my $server =
        defined $option{unix}
        ? IO::Socket::UNIX->new(Peer => $option{unix})
        : IO::Socket::INET->new(PeerAddr => $option{host}, PeerPort => $option{port});
    next unless $server;
    setsockopt $server, IPPROTO_TCP, TCP_NODELAY, 1 unless defined $option{unix};
    relay($client, $server);
}

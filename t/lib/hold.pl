#!/usr/bin/perl
# A relay between a TLS client and the server that keeps the client's second flight back: what the client sends after the
# first answer waits until a file has a text. So a server can be seen before the client's Finished comes.
#
#     hold.pl --listen UNIX-SOCKET --port N (--until FILE --has TEXT | --lose)
#
# Serves one connection, changes nothing, and says in FILE.held how many bytes it kept back. With --lose what it kept back
# is lost: to the server the client is gone, once it is.
use strict;
use warnings;

use Getopt::Long qw(GetOptions);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;

my %option;
GetOptions(\%option, 'listen=s', 'port=i', 'until=s', 'has=s', 'lose') or die "hold.pl: wrong options\n";
$SIG{PIPE} = 'IGNORE';
alarm 60;

my $listener = IO::Socket::UNIX->new(Local => "$option{listen}.new", Listen => 1) or die "hold.pl: $option{listen}: $!\n";
# The name appears when connections are taken.
rename "$option{listen}.new", $option{listen} or die "hold.pl: $option{listen}: $!\n";
my $client = $listener->accept or die "hold.pl: accept: $!\n";
my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $option{port}) or die "hold.pl: $!\n";

sub write_all {
    my ($socket, $bytes) = @_;
    while (length $bytes) {
        my $count = syswrite $socket, $bytes or return 0;
        substr $bytes, 0, $count, '';
    }
    return 1;
}

sub may_go_on {
    open my $file, '<:raw', $option{until} // return 0 or return 0;
    local $/;
    return index(<$file> // '', $option{has}) >= 0;
}

my ($answered, $held, $free) = (0, '', 0);
my $open = IO::Select->new($client, $server);
while ($open->count || length $held) {
    for my $from ($open->can_read(0.02)) {
        my $count = sysread $from, my $bytes, 16384;
        if (!$count) {
            exit if $option{lose};
            $open->remove($from);
            # The server learns of it once nothing is kept back.
            shutdown $client, 1 if $from == $server;
            shutdown $server, 1 if $from == $client && !length $held;
            next;
        }
        if ($from == $server) {
            $answered = 1;
            write_all($client, $bytes);
        } elsif ($answered && !$free) {
            $held .= $bytes;
        } else {
            write_all($server, $bytes);
        }
    }
    if (length $held && may_go_on()) {
        open my $said, '>', "$option{until}.held" or die "hold.pl: $option{until}.held: $!\n";
        print $said length $held, "\n";
        close $said;
        write_all($server, $held);
        ($held, $free) = ('', 1);
        shutdown $server, 1 unless $open->exists($client);
    }
}

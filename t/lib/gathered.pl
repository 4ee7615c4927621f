#!/usr/bin/perl
# Clients whose hellos reach the server together, and what becomes of each right after: every combination of three.
#
#     gathered.pl PORT NAME...
#
# A client waits for the server's answer, closes, resets, ends its sending, sends what is no record behind its hello,
# sends the rest of its hello later, or comes with its second hello, after a HelloRetryRequest, and then does one of the first
# three. Those that come together ask for different names. Each combination comes twice: with all hellos first, and with what becomes of a
# client right behind its own. Prints how many got a ServerHello or an alert of those who waited for it, and a HelloRetryRequest.
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

sub hello {
    my ($version, %option) = @_;
    return pack 'C H4 n/a*', 22, $version, make_hello(\%option);
}

# TLS 1.3 and 1.2, with a key share and without one.
my @wishes = map {
    my $way = $_;
    map { {sni => $_, %$way} } @names
} ({}, {versions => 'none', 'session-id' => ''}, {shares => 'none'}, {shares => '0017'});

my ($retries, $retried) = (0, 0);

# The first has a key share of no group that there is.
sub second_hello {
    my ($client, $name) = @_;
    my @same = (sni => $name, groups => '0a0a,001d');
    ++$retries;
    syswrite $client, hello('0301', @same, shares => '0a0a');
    sysread $client, my $bytes, 16384;
    # RFC 8446 section 4.1.3: its random says what it is.
    ++$retried if ($bytes // '') =~ /^\x16\x03\x03.{6}\x03\x03\xcf\x21\xad\x74/s;
    return hello('0303', @same, shares => '001d');
}

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
my @kinds = (sort(keys %ends), 'second');
my @second_ends = qw(wait close reset);

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
            my $wish = $wishes[ $next++ % @wishes ];
            my $hello = $kind eq 'second' ? second_hello($client, $wish->{sni}) : hello('0301', %$wish);
            $kind = $second_ends[ $retries % @second_ends ] if $kind eq 'second';
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
print $waited == $answered ? "all answered" : "$answered of $waited answered", ", ",
    $retries == $retried ? "all asked for another hello\n" : "$retried of $retries asked for another hello\n";

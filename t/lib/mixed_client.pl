#!/usr/bin/perl
# A client of mixed.t: COUNT connections one after another, with requests by chance. Says what was not as it should be.
#
#     mixed_client.pl ADDRESS FILE SEED COUNT
use strict;
use warnings;

use Client;

my ($where, $file, $seed, $count) = ($ARGV[0], slurp($ARGV[1]), @ARGV[2, 3]);
alarm 240;
srand $seed;
my $failed = 0;
for my $connection (1 .. $count) {
    my ($said) = one_connection();
    next unless $said;
    print "$where, seed $seed, connection $connection: $said\n";
    $failed = 1;
}
exit $failed;

sub any { return $_[rand @_] }

# {path, text, expected}, where `text` goes to the server.
sub request {
    my ($last) = @_;
    my $from = int rand length($file) - 1;
    # Small ones, those of about a record, and large ones.
    my $size = 1 + int rand any(100, 20000, length $file);
    my $part = substr $file, $from, $size;
    my $way = any(qw(small file portions copied upstream through chunked body));
    my ($method, $query, $headers, $body, $expected) = ('GET', '', '', '', $part);
    if ($way eq 'small') {
        $expected = 'small';
    } elsif ($way =~ /^(file|portions|copied)$/) {
        $headers = "Range: bytes=$from-" . ($from + length($part) - 1) . "\r\n";
    } else {
        $query = '?seed=' . int(rand 1e6) . "&from=$from&size=$size";
        if ($way eq 'chunked') {
            ($way, $query) = (any(qw(upstream through)), "$query&chunked=1");
        } elsif ($way eq 'body') {
            ($method, $body, $headers) = ('POST', $part, 'Content-Length: ' . length($part) . "\r\n");
        }
    }
    $headers .= "Connection: close\r\n" if $last;
    return {path => "$method /$way$query, $size bytes", text => "$method /$way$query HTTP/1.1\r\nHost: localhost\r\n$headers\r\n$body",
        expected => $expected, ahead => $method eq 'GET'};
}

# What was wrong; nothing where all was well.
sub one_connection {
    my $ends = rand(3) < 2;
    my $requests = 1 + int rand 8;
    my @requests = map { request($ends && $_ == $requests) } 1 .. $requests;
    my $socket = tls($where, version => any(qw(TLSv1_2 TLSv1_3)), rcvbuf => any(0, 0, 2048, 8192));
    my @told;
    while (@requests) {
        my @now = shift @requests;
        push @now, shift @requests while @requests && $now[-1]{ahead} && $requests[0]{ahead} && rand(2) < 1;
        send_all($socket, join '', map { $_->{text} } @now) or return "cannot be written to, behind @told";
        for my $request (@now) {
            push @told, "[$request->{path}]";
            my $response = response($socket, step => any(100, 5000, 16384, 16384, 100000)) or return "no answer to the last of @told";
            return "status $response->{status}: @told" unless $response->{status} =~ /^20[06]$/;
            return 'the last of these has ' . length($response->{body}) . ' bytes' . ($response->{whole} ? ' and others' : '') . ": @told"
                unless $response->{whole} && $response->{body} eq $request->{expected};
        }
    }
    return unless $ends;
    my $end = ending($socket);
    my $rest = length end_of($socket);
    return "ends with $end and $rest bytes: @told" unless $end eq 'close_notify' && $rest == 0;
    return;
}

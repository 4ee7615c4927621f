#!/usr/bin/perl
# The upstream of mixed.t: answers with a part of FILE, or with the body that it was sent, in pieces by chance.
#
#     mixed_upstream.pl UNIX-SOCKET FILE
#
# GET …?from=N&size=N&seed=N, with &chunked=1 without a length; POST …?seed=N.
use strict;
use warnings;

use Client;

my ($path, $file) = (shift, slurp(shift));
alarm 240;
upstream($path, \&answer, fork => 1);

sub answer {
    my ($client, $head, $buffer) = @_;
    my %asked = $head =~ /[?&](\w+)=(\d+)/g;
    srand $asked{seed};
    my $body;
    if (my ($size) = $head =~ /^Content-Length: (\d+)/mi) {
        while (length $buffer < $size) { sysread $client, $buffer, 1 + int rand 50000, length $buffer or return }
        $body = $buffer;
    } else {
        $body = substr $file, $asked{from}, $asked{size};
    }
    my $length = $asked{chunked} ? 'Transfer-Encoding: chunked' : 'Content-Length: ' . length $body;
    my $answer = "HTTP/1.1 200 OK\r\n$length\r\nConnection: close\r\n\r\n";
    my @pieces;
    for (my $at = 0; $at < length $body; $at += length $pieces[-1]) { push @pieces, substr $body, $at, 1 + rand(rand(2) < 1 ? 100 : 60000) }
    for my $piece (@pieces) {
        send_all($client, $answer . ($asked{chunked} ? sprintf("%x\r\n%s\r\n", length $piece, $piece) : $piece)) or return;
        $answer = '';
        # Now and then nginx has time to send what it got.
        select undef, undef, undef, rand 0.003 if rand(4) < 1;
    }
    send_all($client, $answer . ($asked{chunked} ? "0\r\n\r\n" : ''));
}

#!/usr/bin/perl
# Words that do not belong into the project's files. Called from the checkout's top with the files to look at.

use strict;
use warnings;

# Each with the files it is about. Written so that this file does not say them itself.
my @rules = (
    [qr{\b(?:TO[D]O|FIX[M]E|XX[X])\b}, qr{.}, 'file an issue, or do it'],
    [qr{(?:deb|snapshot|security|ftp)[.]debian[.]org}, qr{.}, "the machine's own apt sources say where packages are"],
    [qr{/[w]ork/}, qr{.}, 'a path of one machine'],
    # Waiting for a time is either too short or too long: wait for what is to happen.
    [qr{\b(?:u|nano)?sleep\b}, qr{^t/[^/]+\.t$}, 'wait for what is to happen'],
    [qr{\b(?:pkill|killall)\b}, qr{\.(?:t|pm|sh|pl)$}, 'end what was started by its pid'],
);

my $broken = 0;
for my $file (@ARGV) {
    next if $file eq 't/lint/words.pl';
    my @about = grep { $file =~ $_->[1] } @rules;
    open my $text, '<', $file or die "$file: $!\n";
    while (my $line = <$text>) {
        for my $rule (@about) {
            next unless $line =~ /($rule->[0])/;
            print "$file:$.: \"$1\": $rule->[2]\n";
            $broken = 1;
        }
    }
}

exit $broken;

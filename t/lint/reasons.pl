#!/usr/bin/perl
# The vocabulary of reasons: each word has its row in README.md, and stands in what some suite expects of a log.
# Called from the checkout's top.

use strict;
use warnings;

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    return <$file>;
}

my $source = slurp('src/base/reason.cpp') =~ s/\n\}\n.*//sr;
my @words = $source =~ /case Reason::\w+:\s+return "(\w+)";/g or die "src/base/reason.cpp: no words\n";
my $readme = slurp('README.md');
# The sections of suites that say what must come out.
my $expected = join '', map { slurp($_) =~ /^--- (?:out|error_log|out_like)\b(.*?)(?=^---|^===|\z)/gms } glob 't/*.t';

my $broken = 0;
for my $word (@words) {
    if ($readme !~ /^\| `$word` \|/m) {
        print "src/base/reason.cpp: \"$word\" has no row in README.md\n";
        $broken = 1;
    }
    if ($expected !~ /\b$word\b/) {
        print "src/base/reason.cpp: no suite reaches \"$word\"\n";
        $broken = 1;
    }
}

exit $broken;

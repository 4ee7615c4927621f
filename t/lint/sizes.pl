#!/usr/bin/perl
# Files of at most 400 lines, functions of at most 80; exceptions.txt has those that have a reason. Called from the
# checkout's top with the files to look at. The style puts a function's last brace, and no other, into column 0.

use strict;
use warnings;

my ($file_lines, $function_lines) = (400, 80);

my %excused;
open my $exceptions, '<', 't/lint/exceptions.txt' or die "t/lint/exceptions.txt: $!\n";
while (<$exceptions>) {
    next if /^\s*(#|$)/;
    my ($kind, $what, $reason) = split ' ', $_, 3;
    die "t/lint/exceptions.txt:$.: \"$kind $what\" needs a reason\n" unless $reason;
    $excused{"$kind $what"} = 0;
}

my $broken = 0;

sub too_long {
    my ($kind, $what, $place, $lines) = @_;
    if (exists $excused{"$kind $what"}) {
        $excused{"$kind $what"} = 1;
        return;
    }
    print "$place: $kind of $lines lines ($what)\n";
    $broken = 1;
}

for my $file (@ARGV) {
    open my $source, '<', $file or die "$file: $!\n";
    my ($begin, $name) = (0, '');
    my $cpp = $file =~ /\.(?:cpp|h)$/;
    while (my $line = <$source>) {
        next unless $cpp;
        if ($line =~ /^[^\s#\/}].*\{$/ && $line !~ /^(?:namespace|extern "C" \{|struct|class|enum|union)\b|=\s*\{$/) {
            $begin = $.;
            ($name) = $line =~ /([\w:~]+)\s*\(/;
            $name //= "line $begin";
        } elsif ($begin && $line =~ /^\}/) {
            my $lines = $. - $begin + 1;
            too_long('function', "$file:$name", "$file:$begin", $lines) if $lines > $function_lines;
            $begin = 0;
        }
    }
    too_long('file', $file, $file, $.) if $. > $file_lines;
}

for my $exception (sort grep { !$excused{$_} } keys %excused) {
    print "t/lint/exceptions.txt: \"$exception\" is not needed any more\n";
    $broken = 1;
}

exit $broken;

#!/usr/bin/perl
# README.md against the code: every directive and every variable of ngx_module/ is in it, and it names no others.
# Called from the checkout's top.

use strict;
use warnings;

# A name is a whole string literal: the tables of directives and variables have them.
my %in_code;
for my $file (glob 'ngx_module/*.cpp ngx_module/*.h') {
    open my $source, '<', $file or die "$file: $!\n";
    while (<$source>) {
        s{^\s*//.*}{};
        $in_code{$1} //= "$file:$." while /"(tls|tls_[a-z0-9_]+)"/g;
    }
}

my %in_readme;
open my $readme, '<', 'README.md' or do {
    print "README.md: $!\n";
    exit 1;
};
while (<$readme>) {
    $in_readme{$1} //= "README.md:$." while /(?<![\w])(tls(?:_[a-z0-9]+)*)(?![\w*])/g;
}

my $broken = 0;
for my $name (sort keys %in_code) {
    next if exists $in_readme{$name};
    print "$in_code{$name}: \"$name\" is not in README.md\n";
    $broken = 1;
}
for my $name (sort keys %in_readme) {
    next if $name eq 'tls' || exists $in_code{$name};
    print "$in_readme{$name}: \"$name\" is neither a directive nor a variable\n";
    $broken = 1;
}

exit $broken;

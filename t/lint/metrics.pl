#!/usr/bin/perl
# The names of metrics: README.md has each that the code has, and the README and the dashboard name no others.
# Called from the checkout's top.

use strict;
use warnings;

use JSON::PP;

my %in_code;
for my $file (glob 'src/stats/*.h src/stats/*.cpp') {
    open my $source, '<', $file or die "$file: $!\n";
    while (<$source>) {
        $in_code{$1} //= "$file:$." while /"(nginx_tls_[a-z0-9_]+)"/g;
    }
}

my $broken = 0;

# A histogram's own series have an ending behind its name.
sub check {
    my ($place, $name, $seen) = @_;
    $name =~ s/_(?:bucket|sum|count)\z// unless exists $in_code{$name};
    $seen->{$name} = 1;
    return if exists $in_code{$name};
    print "$place: \"$name\" is no metric\n";
    $broken = 1;
}

my %in_readme;
open my $readme, '<', 'README.md' or die "README.md: $!\n";
while (<$readme>) {
    check("README.md:$.", $1, \%in_readme) while /\b(nginx_tls_[a-z0-9_]+)/g;
}
for my $name (sort keys %in_code) {
    next if $in_readme{$name};
    print "$in_code{$name}: \"$name\" is not in README.md\n";
    $broken = 1;
}

for my $file (glob 'dashboards/*.json') {
    open my $json, '<', $file or die "$file: $!\n";
    my $text = do { local $/; <$json> };
    my $dashboard = eval { decode_json($text) };
    if (!$dashboard) {
        print "$file: $@";
        $broken = 1;
        next;
    }
    my (%seen, %id);
    for my $panel (@{ $dashboard->{panels} }) {
        if ($id{ $panel->{id} }++) {
            print "$file: two panels have the id $panel->{id}\n";
            $broken = 1;
        }
        for my $target (@{ $panel->{targets} }) {
            check("$file, \"$panel->{title}\"", $1, \%seen) while $target->{expr} =~ /\b(nginx_tls_[a-z0-9_]+)/g;
        }
    }
    check($file, $1, \%seen) while $text =~ /\b(nginx_tls_[a-z0-9_]+)/g;
    for my $name (sort keys %in_code) {
        next if $seen{$name} || $name =~ /since/;
        print "$file: \"$name\" has no panel\n";
        $broken = 1;
    }
}

exit $broken;

#!/usr/bin/perl
# The house's rules for includes: rooms and ranks (layers.txt), no nginx header under src/, and an SSL only where
# the engine lives. Called from the checkout's top; prints what breaks a rule.

use strict;
use warnings;

my %rank;
open my $layers, '<', 't/lint/layers.txt' or die "t/lint/layers.txt: $!\n";
while (<$layers>) {
    $rank{$1} = $2 if /^(\w+)\s+(\d+)/;
}

# Who may hold an SSL, or call what begins with SSL_.
my %engine = map { $_ => 1 } qw(server keys);

my $broken = 0;

sub complain {
    my ($place, $message) = @_;
    print "$place: $message\n";
    $broken = 1;
}

for my $file (sort glob 'src/*/*.cpp src/*/*.h ngx_module/*.cpp ngx_module/*.h') {
    my ($room) = $file =~ m{^(?:src/)?([^/]+)/};
    complain($file, "the room \"$room\" has no rank in t/lint/layers.txt") unless exists $rank{$room};
    open my $source, '<', $file or die "$file: $!\n";
    while (<$source>) {
        my $place = "$file:$.";
        if (/^\s*#\s*include\s*[<"]([^>"]+)[>"]/) {
            my $header = $1;
            complain($place, "nginx's header $header under src/") if $file =~ /^src/ && $header =~ m{(?:^|/)ngx_};
            complain($place, "a path with .. in it") if $header =~ /\.\./;
            if ($header =~ m{^([a-z_]+)/[a-z0-9_]+\.h$} && exists $rank{$1} && $1 ne $room) {
                complain($place, "$room (rank $rank{$room}) includes $header (rank $rank{$1})")
                    if $rank{$1} >= ($rank{$room} // -1);
            }
            next;
        }
        next if $file !~ /^src/ || $engine{$room};
        s{"(?:[^"\\]|\\.)*"}{""}g;
        s{//.*}{};
        complain($place, "$1 outside of server and keys") if /\b(SSL|SSL_\w+)\b/;
    }
}

exit $broken;

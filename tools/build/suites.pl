#!/usr/bin/perl
# Runs Test::Nginx suites side by side and writes "PASSED FAILED SKIPPED" to WORK/counts.
#
# prove cannot do it: each suite needs a port and a server folder of its own, and Test::Nginx's own way to get
# them (TEST_NGINX_RANDOMIZE) removes the folder, error log and all, when a suite has failed.

use strict;
use warnings;

use Fcntl qw(:flock O_CREAT O_RDWR);
use File::Basename qw(basename);
use File::Path qw(make_path remove_tree);
use File::Spec;
use Getopt::Long qw(GetOptions);
use IO::Socket::INET;
use TAP::Harness;

# A suite that hangs is ended; the slowest takes a fraction of it.
my $suite_seconds = $ENV{TEST_NGINX_TLS_SUITE_SECONDS} || 600;

my ($jobs, $work, @lib) = (1);
GetOptions('jobs=i' => \$jobs, 'work=s' => \$work, 'lib=s' => \@lib) && defined $work
    or die "usage: suites.pl [--jobs N] --work DIR [--lib DIR] FILE.t ...\n";

# Test::Nginx takes its random ports in blocks of four under these locks: the same locks keep two suites, and two
# runs on one machine, apart. They are held until this program ends.
my $lock_dir = File::Spec->catdir(File::Spec->tmpdir, "test-nginx-port-locks-$<");
my @locks;

sub free_port {
    make_path($lock_dir);
    for (1 .. 1000) {
        my $port = 1988 + 4 * int rand 7000;
        sysopen my $lock, "$lock_dir/port-$port.lock", O_CREAT | O_RDWR, 0600 or next;
        flock $lock, LOCK_EX | LOCK_NB or next;
        my @taken = grep { !IO::Socket::INET->new(LocalAddr => '0.0.0.0', LocalPort => $_, Listen => 1) }
            $port .. $port + 3;
        next if @taken;
        push @locks, $lock;
        return $port;
    }
    die "no free port for a suite\n";
}

sub servroot { return "$work/servroot/" . basename($_[0], '.t') }

# A suite that was killed leaves its server. The pid is ours if its command names our folder.
sub end_server {
    my ($file) = @_;
    my $servroot = servroot($file);
    open my $pid_file, '<', "$servroot/logs/nginx.pid" or return;
    chomp(my $pid = <$pid_file> // '');
    open my $command, '<', "/proc/$pid/cmdline" or return;
    kill TERM => $pid if index(<$command> // '', "$servroot/") >= 0;
}

my %port;
for my $file (@ARGV) {
    $port{$file} = free_port();
    make_path("$work/servroot");
    remove_tree(servroot($file));
}

# One suite that bails out ends itself; TAP::Harness would end all others with it. It has no plan then and so fails.
package Harness {
    our @ISA = ('TAP::Harness');
    sub _bailout { }
}

my $harness = Harness->new({
    jobs => $jobs,
    timer => 1,
    color => 0,
    exec => sub {
        my (undef, $file) = @_;
        return [
            'env', 'TEST_NGINX_SERVROOT=' . servroot($file), "TEST_NGINX_PORT=$port{$file}",
            'timeout', $suite_seconds, $^X, (map { "-I$_" } @lib), $file
        ];
    },
});

# Ctrl-C too must leave no server behind.
my $parent = $$;
$SIG{$_} = sub { exit 130 }
    for qw(INT TERM);
END { $$ == $parent and end_server($_) for @ARGV }

my $result = $harness->runtests(@ARGV);

my ($passed, $failed, $skipped) = (scalar $result->passed, scalar $result->failed, scalar $result->skipped);
$passed -= $skipped;
for my $parser ($result->parsers(@ARGV)) {
    if ($parser->has_problems) {
        # A bad plan, a crash, a time-out: no single test failed, the suite did.
        $failed++ unless $parser->failed;
    } elsif (defined $parser->skip_all) {
        $skipped++;
    }
}

open my $counts, '>', "$work/counts" or die "cannot write $work/counts: $!\n";
print $counts "$passed $failed $skipped\n";
close $counts;

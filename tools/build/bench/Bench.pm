package Bench;

# What the parts of the bench share: cores, ports, medians, progress, tables, JSON, and runs of the load client.

use strict;
use warnings;

use Exporter 'import';
use IO::Socket::INET;
use JSON::PP;
use POSIX ();
use Time::HiRes qw(time sleep);

our @EXPORT_OK = qw(
    say_now fail core_for placed free_port median most difference load load_in_background finish_load
    table write_json machine shown now pause warn_when_busy version_of
);

$| = 1;

sub say_now { print STDERR '== ', @_, "\n" }
sub fail    { die 'bench: ', @_, "\n" }
sub now     { return time }
sub pause   { sleep $_[0] }

# The server has the first core for itself and the client the second, where there are two.
chomp(my $cores = `nproc` // 1);

sub core_for {
    my ($who) = @_;
    return $who eq 'server' || $cores < 2 ? 0 : 1;
}

# The command on that core only, if one is given; with `batch`, so that no process takes it from another by waking up.
sub placed {
    my ($core, $batch, @command) = @_;
    unshift @command, 'chrt', '--batch', '0' if $batch;
    unshift @command, 'taskset', '-c', $core if defined $core;
    return @command;
}

sub free_port {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1)
        or fail("no free port: $!");
    return $socket->sockport;
}

sub median {
    my @sorted = sort { $a <=> $b } grep { defined } @_ or return undef;
    my $middle = @sorted / 2;
    return @sorted % 2 ? $sorted[$middle] : ($sorted[$middle - 1] + $sorted[$middle]) / 2;
}

sub most {
    my ($most) = sort { $b <=> $a } @_;
    return $most;
}

sub difference {
    my ($one, $other) = @_;
    return defined $one && defined $other ? $one - $other : undef;
}

# Starts the load client against a port: { pid, out, command }. The first of the options may be { core, batch }: where
# it runs, if not on a core of its own.
sub load_in_background {
    my ($bin, $port, @options) = @_;
    my $place = ref $options[0] ? shift @options : {};
    my @command = ("$bin/load", '--address', "127.0.0.1:$port", '--json', @options);
    my @placed = placed($place->{core} // core_for('client'), $place->{batch}, @command);
    my $pid = open(my $out, '-|') // fail("fork: $!");
    if (!$pid) {
        exec { $placed[0] } @placed or POSIX::_exit(127);
    }
    return { pid => $pid, out => $out, command => "@command" };
}

# What it found, or undef when it says nothing (then it said why on stderr). Failed connections are in {failed}.
sub finish_load {
    my ($run) = @_;
    my $out = $run->{out};
    my $text = do { local $/; <$out> };
    close $out;
    return undef unless defined $text && $text =~ /^\{/;
    return decode_json($text);
}

# A run that must succeed whole.
sub load {
    my ($bin, $port, @options) = @_;
    my $run = load_in_background($bin, $port, @options);
    my $found = finish_load($run) or fail("failed: $run->{command}");
    if ($found->{failed}) {
        my $why = join ', ', map {"$_ ($found->{failures}{$_})"} sort keys %{$found->{failures}};
        fail("$found->{failed} of $found->{connections} connections failed: $why\n$run->{command}");
    }
    return $found;
}

# A value with its number of decimals; "-" when it was not measured.
sub shown {
    my ($value, $decimals) = @_;
    return defined $value ? sprintf "%.${decimals}f", $value : '-';
}

# Rows of cells under a head, the first column to the left and the others to the right.
sub table {
    my ($head, @rows) = @_;
    my @width;
    for my $row ($head, @rows) {
        for my $i (0 .. $#$row) {
            $width[$i] = most($width[$i] // 0, length $row->[$i]);
        }
    }
    my $text = '';
    for my $row ($head, @rows) {
        my @cells = map { $_ == 0 ? sprintf('%-*s', $width[0], $row->[0]) : sprintf('%*s', $width[$_], $row->[$_]) }
            0 .. $#$row;
        $text .= join('  ', @cells) . "\n";
    }
    return $text;
}

sub write_json {
    my ($path, $value) = @_;
    open my $file, '>', "$path.new" or fail("$path.new: $!");
    print $file JSON::PP->new->canonical->pretty->encode($value);
    close $file or fail("$path.new: $!");
    rename "$path.new", $path or fail("$path: $!");
}

# Others' work on the machine makes all figures worse, and not in equal parts.
sub warn_when_busy {
    my $load = machine()->{load} // 0;
    say_now("this machine is busy (load $load): the figures will be noisy") if $load > 0.7;
}

# What the figures belong to.
sub machine {
    my ($model) = map { /^model name\s*:\s*(.*)/ ? $1 : () } slurp('/proc/cpuinfo');
    my ($load) = map { /^(\S+)/ ? $1 : () } slurp('/proc/loadavg');
    my ($system) = map { /^PRETTY_NAME="?([^"\n]*)/ ? $1 : () } slurp('/etc/os-release');
    return {
        cpu       => $model  // 'unknown',
        cores     => $cores + 0,
        system    => $system // 'unknown',
        kernel    => (POSIX::uname())[2],
        load      => $load,
        time      => POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime),
    };
}

# The first line of what a program says of itself.
sub version_of {
    my ($binary, $option) = @_;
    my $text = `"$binary" $option 2>&1` // '';
    return (split /\n/, $text)[0];
}

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or return ();
    return <$file>;
}

1;

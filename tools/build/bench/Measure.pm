package Measure;

# The ways to measure one row on servers that stand side by side: CPU in alternating rounds, and memory by connections.
# Each adds its figures to the subjects' {values}, and takes a subject that fails out of the row.

use strict;
use warnings;

use Exporter 'import';
use IPC::Open2 qw(open2);

use Bench qw(say_now fail core_for load load_in_background finish_load now pause placed);

our @EXPORT_OK = qw(measure_cpu measure_idle measure_latency);

my ($few, $many) = (5000, 9000);
my %field = (connection => 'cpu_us_connection', request => 'cpu_us_request', gb => 'cpu_s_gb');

# run: bin, row, mode, rounds, ms, subjects (each with {server}), left_out (a function of (subject, reason))
sub measure_cpu {
    my (%run) = @_;
    in_turns(\%run, \&one_load, sub {
        my ($subject, $found) = @_;
        push @{$subject->{values}}, $found->{$field{$run{row}{per}}};
        push @{$subject->{share}}, $found->{cpu_s} / $found->{wall_s};
        push @{$subject->{latency}}, $found->{latency_ms}{median};
    });
}

# Milliseconds that 99 % of the requests took while other clients kept the server busy.
sub measure_latency {
    my (%run) = @_;
    in_turns(\%run, \&load_beside, sub {
        my ($subject, $found) = @_;
        push @{$subject->{values}}, $found->{request_ms}{p99};
    });
}

# Rounds in which all subjects have their turn: a function of (run, subject, ms) that loads one, and one that takes what
# it found.
sub in_turns {
    my ($given, $load, $take) = @_;
    my %run = %$given;
    my @subjects = @{$run{subjects}};
    my $failed = sub {
        my ($subject, $reason) = @_;
        @subjects = grep { $_ != $subject } @subjects;
        $run{left_out}->($subject, $reason);
    };
    # Everything is warm once.
    for my $subject (my @all = @subjects) {
        $failed->($subject, $@) unless eval { $load->(\%run, $subject, $run{ms} / 4); 1 };
    }
    for my $round (1 .. $run{rounds}) {
        say_now("$run{mode}{key}: $run{row}{what}: round $round of $run{rounds}");
        for my $subject (my @all = @subjects) {
            my $found = eval { $load->(\%run, $subject, $run{ms}) };
            if (!$found) {
                $failed->($subject, $@);
                next;
            }
            $take->($subject, $found);
        }
        push @subjects, shift @subjects if @subjects;
    }
}

sub one_load {
    my ($run, $subject, $ms) = @_;
    my ($row, $mode, $server) = (@{$run}{qw(row mode)}, $subject->{server});
    my $place = {core => core_for($mode->{shared} ? 'server' : 'client'), batch => $mode->{batch}};
    my @spin = $row->{spin} && $mode->{key} eq 'cores' ? ('--spin-us', $row->{spin}) : ();
    my $found = load($run->{bin}, $server->port, $place, @{$row->{client}}, clear($server), @spin, '--ms', int $ms, '--concurrency',
        $row->{concurrency} && $mode->{key} ne 'one' ? $row->{concurrency} : $mode->{concurrency}, '--names',
        $row->{ask} // $server->{ask}, '--timeout-ms', 30_000, '--server-pids', join ',', $server->processes(1));
    my $resumed = grep { $_ eq '--resumed' } @{$row->{client}};
    fail("it resumed $found->{resumed} of $found->{handshakes}") if $resumed && $found->{resumed} < $found->{handshakes};
    fail('its CPU could not be read') unless defined $found->{cpu_s};
    return $found;
}

sub clear { return $_[0]{clear} ? '--clear' : () }

# The flood begins first and ends last.
sub load_beside {
    my ($run, $subject, $ms) = @_;
    my ($row, $server) = ($run->{row}, $subject->{server});
    my @common = ('--names', $server->{ask}, '--timeout-ms', 30_000);
    my $flood = load_in_background($run->{bin}, $server->port, @{$row->{flood}}, @common, '--ms', int $ms + 500);
    my $found = eval {
        load($run->{bin}, $server->port, @{$row->{client}}, @common, '--concurrency', $row->{concurrency}, '--ms', int $ms);
    };
    my $why = $@;
    my $flooded = finish_load($flood);
    die $why unless $found;
    fail('the other clients failed') if !$flooded || $flooded->{failed};
    fail('no request was answered') unless $found->{requests};
    return $found;
}

# KiB of a server's memory for each connection between the first and the second number of them.
sub measure_idle {
    my (%run) = @_;
    my @subjects = @{$run{subjects}};
    for my $round (1 .. $run{rounds}) {
        say_now("$run{row}{what}: round $round of $run{rounds}");
        for my $subject (my @all = @subjects) {
            my $slope = eval { slope(\%run, $subject->{server}) };
            if (defined $slope) {
                push @{$subject->{values}}, $slope;
            } else {
                @subjects = grep { $_ != $subject } @subjects;
                $run{left_out}->($subject, $@);
            }
        }
    }
}

# Each round needs a fresh server: what one that had more connections keeps, the next ones take.
sub slope {
    my ($run, $server) = @_;
    $server->stop;
    $server->start;
    my @command = ("$run->{bin}/load", '--address', '127.0.0.1:' . $server->port, @{$run->{row}{client}}, clear($server),
        '--names', $server->{ask}, '--hold', "$few,$many", '--timeout-ms', 30_000);
    my $pid = open2(my $out, my $in, placed(core_for('client'), 0, @command));
    my @memory = eval { map { memory_when_held($server, $out, $in, $_) } $few, $many };
    my $why = $@;
    # An end of its input is its end, too.
    close $in;
    close $out;
    waitpid $pid, 0;
    die $why if $why;
    return 1024 * ($memory[1] - $memory[0]) / ($many - $few);
}

# MB of the server once that many stand and nothing moves any more.
sub memory_when_held {
    my ($server, $out, $in, $count) = @_;
    my $line = <$out> // '';
    my ($held, $standing) = $line =~ /^held (\d+) (\d+)/ or fail("the connections cannot be made, $count are wanted");
    fail("of $held connections $standing stand") if $standing < $count;
    my ($before, $memory, $end) = (-1, memory($server), now() + 10);
    while ($before != $memory && now() < $end) {
        pause(0.3);
        ($before, $memory) = ($memory, memory($server));
    }
    print $in "\n";
    $in->flush;
    return $memory;
}

sub memory {
    my ($server) = @_;
    return $server->memory($server->processes(1));
}

1;

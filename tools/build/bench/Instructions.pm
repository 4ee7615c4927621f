package Instructions;

# Instructions in user space for each connection, counted by callgrind: they repeat, where times do not. Only for nginx,
# as one process. valgrind shows a processor without AVX-512, so what needs that is not taken.

use strict;
use warnings;

use Exporter 'import';

use Bench qw(say_now fail load);

our @EXPORT_OK = qw(measure_instructions);

my $warm = 50;

# run: bin, row, subjects, left_out, start (a function of (subject, under, folder suffix) that starts it and returns the
# Server, or undef)
sub measure_instructions {
    my (%run) = @_;
    for my $subject (grep { $_->{kind} eq 'nginx' } @{$run{subjects}}) {
        say_now("instructions: $run{row}{what}: $subject->{row}");
        my $more = $run{row}{under};
        # The same beginning and end with fewer and with more connections: the difference is theirs.
        my @counts = eval { map { count_of(\%run, $subject, $_) } $warm, $warm + $more };
        if (@counts == 2) {
            push @{$subject->{values}}, ($counts[1] - $counts[0]) / $more;
        } else {
            $run{left_out}->($subject, $@) if $@;
        }
    }
}

sub count_of {
    my ($run, $subject, $connections) = @_;
    my $file = "$run->{work}/callgrind.$subject->{key}.$run->{row}{key}";
    unlink $file;
    my $server = $run->{start}->($subject, ['valgrind', '-q', '--tool=callgrind', "--callgrind-out-file=$file"]);
    return () unless $server;
    my $row = $run->{row};
    eval {
        load($run->{bin}, $server->port, @{$row->{client}}, '--handshakes', $connections, '--concurrency', 8, '--names',
            $row->{ask} // $server->{ask}, '--timeout-ms', 60_000);
    };
    my $why = $@;
    $server->stop;
    die $why if $why;
    my ($total) = map { /^(?:summary|totals): (\d+)/ ? $1 : () } Bench::slurp($file);
    fail("callgrind left no count in $file") unless $total;
    return $total;
}

1;

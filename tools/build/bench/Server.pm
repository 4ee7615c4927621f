package Server;

# A server under test with a configuration of its own, started, measured, reloaded and ended by its process id.
# Everything it writes is in its own folder.

use strict;
use warnings;

use POSIX ();

use IO::Socket::INET;

use Bench qw(fail free_port load_in_background finish_load most now pause placed);

my %running;

END {
    my $status = $?;
    # A list of its own: those that stop leave the hash.
    my @left = values %running;
    $_->stop for @left;
    $? = $status;
}
$SIG{INT}  = sub { exit 130 };
$SIG{TERM} = sub { exit 143 };

# name:    how its row is called
# kind:    nginx, haproxy, h2o, apache or hitch
# binary:  its program
# bin:     the folder of the bench's programs
# folder:  for what it writes; made here
# workers: processes (nginx) or threads (HAProxy)
# core:    the core that it shall run on, if on one only
# batch:   true when no process shall take that core from another by waking up
# write:   a function of (this) that returns the text of the configuration
# ask:     a name that it has a certificate for; none for a server of plain HTTP
# clear:   true when it is asked without TLS
# behind:  a server that it needs, started and stopped with it
# single:  true for an nginx of one process
# under:   a command and its arguments that it runs under
sub new {
    my ($class, %given) = @_;
    my $self = bless {%given, port => free_port()}, $class;
    mkdir $self->{folder};
    $self->{conf} = "$self->{folder}/$self->{kind}.conf";
    open my $file, '>', $self->{conf} or fail("$self->{conf}: $!");
    print $file $self->{write}->($self);
    close $file or fail("$self->{conf}: $!");
    return $self;
}

sub port { return $_[0]{port} }
sub log_file { return "$_[0]{folder}/error.log" }

my %arguments = (
    nginx => sub {
        my ($self, $check) = @_;
        return (($check ? ('-t', '-q') : ()), '-e', $self->log_file, '-p', $self->{folder}, '-c', $self->{conf});
    },
    haproxy => sub { my ($self, $check) = @_; return ($check ? '-c' : '-W', '-q', '-f', $self->{conf}) },
    h2o     => sub { my ($self, $check) = @_; return ($check ? '-t' : ('-m', 'worker'), '-c', $self->{conf}) },
    apache  => sub { my ($self, $check) = @_; return ($check ? '-t' : '-DFOREGROUND', '-f', $self->{conf}) },
    hitch   => sub { my ($self, $check) = @_; return (($check ? '-t' : ()), "--config=$self->{conf}") },
);

sub command {
    my ($self, $check) = @_;
    return (@{$self->{under} // []}, $self->{binary}, $arguments{$self->{kind}}->($self, $check));
}

# Seconds that the check of its configuration takes.
sub check_time {
    my ($self) = @_;
    my $begin = now();
    my $pid = $self->spawn(1);
    waitpid $pid, 0;
    fail("$self->{name} refuses its configuration: ", $self->last_words) if $? != 0;
    return now() - $begin;
}

# Starts it and returns the seconds until a handshake was answered.
sub start {
    my ($self) = @_;
    my $begin = now();
    $self->{behind}->start if $self->{behind};
    $self->{pid} = $self->spawn(0);
    $running{$self->{pid}} = $self;
    $self->wait_for_answer;
    return now() - $begin;
}

sub spawn {
    my ($self, $check) = @_;
    my $pid = fork // fail("fork: $!");
    return $pid if $pid;
    open STDIN,  '<',  '/dev/null';
    open STDOUT, '>>', "$self->{folder}/output.log";
    open STDERR, '>>', "$self->{folder}/output.log";
    my @command = placed($self->{core}, $self->{batch}, $self->command($check));
    exec { $command[0] } @command or POSIX::_exit(127);
}

sub wait_for_answer {
    my ($self) = @_;
    my $end = now() + 300;
    while (now() < $end) {
        return if defined $self->{ask} && !$self->{clear} ? $self->answers_handshake : $self->answers_connection;
        fail("$self->{name} ended at start: ", $self->last_words) if waitpid($self->{pid}, POSIX::WNOHANG()) != 0;
    }
    fail("$self->{name} answers no handshake: ", $self->last_words);
}

sub answers_handshake {
    my ($self) = @_;
    open my $kept, '>&', \*STDERR;
    open STDERR, '>', '/dev/null';
    my $run = load_in_background($self->{bin}, $self->{port}, '--handshakes', 1, '--concurrency', 1, '--wait-ms', 1000,
        '--names', $self->{ask});
    open STDERR, '>&', $kept;
    return defined finish_load($run);
}

sub answers_connection {
    my ($self) = @_;
    return 1 if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
    pause(0.01);
    return 0;
}

sub last_words {
    my ($self) = @_;
    my @lines = map { Bench::slurp($_) } "$self->{folder}/output.log", $self->log_file;
    splice @lines, 0, @lines - 5 if @lines > 5;
    return "\n", @lines;
}

# The processes that serve: the master's children.
sub workers {
    my ($self) = @_;
    my @found;
    for my $stat (glob '/proc/[0-9]*/stat') {
        open my $file, '<', $stat or next;
        my $line = <$file> // next;
        my ($pid, $state, $parent) = $line =~ /^(\d+) \(.*\) (\S) (\d+)/s or next;
        push @found, $pid if $parent == $self->{pid} && $state ne 'Z';
    }
    my @sorted = sort { $a <=> $b } @found;
    return @sorted;
}

# All that does its work: itself, its workers, and with `and_behind` those of the server behind it.
sub processes {
    my ($self, $and_behind) = @_;
    return ($self->{pid}, $self->workers, $and_behind && $self->{behind} ? $self->{behind}->processes : ());
}

# What the master and the workers use together, in MB (2^20), shared pages by parts.
sub memory {
    my ($self, @of) = @_;
    my $kib = 0;
    for my $pid (@of ? @of : $self->processes) {
        for my $line (Bench::slurp("/proc/$pid/smaps_rollup")) {
            $kib += $1 if $line =~ /^Pss:\s+(\d+) kB/;
        }
    }
    return $kib / 1024;
}

# Reloads it; returns the seconds until its new workers serve and the old ones are gone, and the most memory meanwhile.
sub reload {
    my ($self) = @_;
    my %old = map { $_ => 1 } $self->workers;
    my $expected = keys %old;
    my ($begin, $looked, $peak) = (now(), 0, $self->memory);
    kill $self->{kind} eq 'haproxy' ? 'USR2' : 'HUP', $self->{pid};
    while (now() < $begin + 300) {
        my @workers = $self->workers;
        if (@workers == $expected && !grep { $old{$_} } @workers) {
            $self->wait_for_answer;
            return (now() - $begin, most($peak, $self->memory));
        }
        if (now() > $looked + 0.2) {
            $peak = most($peak, $self->memory);
            $looked = now();
        }
        pause(0.005);
    }
    fail("$self->{name} does not reload: ", $self->last_words);
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    delete $running{$pid};
    my @workers = do { local $self->{pid} = $pid; $self->workers };
    kill 'TERM', $pid;
    my $end = now() + ($self->{under} ? 120 : 20);
    while (waitpid($pid, POSIX::WNOHANG()) == 0) {
        if (now() > $end) {
            kill 'KILL', $pid, @workers;
            waitpid $pid, 0;
            last;
        }
        pause(0.01);
    }
    $self->{behind}->stop if $self->{behind};
}

1;

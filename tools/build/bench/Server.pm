package Server;

# A server under test: an nginx or a HAProxy with a configuration of its own, started, measured, reloaded and ended by
# its process id. Everything it writes is in its own folder.

use strict;
use warnings;

use POSIX ();

use Bench qw(core_for fail free_port load_in_background finish_load most now pause pinned);

my %running;

END {
    my $status = $?;
    $_->stop for values %running;
    $? = $status;
}
$SIG{INT}  = sub { exit 130 };
$SIG{TERM} = sub { exit 143 };

# name:    how its row is called
# kind:    nginx or haproxy
# binary:  its program
# bin:     the folder of the bench's programs
# folder:  for what it writes; made here
# workers: processes (nginx) or threads (HAProxy)
# pinned:  true when it shall run on the server's core only
# write:   a function of (this) that returns the text of the configuration
# ask:     a name that it has a certificate for
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

sub command {
    my ($self, $check) = @_;
    if ($self->{kind} eq 'haproxy') {
        return ($self->{binary}, $check ? '-c' : '-W', '-q', '-f', $self->{conf});
    }
    return ($self->{binary}, ($check ? ('-t', '-q') : ()), '-e', $self->log_file, '-p', $self->{folder}, '-c',
        $self->{conf});
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
    my @command = pinned($self->{pinned} ? core_for('server') : undef, $self->command($check));
    exec { $command[0] } @command or POSIX::_exit(127);
}

sub wait_for_answer {
    my ($self) = @_;
    my $end = now() + 300;
    while (now() < $end) {
        open my $kept, '>&', \*STDERR;
        open STDERR, '>', '/dev/null';
        my $run = load_in_background($self->{bin}, $self->{port}, '--handshakes', 1, '--concurrency', 1, '--wait-ms', 1000,
            '--names', $self->{ask}, '--tls', '1.3');
        open STDERR, '>&', $kept;
        return if finish_load($run);
        fail("$self->{name} ended at start: ", $self->last_words) if waitpid($self->{pid}, POSIX::WNOHANG()) != 0;
    }
    fail("$self->{name} answers no handshake: ", $self->last_words);
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

# What the master and the workers use together, in MB (2^20), shared pages by parts.
sub memory {
    my ($self, @of) = @_;
    my $kib = 0;
    for my $pid (@of ? @of : ($self->{pid}, $self->workers)) {
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
    my $end = now() + 20;
    while (now() < $end) {
        return if waitpid($pid, POSIX::WNOHANG()) != 0;
        pause(0.01);
    }
    kill 'KILL', $pid, @workers;
    waitpid $pid, 0;
}

1;

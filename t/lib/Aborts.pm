# Clients that leave in the middle of something, for t/aborts.t; used with `client -MAborts -e …`.
package Aborts;

use strict;
use warnings;

use Client;
use Exporter qw(import);
use POSIX ();

our @EXPORT = qw(sent raw leave_in);

# The connection, behind bytes that were sent over it.
sub sent {
    my ($socket, $bytes) = @_;
    send_all($socket, $bytes);
    return $socket;
}

# The same, past its TLS.
sub raw {
    my ($socket, $bytes) = @_;
    POSIX::write(fileno $socket, $bytes, length $bytes);
    return $socket;
}

my %leave = (
    reset => sub { my ($s) = @_; reset_on_close($s); end($s) },
    fin => \&end,
    # close_notify first, unless it is no TLS yet.
    notify => sub { my ($s) = @_; $s->close },
);

# Leaves at once what was not read, so that the kernel makes a reset of most ends; "fin" with nothing unread is a FIN.
sub end {
    my ($s) = @_;
    return $s->isa('IO::Socket::SSL') ? $s->close(SSL_no_shutdown => 1, SSL_fast_shutdown => 1) : close $s;
}

# Brings a connection into each state, by functions that return it, and leaves in each of the ways; all are open side by
# side before the first one leaves.
sub leave_in {
    my ($state, @ways) = @_;
    my $count = 0;
    for my $way (@ways) {
        my @open = map { $state->{$_}->() } sort keys %$state;
        $leave{$way}->($_) for @open;
        $count += @open;
    }
    print "$count ways out of ", scalar keys %$state, " states\n";
}

1;

#!/usr/bin/perl
# Sends bytes to a server, in pieces if wanted, and says what comes back.
#
#     raw.pl (--port N [--host IP] | --unix PATH) [options] WHAT...
#
# WHAT is sent in the order given:
#     --hex HEX   --text TEXT (with \r \n \0)   --file PATH
#     --hello     a ClientHello as the options of ClientHello.pm have it, in handshake records
#     --message HEX   a handshake message (header included) in records
# How:
#     --records N          handshake messages are put into records of N bytes
#     --record-version HEX their legacy_record_version (0301)
#     --pieces N           writes of N bytes, each its own segment
#     --pause SECONDS      between two pieces (0.001: time for the server to take one before the next comes)
#     --first N            only the first N bytes of it all
#     --shut               then says that nothing more comes (FIN)
#     --reset              then resets the connection, and reads nothing
#     --seconds N          how long to wait for an answer (10)
#     --all                reads on after a ServerHello
#     --print              prints the bytes in hex, and sends nothing
#
# Prints one line for each thing that comes:
#     alert 47 illegal_parameter      (a warning: "alert warning 112 unrecognized_name")
#     server_hello | hello_retry_request | handshake TYPE | change_cipher_spec | application_data
#     text: LINE                      for what is not TLS, a line each
#     eof | reset | timeout
# and ends there, or after the server's first message.
use strict;
use warnings;

use Errno qw(ECONNRESET EPIPE);
use Getopt::Long qw(GetOptions :config no_auto_abbrev);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::IP;
use IO::Socket::UNIX;
use POSIX ();
use Socket qw(IPPROTO_TCP TCP_NODELAY SOL_SOCKET SO_LINGER);
use Time::HiRes qw(sleep time);

use ClientHello qw(make_hello @hello_options);

$| = 1;
$SIG{PIPE} = 'IGNORE';

my %alert = (
    0 => 'close_notify', 10 => 'unexpected_message', 20 => 'bad_record_mac', 21 => 'decryption_failed',
    22 => 'record_overflow', 40 => 'handshake_failure', 42 => 'bad_certificate', 43 => 'unsupported_certificate',
    44 => 'certificate_revoked', 45 => 'certificate_expired', 46 => 'certificate_unknown',
    47 => 'illegal_parameter', 48 => 'unknown_ca', 49 => 'access_denied', 50 => 'decode_error',
    51 => 'decrypt_error', 70 => 'protocol_version', 71 => 'insufficient_security', 80 => 'internal_error',
    86 => 'inappropriate_fallback', 90 => 'user_canceled', 109 => 'missing_extension',
    110 => 'unsupported_extension', 112 => 'unrecognized_name', 113 => 'bad_certificate_status_response',
    115 => 'unknown_psk_identity', 116 => 'certificate_required', 120 => 'no_application_protocol',
);
my %message = (
    1 => 'client_hello', 4 => 'new_session_ticket', 11 => 'certificate', 12 => 'server_key_exchange',
    13 => 'certificate_request', 14 => 'server_hello_done', 20 => 'finished', 22 => 'certificate_status',
);
# The random that makes a ServerHello a HelloRetryRequest (RFC 8446 section 4.1.3).
my $retry_random = pack 'H*', 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';

my %option = (host => '127.0.0.1', seconds => 10, pause => 0.001, 'record-version' => '0301');
my @parts;
my $read = GetOptions(
    \%option,
    'port=i', 'host=s', 'unix=s', 'records=i', 'record-version=s', 'pieces=i', 'pause=f', 'first=i', 'shut', 'reset',
    'seconds=f', 'all', 'print', @hello_options,
    'hex=s' => sub { push @parts, [ hex => $_[1] ] },
    'text=s' => sub { push @parts, [ text => $_[1] ] },
    'file=s' => sub { push @parts, [ file => $_[1] ] },
    'message=s' => sub { push @parts, [ message => $_[1] ] },
    'hello' => sub { push @parts, [ hello => '' ] },
);
die "raw.pl: wrong options\n" unless $read && !@ARGV;

sub in_records {
    my ($bytes) = @_;
    my $size = $option{records} || 16384;
    return join '', map { "\x16" . pack('H4', $option{'record-version'}) . pack 'n/a', $_ }
        unpack "(a$size)*", $bytes;
}

sub part_bytes {
    my ($kind, $value) = @_;
    if ($kind eq 'hex') {
        $value =~ s/\s+//g;
        return pack 'H*', $value;
    }
    if ($kind eq 'text') {
        my %escaped = (r => "\r", n => "\n", 0 => "\0");
        $value =~ s/\\([rn0])/$escaped{$1}/g;
        return $value;
    }
    if ($kind eq 'file') {
        open my $in, '<:raw', $value or die "cannot read $value: $!\n";
        local $/;
        return scalar <$in>;
    }
    return in_records(pack 'H*', $value) if $kind eq 'message';
    return in_records(make_hello(\%option));
}

sub connect_to_server {
    my $socket =
        defined $option{unix}
        ? IO::Socket::UNIX->new(Peer => $option{unix})
        : IO::Socket::IP->new(PeerHost => $option{host}, PeerPort => $option{port}, Timeout => 10);
    die "cannot connect: $@\n" unless $socket;
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1 unless defined $option{unix};
    return $socket;
}

# False when the server closes in between; what it said then is still read.
sub send_bytes {
    my ($socket, $bytes) = @_;
    my $size = $option{pieces} || length $bytes || 1;
    for my $piece (unpack "(a$size)*", $bytes) {
        while (length $piece) {
            my $count = syswrite $socket, $piece or return 0;
            substr $piece, 0, $count, '';
        }
        sleep $option{pause} if $option{pieces};
    }
    return 1;
}

# What one record says, and whether it is the last that is waited for.
sub describe {
    my ($type, $body) = @_;
    if ($type == 21 && length $body == 2) {
        my ($level, $number) = unpack 'CC', $body;
        return (sprintf('alert %s%d %s', $level == 1 ? 'warning ' : '', $number, $alert{$number} // 'unknown'), 0);
    }
    if ($type == 22) {
        my $kind = ord $body;
        return ("handshake " . ($message{$kind} // $kind), 0) if $kind != 2;
        return (substr($body, 6, 32) eq $retry_random ? 'hello_retry_request' : 'server_hello', 1);
    }
    return ('change_cipher_spec', 0) if $type == 20;
    return ('application_data', 0);
}

# Prints and takes away what is whole in the buffer. True when nothing more is waited for.
sub print_received {
    my ($buffer, $ended) = @_;
    while (length $$buffer) {
        if ($$buffer =~ /^[\x14-\x17]/) {
            return 0 if length $$buffer < 5;
            my ($type, $length) = unpack 'Cx2n', $$buffer;
            return 0 if length $$buffer < 5 + $length;
            my $record = substr $$buffer, 0, 5 + $length, '';
            my ($line, $last) = describe($type, substr $record, 5);
            print "$line\n";
            return 1 if $last && !$option{all};
        } else {
            return 0 unless $$buffer =~ s/^([^\n]*)\n// || ($ended && $$buffer =~ s/^(.+)\z//s);
            my $line = $1;
            $line =~ s/\r$//;
            print "text: $line\n";
        }
    }
    return 0;
}

sub receive {
    my ($socket) = @_;
    my ($buffer, $end) = ('', time + $option{seconds});
    my $select = IO::Select->new($socket);
    while (1) {
        my $left = $end - time;
        my $how = 'timeout';
        if ($left > 0 && $select->can_read($left)) {
            my $count = sysread $socket, $buffer, 65536, length $buffer;
            $how = $count ? '' : defined $count ? 'eof' : $! == ECONNRESET ? 'reset' : "error: $!";
        }
        return if print_received(\$buffer, $how ne '');
        if ($how ne '') {
            print "$how\n";
            return;
        }
    }
}

my $bytes = join '', map { part_bytes(@$_) } @parts;
$bytes = substr $bytes, 0, $option{first} if defined $option{first};
if ($option{print}) {
    print unpack('H*', $bytes), "\n";
    exit 0;
}
my $socket = connect_to_server();
send_bytes($socket, $bytes);
if ($option{reset}) {
    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'II', 1, 0;
    close $socket;
    exit 0;
}
shutdown $socket, 1 if $option{shut};
receive($socket);
# Who read only the first lines may have gone.
close STDOUT;
POSIX::_exit(0);

# What the suites do to a server from outside: TCP and TLS connections, requests, and how a connection ended.
# Used by `perl -MClient -e ...` in the blocks. Never waits without a bound: an alarm ends the program.
package Client;

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter qw(import);
use IO::Select;
use IO::Socket::INET;
use IO::Socket::SSL qw(SSL_VERIFY_NONE);
use IO::Socket::UNIX;
use Net::SSLeay;
use Scalar::Util qw(refaddr);
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF IPPROTO_TCP TCP_MAXSEG TCP_NODELAY SHUT_WR);
use Time::HiRes qw(time);

our @EXPORT = qw(
    tcp tls tls_together start_tls hello send_all get response ending end_of reset_on_close shown_shutdown await sha256_hex slurp
    rest has_input upstream time SHUT_WR
);

# Three times what Test::Nginx waits for a single answer; a sanitizer build sets that higher.
my $seconds = 3 * ($ENV{TEST_NGINX_TIMEOUT} || 10);
$SIG{ALRM} = sub { print "TIMED OUT\n"; $| = 1; exit 99 };
alarm $seconds;
$SIG{PIPE} = 'IGNORE';
$| = 1;

# "ADDRESS:PORT", "[V6]:PORT" or "unix:PATH". Options: rcvbuf (bytes). Dies when nobody listens, unless `may_fail`.
sub tcp {
    my ($where, %option) = @_;
    my $socket;
    if ($where =~ /^unix:(.*)/) {
        $socket = IO::Socket::UNIX->new(Peer => $1);
    } elsif ($where =~ /^\[/) {
        require IO::Socket::IP;
        $socket = IO::Socket::IP->new(PeerAddr => $where);
    } else {
        my ($host, $port) = split /:/, $where;
        socket $socket, Socket::PF_INET(), Socket::SOCK_STREAM(), 0 or die "socket: $!";
        if ($option{rcvbuf}) {
            setsockopt $socket, SOL_SOCKET, SO_RCVBUF, pack 'i', $option{rcvbuf};
            # A window below a segment's size is filled by the sender's timer only, five times a second.
            setsockopt $socket, IPPROTO_TCP, TCP_MAXSEG, pack 'i', 400;
        }
        bless $socket, 'IO::Socket::INET';
        connect $socket, Socket::pack_sockaddr_in($port, Socket::inet_aton($host)) or undef $socket;
    }
    return $socket if $socket || $option{may_fail};
    die "cannot connect to $where: $!\n";
}

# One for each way to speak: making one takes longer than a handshake.
my %context;

sub context {
    my (%option) = @_;
    my ($version, $ciphers, $alpn, $groups) = map { $_ // '' } @option{qw(version ciphers alpn groups)};
    return $context{"$version $ciphers $alpn $groups"} //= IO::Socket::SSL::SSL_Context->new(
        SSL_verify_mode => SSL_VERIFY_NONE,
        ($version ? (SSL_version => $version) : ()),
        ($ciphers ? (SSL_cipher_list => $ciphers) : ()),
        ($alpn ? (SSL_alpn_protocols => [$alpn]) : ()),
        ($groups ? (SSL_ecdh_curve => $groups) : ()),
    );
}

# A TLS connection. Options: name, version ("TLSv1_2", "TLSv1_3"), alpn, groups ("X25519:P-256"), and those of tcp(); `preface` is sent before the
# handshake. Returns undef when the handshake fails and `may_fail` is set.
sub tls {
    my ($where, %option) = @_;
    my $socket = tcp($where, %option) or return;
    send_all($socket, $option{preface}) if defined $option{preface};
    return start_tls($socket, %option);
}

# The handshake on a connection that has spoken something else so far; the options are those of tls().
sub start_tls {
    my ($socket, %option) = @_;
    my $tls = IO::Socket::SSL->start_SSL($socket, SSL_reuse_ctx => context(%option), SSL_hostname => $option{name} // '');
    return $tls if $tls || $option{may_fail};
    die "no handshake: $IO::Socket::SSL::SSL_ERROR\n";
}

# COUNT TLS connections whose hellos are all there when the (one) WORKER looks; the options are those of tls().
sub tls_together {
    my ($where, $count, $worker, %option) = @_;
    kill STOP => $worker;
    my @clients = eval {
        map {
            my $socket = tcp($where, %option);
            $socket->blocking(0);
            IO::Socket::SSL->start_SSL($socket, SSL_reuse_ctx => context(%option), SSL_hostname => $option{name} // '',
                SSL_startHandshake => 0);
            $socket->connect_SSL || $!{EAGAIN} or die "no hello: $IO::Socket::SSL::SSL_ERROR\n";
            $socket;
        } 1 .. $count;
    };
    my $error = $@;
    kill CONT => $worker;
    die $error if $error;
    for my $client (@clients) {
        $client->blocking(1);
        $client->connect_SSL or die "no handshake: $IO::Socket::SSL::SSL_ERROR\n";
    }
    return @clients;
}

# The bytes of a ClientHello, as libssl sends them.
sub hello {
    my ($name) = @_;
    my $ctx = Net::SSLeay::CTX_new();
    my $ssl = Net::SSLeay::new($ctx);
    my ($in, $out) = map { Net::SSLeay::BIO_new(Net::SSLeay::BIO_s_mem()) } 1 .. 2;
    Net::SSLeay::set_bio($ssl, $in, $out);
    Net::SSLeay::set_tlsext_host_name($ssl, $name) if defined $name;
    Net::SSLeay::set_connect_state($ssl);
    Net::SSLeay::do_handshake($ssl);
    my $bytes = Net::SSLeay::BIO_read($out);
    Net::SSLeay::free($ssl);
    Net::SSLeay::CTX_free($ctx);
    return $bytes;
}

# Sends all of it; false when the peer is gone.
sub send_all {
    my ($socket, $bytes) = @_;
    my $sent = 0;
    while ($sent < length $bytes) {
        my $count = syswrite $socket, $bytes, 16384, $sent;
        return 0 unless defined $count;
        $sent += $count;
    }
    return 1;
}

my %buffered;

# One more piece into the connection's buffer: its size, 0 at the end, undef after an error.
sub fill {
    my ($socket, $most) = @_;
    my $count = sysread $socket, my $piece, $most || 16384;
    $buffered{refaddr $socket} .= $piece if $count;
    return $count;
}

# Reads one HTTP/1 response: {status, head, body, whole}. undef when the connection ended before its head. Options: step
# (bytes read at a time), head (there is no body).
sub response {
    my ($socket, %option) = @_;
    my $buffer = \$buffered{refaddr $socket};
    $$buffer //= '';
    until ($$buffer =~ /\r\n\r\n/) {
        fill($socket, $option{step}) or return;
    }
    $$buffer =~ s/^(.*?\r\n)\r\n//s;
    my %response = (head => $1, body => '', whole => 1);
    ($response{status}) = $response{head} =~ m{^HTTP/1\.[01] (\d+)};
    return \%response if $option{head} || $response{status} =~ /^(1..|204|304)$/;
    if ($response{head} =~ /^Transfer-Encoding: chunked/mi) {
        for (;;) {
            until ($$buffer =~ /^[0-9a-fA-F]+\r\n/) { fill($socket, $option{step}) or do { $response{whole} = 0; return \%response } }
            my ($digits) = $$buffer =~ /^([0-9a-fA-F]+)/;
            my $size = hex $digits;
            my $all = length("$digits\r\n") + $size + 2;
            while (length $$buffer < $all) { fill($socket, $option{step}) or do { $response{whole} = 0; return \%response } }
            $response{body} .= substr substr($$buffer, 0, $all, ''), -$size - 2, $size;
            return \%response if $size == 0;
        }
    }
    my ($size) = $response{head} =~ /^Content-Length: (\d+)/mi;
    while (!defined $size || length $$buffer < $size) {
        last unless fill($socket, $option{step});
    }
    $response{whole} = 0 if defined $size && length $$buffer < $size;
    $response{body} = substr $$buffer, 0, $size // length $$buffer, '';
    return \%response;
}

# Sends a GET and reads what comes. Further headers as one text with CRLF.
sub get {
    my ($socket, $path, $headers, %option) = @_;
    send_all($socket, "GET $path HTTP/1.1\r\nHost: localhost\r\n" . ($headers // '') . "\r\n");
    return response($socket, %option);
}

# Reads to the end and says how it came: "close_notify", "eof" or "error". What came before is in end_of().
sub ending {
    my ($socket) = @_;
    $buffered{refaddr $socket} //= '';
    my $count;
    1 while $count = fill($socket);
    return 'close_notify' if shown_shutdown($socket);
    return defined $count ? 'eof' : $!{ECONNRESET} ? 'reset' : $socket->isa('IO::Socket::SSL') ? 'eof' : 'error';
}

# The next bytes of what was read behind a response.
sub rest {
    my ($socket, $size) = @_;
    my $buffer = \$buffered{refaddr $socket};
    $$buffer //= '';
    while (length $$buffer < $size) { fill($socket) or last }
    return substr $$buffer, 0, $size, '';
}

sub end_of { return delete $buffered{refaddr $_[0]} // '' }

# Has the peer's close_notify been read?
sub shown_shutdown {
    my ($socket) = @_;
    return 0 unless $socket->isa('IO::Socket::SSL') && $socket->_get_ssl_object;
    return Net::SSLeay::get_shutdown($socket->_get_ssl_object) & 2 ? 1 : 0;
}

# The next close sends a reset.
sub reset_on_close {
    my ($socket) = @_;
    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
}

sub has_input {
    my ($socket, $wait) = @_;
    return IO::Select->new($socket)->can_read($wait // 0) ? 1 : 0;
}

# Polls until the condition holds; false when it does not within the time.
sub await(&;$) {
    my ($condition, $most) = @_;
    my $end = time + ($most // $seconds / 2);
    until ($condition->()) {
        return 0 if time > $end;
        select undef, undef, undef, 0.01;
    }
    return 1;
}

# A server at the unix socket PATH, until its block ends: ANSWER is called for each connection with it, the head of its first
# request, and what was read behind that; then the connection is closed. Option: fork (a process each).
sub upstream {
    my ($path, $answer, %option) = @_;
    my $listener = IO::Socket::UNIX->new(Local => "$path.new", Listen => 100) or die "$path: $!\n";
    # The name appears when connections are taken.
    rename "$path.new", $path or die "$path: $!\n";
    local $SIG{CHLD} = 'IGNORE';
    for (;;) {
        my $client = $listener->accept or next;
        next if $option{fork} && fork;
        my $request = '';
        until ($request =~ /\r\n\r\n/) { sysread $client, $request, 16384, length $request or last }
        $answer->($client, $1, $2) if $request =~ /^(.*?\r\n)\r\n(.*)/s;
        exit if $option{fork};
    }
}

sub slurp {
    my ($path) = @_;
    open my $file, '<:raw', $path or return '';
    local $/;
    return <$file> // '';
}

1;

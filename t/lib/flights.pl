#!/usr/bin/perl
# A client that says all it has to say at a time in one write: its last flight and its request go together.
#
#     flights.pl PORT VERSION PATH [apart]
#
# Two connections, one after the other, by "TLSv1_2" or "TLSv1_3": a full handshake, and one that resumes its session. On each
# a request and its answer; then the client says that nothing more comes, and waits until the server has closed the connection.
# With "apart", for TLS 1.3, the request is sent when the ticket has come. Prints for each whether the session was resumed, and
# the size of the answer's body.
use strict;
use warnings;

use Client;

my ($port, $version, $path, $apart) = @ARGV;
my $ctx = Net::SSLeay::CTX_new();
my $number = Net::SSLeay->can($version eq 'TLSv1_2' ? 'TLS1_2_VERSION' : 'TLS1_3_VERSION')->();
Net::SSLeay::CTX_set_min_proto_version($ctx, $number);
Net::SSLeay::CTX_set_max_proto_version($ctx, $number);

my ($socket, $ssl, $in, $out);

sub say_it {
    send_all($socket, Net::SSLeay::BIO_read($out)) if Net::SSLeay::BIO_pending($out) > 0;
}

# False at the end.
sub hear {
    sysread $socket, my $bytes, 65536 or return 0;
    Net::SSLeay::BIO_write($in, $bytes);
    return 1;
}

sub visit {
    my ($session) = @_;
    $socket = tcp("127.0.0.1:$port");
    $ssl = Net::SSLeay::new($ctx);
    ($in, $out) = map { Net::SSLeay::BIO_new(Net::SSLeay::BIO_s_mem()) } 1 .. 2;
    Net::SSLeay::set_bio($ssl, $in, $out);
    Net::SSLeay::set_tlsext_host_name($ssl, 'localhost');
    Net::SSLeay::set_session($ssl, $session) if $session;
    Net::SSLeay::set_connect_state($ssl);
    until (Net::SSLeay::do_handshake($ssl) == 1) {
        say_it();
        hear() or die "no handshake\n";
    }
    if ($apart) {
        say_it();
        hear();
    }
    Net::SSLeay::write($ssl, "GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n");
    say_it();
    my ($answer, $whole) = ('');
    until (defined $whole && length $answer >= $whole) {
        my $piece = Net::SSLeay::read($ssl);
        defined $piece ? ($answer .= $piece) : hear() || die "no answer\n";
        $whole //= $+[0] + $1 if $answer =~ /^Content-Length: (\d+)\r\n.*?\r\n\r\n/ms;
    }
    my ($body) = $answer =~ /\r\n\r\n(.*)/s;
    printf "%s, %d bytes\n", Net::SSLeay::session_reused($ssl) ? 'resumed' : 'full', length $body;
    my $new = Net::SSLeay::get1_session($ssl);
    shutdown $socket, SHUT_WR;
    1 while hear();
    return $new;
}

visit(visit());

# A client that asks for TLS in the clear (RFC 2817), for `upgrading -e …` in the suites; see plain_client.sh.
package Upgrade;

use strict;
use warnings;

use Client;
use Exporter qw(import);

our @EXPORT = qw(ask upgrade said);

# Sends a request that asks for TLS, CUPS's own unless told otherwise, and reads what comes in the clear. Options: line,
# host, upgrade, connection, more (further fields and a body's beginning).
sub ask {
    my ($socket, %option) = @_;
    my %field = (
        Host => $option{host} // 'localhost',
        Upgrade => $option{upgrade} // 'TLS/1.2,TLS/1.1,TLS/1.0',
        Connection => $option{connection} // 'Upgrade',
    );
    my $head = ($option{line} // 'OPTIONS * HTTP/1.1') . "\r\n";
    $head .= join '', map { length $field{$_} ? "$_: $field{$_}\r\n" : '' } sort keys %field;
    send_all($socket, $head . ($option{more} // "\r\n"));
    return response($socket);
}

# The same, and the handshake behind the 101: the connection inside TLS, whose next response is that to the request.
sub upgrade {
    my ($socket, %option) = @_;
    my $response = ask($socket, %option) or die "closed before the 101\n";
    die "no 101: $response->{head}" unless $response->{status} == 101;
    return start_tls($socket, name => 'localhost', %option);
}

# Its status and the first line of its body.
sub said {
    my ($response) = @_;
    return "nothing\n" unless $response;
    my ($line) = $response->{body} =~ /^([^\r\n]*)/;
    return "$response->{status} $line\n";
}

1;

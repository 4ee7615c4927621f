package Rows;

# What is measured, as data: each row is one piece of work that every server does in turn.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(rows_of parts modes mode);

my @parts = qw(handshakes bulk small proxied idle refused latency instructions);

# Where client and server run and how many connections are under way, unless the row says so itself.
#   busy:  both on one core, and neither takes it from the other by waking up: the server always finds a queue
#   cores: each has its own, and the client is the slower side
#   one:   the same with one connection at a time
my %modes = (
    busy  => {key => 'busy', concurrency => 64, batch => 1, shared => 1},
    cores => {key => 'cores', concurrency => 32},
    one   => {key => 'one', concurrency => 1},
);

# The client offers one cipher and one group: nothing is left to a server's preferences. In TLS 1.2 the groups are also
# the curves of certificates.
my @tls13 = ('--tls', '1.3', '--ciphersuites', 'TLS_AES_128_GCM_SHA256', '--groups', 'X25519');
my @tls12 = ('--tls', '1.2', '--ciphers', 'ECDHE-ECDSA-AES128-GCM-SHA256', '--groups', 'X25519:P-256');
my @get = ('--get', '/small', '--requests', '1');
my @many = ('--requests', '100000000');

# key, part, what:  its name on the command line, its part, its name in the table
# modes:            those it is measured in unless others are asked for; all when there are none
# per:              what the server's CPU is divided by: connection, request or gb; or idle, the memory of a connection, or
#                   ms, the time that 99 % of the requests took
# flood:            options of a second load client that keeps the server busy meanwhile (ms)
# client:           options of the load client
# setup:            what the servers are told (Setups.pm); certificate is ecdsa, rsa or rsa4096
# concurrency:      connections in place of the mode's
# spin:             microseconds of the client's own work for each connection in the mode "cores", where it would else
#                   be the faster side
# under:            how many more connections are made under callgrind, when there are such
my @rows = (
    {
        key => 'full', part => 'handshakes', what => 'full TLS 1.3, ECDSA P-256, X25519, GET', per => 'connection',
        client => [@tls13, @get], setup => {certificate => 'ecdsa'}, under => 300,
    },
    {
        key => 'full-one-ticket', part => 'handshakes', what => 'the same, one ticket each', per => 'connection',
        client => [@tls13, @get], setup => {certificate => 'ecdsa', tickets => 1},
    },
    {
        key => 'handshake', part => 'handshakes', what => 'the same without GET', per => 'connection',
        client => [@tls13], setup => {certificate => 'ecdsa'},
    },
    {
        key => 'rsa', part => 'handshakes', what => 'full TLS 1.3, RSA-2048, X25519, GET', per => 'connection',
        client => [@tls13, @get], setup => {certificate => 'rsa'}, spin => 300, under => 100,
    },
    {
        key => 'resumed', part => 'handshakes', what => 'resumed TLS 1.3, GET', per => 'connection',
        client => [@tls13, @get, '--resumed'], setup => {certificate => 'ecdsa'}, under => 300,
    },
    {
        key => 'resumed-one-ticket', part => 'handshakes', what => 'the same, one ticket each', per => 'connection',
        client => [@tls13, @get, '--resumed'], setup => {certificate => 'ecdsa', tickets => 1},
    },
    {
        key => 'tls12', part => 'handshakes', what => 'full TLS 1.2, ECDSA P-256, X25519, GET', per => 'connection',
        client => [@tls12, @get], setup => {certificate => 'ecdsa'}, under => 300,
    },
    {
        key => 'mlkem', part => 'handshakes', what => 'full TLS 1.3, ECDSA P-256, X25519MLKEM768, GET',
        per => 'connection', client => [@tls13[0 .. 3], '--groups', 'X25519MLKEM768', @get],
        setup => {certificate => 'ecdsa'},
    },
    {
        key => '100m', part => 'bulk', what => '100 MB file', modes => ['cores'], per => 'gb', concurrency => 4,
        client => [@tls13, '--get', '/100m', @many], setup => {certificate => 'ecdsa', files => 1},
    },
    {
        key => '10m', part => 'bulk', what => '10 MB file', modes => ['cores'], per => 'gb', concurrency => 4,
        client => [@tls13, '--get', '/10m', @many], setup => {certificate => 'ecdsa', files => 1},
    },
    {
        key => '1k', part => 'small', what => '1 KB responses on keep-alive', modes => ['cores'], per => 'request',
        client => [@tls13, '--get', '/1k', @many], setup => {certificate => 'ecdsa'},
    },
    {
        key => '64k', part => 'small', what => '64 KB responses on keep-alive', modes => ['cores'], per => 'request',
        client => [@tls13, '--get', '/64k', @many], setup => {certificate => 'ecdsa', files => 1},
    },
    {
        key => 'proxied', part => 'proxied', what => 'proxied 10 MB response', modes => ['cores'], per => 'gb',
        concurrency => 4, client => [@tls13, '--get', '/proxied/10m', @many],
        setup => {certificate => 'ecdsa', proxied => 1},
    },
    {
        key => 'idle', part => 'idle', what => 'memory of one idle keep-alive connection', modes => ['cores'],
        per => 'idle', client => [@tls13, @get], setup => {certificate => 'ecdsa'},
    },
    {
        key => 'refused', part => 'refused', what => 'a hello that is refused for its name', per => 'connection',
        client => [@tls13, '--refused'], ask => 'unknown.bench.test', setup => {certificate => 'ecdsa', refuse => 1},
        under => 1000,
    },
    {
        key => 'refused-deferred', part => 'refused', what => 'the same, listen ... deferred', per => 'connection',
        client => [@tls13, '--refused'], ask => 'unknown.bench.test',
        setup => {certificate => 'ecdsa', refuse => 1, deferred => 1},
    },
    {
        key => 'flood', part => 'latency', what => 'small requests beside RSA-4096 handshakes, 99 %', modes => ['cores'],
        per => 'ms', concurrency => 1, client => [@tls13, '--get', '/small', @many],
        flood => [@tls13, '--concurrency', 8, '--end', 'reset'], setup => {certificate => 'rsa4096', key_threads => 1},
    },
);

sub parts { return @parts }
sub modes { return sort keys %modes }
sub mode  { return $modes{$_[0]} }

# The rows of a part, of a copy each. The part "instructions" looks at rows of the others.
sub rows_of {
    my ($part) = @_;
    return map { +{%$_, part => $part, per => 'instructions', modes => ['callgrind']} } grep { $_->{under} } @rows
        if $part eq 'instructions';
    return map { +{%$_} } grep { $_->{part} eq $part } @rows;
}

1;

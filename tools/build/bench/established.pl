#!/usr/bin/perl
# What established connections feel of a flood of handshakes: one client asks a small thing on a kept connection, again and
# again, while others come with a full handshake each. Beside stock nginx, with tls_batch off and auto. Called by bench.sh.
#
# One worker on one core, all clients on the others; the time is the client's own, from its request to the whole answer.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Getopt::Long qw(GetOptions);
use IO::Socket::SSL;

use Bench qw(say_now fail core_for load_in_background finish_load table shown median now pause warn_when_busy);
use Server;
use Setups qw(module_nginx stock_nginx);

my %given = (seconds => 5, rounds => 3, flood => 64);
GetOptions(\%given, 'work=s', 'bin=s', 'module=s', 'nginx=s', 'seconds=i', 'rounds=i', 'flood=i') or fail('wrong options');

warn_when_busy();

my ($work, $bin, $name) = (@given{qw(work bin)}, 'n1.bench.test');
my $folder = "$work/established";
system('mkdir', '-p', $folder) == 0 or fail("cannot make $folder");
system("$bin/make_certificates", '--ca', "$work/ca.pem", '--folder', $folder, '--names', $name, '--key', 'ecdsa') == 0
    or fail('no certificates');
my %setup = (certificate => "$folder/$name.pem", www => $folder);

my @subjects = (
    [ 'stock nginx',    \&stock_nginx ],
    [ 'tls_batch off',  module_nginx($given{module}, 'tls_batch off;') ],
    [ 'tls_batch auto', module_nginx($given{module}, 'tls_batch auto;') ],
);
my @servers = map {
    my ($row, $write) = @$_;
    (my $place = "$folder/$row") =~ tr/ /-/;
    Server->new(name => $row, kind => 'nginx', binary => $given{nginx}, bin => $bin, workers => 1, folder => $place,
        core => core_for('server'), ask => $name, write => sub { $write->($_[0], \%setup) });
} @subjects;
$_->start for @servers;

my %found;
for my $round (1 .. $given{rounds}) {
    for my $server (@servers) {
        for my $flood (0, $given{flood}) {
            my ($times, $rate) = measure($server, $flood);
            push @{$found{$server->{name}}{$flood}{$_}}, share($times, $_) for 50, 99;
            push @{$found{$server->{name}}{$flood}{rate}}, $rate;
        }
    }
    say_now("round $round of $given{rounds}");
}
print table(
    [ 'server', 'p50 alone', 'p99 alone', 'p50 flood', 'p99 flood', 'handshakes/s' ],
    map {
        my $of = $found{$_->{name}};
        [ $_->{name}, (map { my $f = $_; map { shown(median(@{$of->{$f}{$_}}), 0) } 50, 99 } 0, $given{flood}),
            shown(median(@{$of->{$given{flood}}{rate}}), 0) ]
    } @servers
), "microseconds from request to answer on a kept connection, $given{flood} handshakes in flight beside it\n";

# The times of the kept connection's requests in microseconds, and the handshakes a second beside it.
sub measure {
    my ($server, $flood) = @_;
    my $client = IO::Socket::SSL->new(PeerAddr => '127.0.0.1', PeerPort => $server->port, SSL_hostname => $name,
        SSL_verify_mode => 0) or fail("no connection: $IO::Socket::SSL::SSL_ERROR");
    my $load = $flood
        ? load_in_background($bin, $server->port, '--tls', '1.3', '--names', $name, '--seconds', $given{seconds},
            '--concurrency', $flood)
        : undef;
    my @times;
    my $end = now() + $given{seconds} - 0.2;
    ask($client) for 1 .. 20;
    while (now() < $end) {
        my $begin = now();
        ask($client);
        push @times, 1e6 * (now() - $begin);
        # So that the core is the flood's for most of the time.
        pause(0.002);
    }
    close $client;
    my $loaded = $load ? finish_load($load) // fail('the load client ended early') : {};
    return (\@times, ($loaded->{handshakes} // 0) / $given{seconds});
}

sub ask {
    my ($client) = @_;
    print $client "GET /small HTTP/1.1\r\nHost: $name\r\n\r\n";
    my $text = '';
    while ($text !~ /\r\n\r\nok\n\z/) {
        sysread($client, $text, 4096, length $text) or fail('the kept connection was closed');
    }
}

# What so many percent of the times do not exceed.
sub share {
    my ($times, $percent) = @_;
    my @sorted = sort { $a <=> $b } @$times;
    return $sorted[int($#sorted * $percent / 100)];
}

#!/usr/bin/perl
# Certificates that are replaced while they are served, for minutes: no handshake may fail, none may show an old
# certificate for long, no worker may grow. Called by bench.sh; its status is 1 when one of the first two happened.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Getopt::Long qw(GetOptions);
use IO::Handle;
use IPC::Open2 qw(open2);
use JSON::PP;

use Bench qw(
    say_now fail load load_in_background finish_load table write_json machine shown now pause warn_when_busy
);
use Conf qw(module_directory);
use Server;

my %given = (seconds => 300, 'per-minute' => 1000);
GetOptions(\%given, 'work=s', 'bin=s', 'module=s', 'nginx=s', 'seconds=i', 'per-minute=i') or fail('wrong options');
my ($work, $bin, $seconds) = @given{qw(work bin seconds)};

warn_when_busy();

# Fewer names than a worker keeps (1,000): a name that it does not have yet, asked for in the middle of a swap of links, may
# well be refused, and that is not what is looked for.
my ($pem_names, $certbot_names) = ('p{1..600}.bench.test', 'c{1..300}.bench.test');
my $folder = "$work/churn";
system('rm', '-rf', $folder) == 0 && system('mkdir', '-p', "$folder/server") == 0 or fail("cannot make $folder");

my $server = Server->new(
    name => 'module, folder', kind => 'nginx', binary => $given{nginx}, bin => $bin, folder => "$folder/server",
    workers => 2, write => module_directory($given{module}, "$folder/certificates/live", 'reuseport'), ask => 'p1.bench.test',
);

# It makes the first certificates, says "ready", and begins with the next line.
my $churn_pid = open2(my $churn_out, my $churn_in, "$bin/churn", '--address', '127.0.0.1:' . $server->port, '--ca',
    "$work/ca.pem", '--folder', "$folder/certificates", '--pem-names', $pem_names, '--certbot-names', $certbot_names,
    '--seconds', $seconds, '--per-minute', $given{'per-minute'});
END { kill 'TERM', $churn_pid if $churn_pid }
my $ready = <$churn_out> // '';
$ready eq "ready\n" or fail('churn did not begin');
$server->start;

my @names = ('--tls', '1.3', '--names', "$pem_names,$certbot_names", '--random', '--check-name');
# With reuseport the workers get as many connections each.
say_now('every name once in every worker');
load($bin, $server->port, @names, '--handshakes', 15_000);

say_now("$given{'per-minute'} replacements a minute for $seconds s");
my $begin = now();
my @samples = sample();
my $load = load_in_background($bin, $server->port, @names, '--seconds', $seconds + 3, '--concurrency', 16);
print $churn_in "begin\n";
close $churn_in;
my $next = $begin;
while (now() < $begin + $seconds) {
    pause(0.2);
    if (now() > $next + $seconds / 10) {
        push @samples, sample();
        $next = now();
        say_now(sprintf '%.0f s, %.1f MB', $next - $begin, $samples[-1]{workers_mb});
    }
}
push @samples, sample();
my $churned = decode_json(do { local $/; <$churn_out> // '{}' });
waitpid $churn_pid, 0;
undef $churn_pid;
my $loaded = finish_load($load) or fail('the load client ended early');
my %log = log_lines($server->log_file);
$server->stop;
report();

sub sample {
    my @workers = $server->workers;
    return {
        seconds    => now() - $begin,
        workers_mb => $server->memory(@workers),
        all_mb     => $server->memory,
    };
}

# Kinds of lines in the error log, names and numbers taken out.
sub log_lines {
    my ($path) = @_;
    my %lines;
    for my $line (Bench::slurp($path)) {
        next unless $line =~ /\[(warn|error|crit|alert|emerg)\] \S+ (.*)/;
        my ($level, $text) = ($1, $2);
        $text =~ s/\*\d+ //;
        $text =~ s/\b[pc]\d+\.bench\.test\b/NAME/g;
        $text =~ s/\d+/N/g;
        ++$lines{"[$level] $text"};
    }
    return %lines;
}

sub report {
    my $failed = $loaded->{failed} + $churned->{failed};
    my $middle = $samples[@samples / 2];
    my @rows = (
        ['replaced, of these links swapped', "$churned->{replaced}, $churned->{swapped_links}"],
        ['furthest behind its pace, ms', $churned->{late_ms}],
        ['handshakes under load', $loaded->{handshakes}],
        ['handshakes that looked for the new one', $churned->{probed}],
        ['handshakes in the middle of a swap', $churned->{in_between}],
        ['failed handshakes', $failed],
        ['still old after 1 s (+ 0.1 s)', $churned->{old}],
        ['handshake ms under load: median, 99 %, longest', join ' ', @{$loaded->{latency_ms}}{qw(median p99 max)}],
        ['two workers, MB: start, middle, end', join ' ', map { shown($_->{workers_mb}, 1) } $samples[0], $middle, $samples[-1]],
    );
    print "\n", table(['churn', ''], @rows);
    for my $failures ($loaded->{failures}, $churned->{failures}) {
        print "failed: $_ ($failures->{$_})\n" for sort keys %$failures;
    }
    my @kinds = sort { $log{$b} <=> $log{$a} } keys %log;
    splice @kinds, 8 if @kinds > 8;
    print "log: $log{$_} times $_\n" for @kinds;
    write_json("$work/churn.json", {
        machine => machine(), seconds => $seconds, per_minute => $given{'per-minute'}, churn => $churned, load => $loaded,
        memory => \@samples, log => \%log,
    });
    say_now("also in $work/churn.json");
    exit($failed || $churned->{old} ? 1 : 0);
}

#!/usr/bin/perl
# What many certificates cost: start, memory, warm and cold handshakes, reload. Called by bench.sh.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Getopt::Long qw(GetOptions);
use List::Util qw(min max first);

use Bench qw(say_now fail median difference load table write_json machine shown now warn_when_busy core_for version_of);
use Conf qw(module_static module_directory stock_servers haproxy_directory);
use Server;

my %given = (names => '1000,10000,100000', 'without-haproxy' => '');
GetOptions(\%given, 'work=s', 'bin=s', 'module=s', 'nginx=s', 'haproxy=s', 'without-haproxy=s', 'names=s', 'quick',
    'rounds=i')
    or fail('wrong options');

my ($work, $bin) = @given{qw(work bin)};
my @counts = split /,/, $given{names};
my $quick = $given{quick};
my $rounds = $given{rounds} // ($quick ? 3 : 9);
# About a second: long enough that files are looked at again at the pace of a busy server.
my $warm_handshakes = $quick ? 1000 : 2000;
# A server block for each name, or all in memory at once: beyond these a run takes too long to be of use.
my ($most_stock, $most_haproxy) = $quick ? (1000, 10_000) : (10_000, 100_000);
my $warm_names = 'n{1..100}.bench.test';

warn_when_busy();
my (@results, @left_out);
for my $count (@counts) {
    fail("--names: $count is too few, 200 are needed") if $count < 200;
    my $folder = make_certificates($count);
    my @subjects = subjects($count, $folder);
    my @measured = grep { attempt($_, $count) } @subjects;
    measure_handshakes($count, @measured);
    push @results, @measured;
}
report();

sub make_certificates {
    my ($count) = @_;
    my $folder = "$work/certificates/$count";
    # Made for 90 days: used again for a month.
    my $made = (stat "$folder.complete")[9];
    if (!$made || $made < time - 30 * 86400 || (stat "$work/ca.pem")[9] > $made) {
        say_now("making $count certificates");
        my $begin = now();
        system('rm', '-rf', $folder) == 0 or fail("cannot remove $folder");
        mkdir "$work/certificates";
        system("$bin/make_certificates", '--ca', "$work/ca.pem", '--folder', $folder, '--names',
            "n{1..$count}.bench.test") == 0
            or fail('no certificates');
        say_now(sprintf '%.0f a second', $count / (now() - $begin));
        open my $mark, '>', "$folder.complete" or fail("$folder.complete: $!");
        close $mark;
    }
    return $folder;
}

sub subjects {
    my ($count, $folder) = @_;
    my @names = map {"n$_.bench.test"} 1 .. $count;
    my @nginx = (kind => 'nginx', binary => $given{nginx});
    my $static = module_static($given{module}, "$folder/$names[0].pem");
    my @found = (
        {row => 'module, one certificate',       key => 'static',       write => $static, @nginx},
        {row => 'module, one certificate again', key => 'static_again', write => $static, @nginx, noise => 1},
        {row => 'module, folder', key => 'folder', write => module_directory($given{module}, $folder), @nginx},
    );
    if ($count <= $most_stock) {
        push @found, {row => 'stock nginx, server blocks', key => 'stock', write => stock_servers($folder, @names), @nginx};
    }
    if ($given{haproxy} && $count <= $most_haproxy) {
        push @found, {row => 'HAProxy, crt folder', key => 'haproxy', write => haproxy_directory($folder), kind => 'haproxy',
            binary => $given{haproxy}};
    }
    $_->{names} = $count for @found;
    return @found;
}

# A server that does not start leaves its row out, not the others'.
sub attempt {
    my ($subject, $count) = @_;
    return 1 if eval { measure_start($subject, $count); 1 };
    fail($@) if $subject->{key} eq 'static';
    push @left_out, "$count names, $subject->{row}: $@";
    say_now("left out: $left_out[-1]");
    return 0;
}

sub server_for {
    my ($subject, $workers, $pinned) = @_;
    my $folder = "$work/servers/$subject->{names}-$subject->{key}-$workers";
    system('rm', '-rf', $folder) == 0 && system('mkdir', '-p', $folder) == 0 or fail("cannot make $folder");
    return Server->new(
        name => $subject->{row}, bin => $bin, folder => $folder, workers => $workers, core => $pinned ? core_for('server') : undef,
        ask => 'n1.bench.test', map { $_ => $subject->{$_} } qw(kind binary write),
    );
}

# Two workers: the check, the start, memory, reload.
sub measure_start {
    my ($subject, $count) = @_;
    say_now("$count names: $subject->{row}: start, memory, reload");
    my $server = server_for($subject, 2, 0);
    my (@check, @start);
    # Three times where that takes no time.
    for (1 .. 3) {
        push @check, $server->check_time;
        $server->stop if @start;
        push @start, $server->start;
        last if $check[-1] + $start[-1] > 3;
    }
    $subject->{check_s} = median(@check);
    $subject->{start_s} = median(@start);
    $subject->{memory_mb} = $server->memory;
    my $used = min($count, 1000);
    # Several times each, so that every worker has met nearly all of them.
    load($bin, $server->port, '--tls', '1.3', '--handshakes', 6 * $used, '--random', '--names', "n{1..$used}.bench.test");
    $subject->{memory_used_mb} = $server->memory;
    @$subject{qw(reload_s reload_peak_mb)} = $server->reload;
    $server->stop;
}

# One worker on a core of its own. All servers stand side by side, and each round asks each of them, in turn first.
sub measure_handshakes {
    my ($count, @subjects) = @_;
    say_now("$count names: starting ", scalar @subjects, ' servers with one worker each');
    for my $subject (@subjects) {
        my $server = $subject->{server} = server_for($subject, 1, 1);
        $server->start;
        $subject->{pids} = join ',', $server->workers;
        # Everything is warm once.
        warm($subject, 300);
    }
    # Names 1 to 100 stay warm; the others are used once, part by part.
    my $part = min(200, int(($count - 100) / (2 * $rounds)));
    my $fresh = 101;
    for my $round (1 .. $rounds) {
        say_now("$count names: round $round of $rounds");
        for my $subject (@subjects) {
            # The others' turns took longer than a second: each name's first handshake now looks at its files.
            my $rested = warm($subject, 100);
            my $warm = warm($subject, $warm_handshakes);
            push @{$subject->{warm}}, $warm->{cpu_us_handshake};
            next if $subject->{noise};
            push @{$subject->{rested}}, $rested->{cpu_us_handshake} - $warm->{cpu_us_handshake};
            my $cold = cold($subject, $fresh, $part, 32);
            push @{$subject->{cold}}, $cold->{cpu_us_handshake} - $warm->{cpu_us_handshake};
            # How long one client alone waits.
            my $warm_alone = warm($subject, $part, '--concurrency', 1);
            my $cold_alone = cold($subject, $fresh + $part, $part, 1);
            push @{$subject->{cold_wait}}, $cold_alone->{latency_ms}{median} - $warm_alone->{latency_ms}{median};
        }
        $fresh += 2 * $part;
        push @subjects, shift @subjects;
    }
    my $static = first { $_->{key} eq 'static' } @subjects;
    for my $subject (@subjects) {
        my @warm = @{$subject->{warm}};
        $subject->{warm_us} = median(@warm);
        $subject->{warm_ratio} = median(map { $warm[$_] / $static->{warm}[$_] } 0 .. $#warm);
        if (!$subject->{noise}) {
            $subject->{rested_more_ms} = median(@{$subject->{rested}}) / 1000;
            $subject->{cold_more_ms} = median(@{$subject->{cold}}) / 1000;
            $subject->{cold_wait_more_ms} = median(@{$subject->{cold_wait}});
        }
        (delete $subject->{server})->stop;
    }
}

sub warm {
    my ($subject, $handshakes, @more) = @_;
    return load($bin, $subject->{server}->port, '--tls', '1.3', '--names', $warm_names, '--handshakes', $handshakes,
        '--server-pids', $subject->{pids}, @more);
}

sub cold {
    my ($subject, $first, $handshakes, $concurrency) = @_;
    my $last = $first + $handshakes - 1;
    return load($bin, $subject->{server}->port, '--tls', '1.3', '--names', "n{$first..$last}.bench.test",
        '--handshakes', $handshakes, '--concurrency', $concurrency, '--server-pids', $subject->{pids});
}

sub report {
    my @columns = (
        ['-t s', 'check_s', 2], ['start s', 'start_s', 2], ['MB', 'memory_mb', 1], ['MB used', 'memory_used_mb', 1],
        ['reload s', 'reload_s', 2], ['MB reload', 'reload_peak_mb', 1], ['warm us', 'warm_us', 1],
        ['ratio', 'warm_ratio', 3], ['rested +ms', 'rested_more_ms', 3], ['cold +ms', 'cold_more_ms', 3], ['cold wait +ms', 'cold_wait_more_ms', 3],
    );
    my @rows;
    for my $result (@results) {
        push @rows, [$result->{row}, $result->{names}, map { shown($result->{$_->[1]}, $_->[2]) } @columns];
    }
    print "\n", table(['server', 'names', map { $_->[0] } @columns], @rows);
    print <<'END';

-t and start: until its end, until the first handshake is answered. MB: PSS of master and two workers after start, after
1,000 names were used, the most during a reload. warm: CPU of a handshake with 100 names in use (TLS 1.3, ECDSA P-256, X25519);
ratio: to one certificate, median of rounds; "again" is the same twice, the noise. rested: the first handshake of each of
these names after a pause of more than a second, in CPU more than a warm one. cold: the first handshake of a name at all, in CPU
and in what one client alone waits more than for a warm one. Files are in the page cache.
END
    my @targets = targets();
    print "\n", map {"$_\n"} @targets;
    print "left out: $_" for @left_out;
    print "HAProxy is missing: $given{'without-haproxy'}\n" if $given{'without-haproxy'};
    my @kept = qw(row key names check_s start_s memory_mb memory_used_mb reload_s reload_peak_mb warm_us warm_ratio
        rested_more_ms cold_more_ms cold_wait_more_ms);
    my %versions = (nginx => version_of($given{nginx}, '-v'));
    $versions{haproxy} = version_of($given{haproxy}, '-v') if $given{haproxy};
    write_json("$work/certificates.json", {
        machine => machine(), versions => \%versions, rounds => $rounds, targets => \@targets,
        left_out => \@left_out,
        rows => [map { my $result = $_; +{map { $_ => $result->{$_} } @kept} } @results],
    });
    say_now("also in $work/certificates.json");
}

# The folder against one certificate.
sub targets {
    my @lines;
    for my $count (@counts) {
        my ($static, $folder) = map { my $key = $_; first { $_->{key} eq $key && $_->{names} == $count } @results }
            qw(static folder);
        next unless $folder;
        my $more = sub { difference($folder->{$_[0]}, $static->{$_[0]}) };
        push @lines, sprintf 'folder of %d: -t %+.2f s, start %+.2f s (at most 0.3), memory %+.1f MB after start, %+.1f used '
            . '(at most 40), warm %.3f (at most 1.05), cold %+.3f ms (at most 0.5)',
            $count, $more->('check_s'), $more->('start_s'), $more->('memory_mb'), $more->('memory_used_mb'),
            $folder->{warm_ratio}, $folder->{cold_more_ms};
    }
    return @lines;
}

#!/usr/bin/perl
# The server's CPU beside its peers, row by row (Rows.pm): one worker on one core, in alternating rounds, as ratio to
# stock nginx in the same round. Called by bench.sh.

use strict;
use warnings;

use FindBin;
use lib $FindBin::Bin;
use Getopt::Long qw(GetOptions);

use Bench qw(say_now fail median table write_json machine shown now warn_when_busy);
use Instructions qw(measure_instructions);
use Measure qw(measure_cpu measure_idle measure_latency);
use Rows qw(rows_of parts modes mode);
use Subjects qw(subjects server_for origin_for version);

my %given = (part => [], mode => '', rows => '', servers => '', peer => {}, other => [], 'other-module' => [],
    variant => [], 'left-out' => []);
GetOptions(\%given, 'work=s', 'bin=s', 'module=s', 'nginx=s', 'part=s@', 'peer=s%', 'left-out=s@', 'other=s@',
    'other-module=s@', 'variant=s@', 'mode=s', 'rows=s', 'servers=s', 'rounds=i', 'ms=i', 'quick', 'without-valgrind', 'plain=s@')
    or fail('wrong options');
my ($work, $bin, $quick) = @given{qw(work bin quick)};
my $rounds = $given{rounds} // ($quick ? 3 : 9);
my $ms     = $given{ms}     // ($quick ? 250 : 1000);
my @wanted = split /,/, $given{mode};
my @left_out = @{$given{'left-out'}};
my $begin = now();

for my $mode (@wanted) {
    fail("--mode is one or more of ", join(', ', modes()), ", not \"$mode\"") unless mode($mode);
}
my @rows = chosen_rows();
my @subjects = subjects(%given, servers => [split /,/, $given{servers}]);
my %www = (small => 3, '1k' => 1024, '64k' => 65_536, '10m' => 10_000_000, '100m' => 100_000_000);

warn_when_busy();
make_files();
my %certificates = map { $_ => make_certificate($_) } map { $_->{setup}{certificate} } @rows;
my @results;
for my $row (@rows) {
    for my $mode (modes_of($row)) {
        push @results, measure($row, $mode);
        say_now(join '  ', grep { length } @{line_of($results[-1])});
        # What there is so far, also when the rest is not waited for.
        keep();
    }
}
print "\n", table(['', 'mode', 'unit', 'stock', map { $_->{row} } @subjects[1 .. $#subjects]],
    map { line_of($_) } @results);
print <<'END';

stock: its figure; the others: their ratio to it, median of rounds; "stock again" is the same twice, the noise.
connection, request, GB: the server's CPU, user and system, in microseconds or seconds. busy: client and server share a
core, 64 in flight; cores: each has its own, 32 in flight; one: the same with one. ahead: the module with
tls_signatures_ahead; plain: without AVX-512 and the libraries that need it, to be held against "plain stock".
no TLS: nginx alone, by sendfile, or with each byte read into memory, as who encrypts must. hitch: with the plain nginx behind it.
END
print "left out: $_\n" for @left_out;
print "not the slower side: $_\n" for map { full_servers($_) } @results;
say_now(sprintf '%.0f minutes, also in %s/compare.json', (now() - $begin) / 60, $work);

sub chosen_rows {
    my @parts = @{$given{part}} ? @{$given{part}} : parts();
    my %asked = map { $_ => 0 } split /,/, $given{rows};
    my @found;
    for my $row (map { rows_of($_) } @parts) {
        next if %asked && !exists $asked{$row->{key}};
        $asked{$row->{key}} = 1 if %asked;
        if ($row->{key} eq 'mlkem' && !has_mlkem()) {
            push @left_out, "$row->{what}: this OpenSSL does not have it";
            next;
        }
        if ($row->{per} eq 'instructions' && $given{'without-valgrind'}) {
            push @left_out, "instructions, $row->{what}: valgrind cannot be installed";
            next;
        }
        push @found, $row;
    }
    my @unknown = grep { !$asked{$_} } sort keys %asked;
    fail("no row \"$unknown[0]\" in ", join(', ', @parts)) if @unknown;
    return @found;
}

sub has_mlkem {
    return `openssl list -kem-algorithms 2>/dev/null` =~ /X25519MLKEM768/;
}

sub modes_of {
    my ($row) = @_;
    my @modes = $row->{modes} ? @{$row->{modes}} : @wanted ? @wanted : ('busy', 'cores');
    return {key => 'callgrind'} if $modes[0] eq 'callgrind';
    # With one mode of its own a row is measured in others only when these are asked for.
    @modes = @wanted if @wanted && $row->{per} !~ /^(?:idle|ms)$/;
    my @possible = grep { $_ eq 'busy' || machine()->{cores} > 1 } @modes;
    push @left_out, "$row->{what}: it needs two cores" if @possible < @modes;
    return map { mode($_) } @possible;
}

sub make_files {
    system('mkdir', '-p', "$work/www") == 0 or fail("cannot make $work/www");
    for my $name (keys %www) {
        my $path = "$work/www/$name";
        next if -e $path && -s $path == $www{$name};
        open my $file, '>:raw', $path or fail("$path: $!");
        my $piece = $name eq 'small' ? "ok\n" : join '', map { chr int rand 256 } 1 .. 1024;
        my $left = $www{$name};
        while ($left > 0) {
            print $file substr $piece, 0, $left;
            $left -= length $piece;
        }
        close $file or fail("$path: $!");
    }
}

# Made for 90 days: used again for a month.
sub make_certificate {
    my ($kind) = @_;
    my $folder = "$work/compare/$kind";
    my $file = "$folder/n1.bench.test.pem";
    my $made = (stat $file)[9];
    if (!$made || $made < time - 30 * 86400) {
        system('mkdir', '-p', $folder) == 0 or fail("cannot make $folder");
        system("$bin/make_certificates", '--ca', "$work/ca.pem", '--folder', $folder, '--names', 'n1.bench.test', '--key',
            $kind) == 0 or fail('no certificates');
    }
    return $file;
}

sub measure {
    my ($row, $mode) = @_;
    my %setup = (%{$row->{setup}}, certificate => $certificates{$row->{setup}{certificate}}, www => "$work/www");
    my $origin = $setup{proxied} ? origin_for($work, $bin, $given{nginx}, \%setup) : undef;
    my @measured = map { +{%$_} } @subjects;
    my $left_out = sub {
        my ($subject, $reason) = @_;
        # The first line says it; after a failed start the others are what the server said last.
        $reason =~ s/\n\S*\/load --address.*//s;
        $reason =~ s/^bench: //;
        $reason =~ s/\s+/ /g;
        $reason = substr($reason, 0, 200) . ' ...' if length $reason > 200;
        push @left_out, "$mode->{key}, $row->{what}, $subject->{row}: $reason";
        say_now("left out: $left_out[-1]");
        delete $subject->{values};
    };
    my $start = sub {
        my ($subject, $under) = @_;
        my %more = (batch => $mode->{batch}, $origin ? (origin => $origin) : (), $under ? (under => $under, single => 1) : ());
        return undef if $subject->{parts} && !grep { $_ eq $row->{part} } @{$subject->{parts}};
        return server_for($work, $bin, $subject, \%setup, %more);
    };
    my %run = (bin => $bin, work => $work, row => $row, mode => $mode, rounds => $rounds, ms => $ms,
        subjects => \@measured, left_out => $left_out, start => $start);
    if ($row->{per} eq 'instructions') {
        measure_instructions(%run);
    } else {
        say_now("$mode->{key}: $row->{what}: starting");
        for my $subject (@measured) {
            $subject->{server} = eval { $start->($subject) };
            $left_out->($subject, $@) if $@;
        }
        $run{subjects} = [grep { $_->{server} } @measured];
        $row->{per} eq 'idle' ? measure_idle(%run, rounds => int($rounds / 3) || 1)
            : $row->{per} eq 'ms' ? measure_latency(%run)
            :                       measure_cpu(%run);
    }
    for my $subject (@measured) {
        (delete $subject->{server})->stop if $subject->{server};
    }
    $origin->stop if $origin;
    return {row => $row, mode => $mode, subjects => \@measured};
}

# The ratio of each round, and its median.
sub ratios {
    my ($result, $subject) = @_;
    my $stock = $result->{subjects}[0]{values} or return ();
    my $values = $subject->{values} or return ();
    return map { defined $values->[$_] && $stock->[$_] ? $values->[$_] / $stock->[$_] : () } 0 .. $#$values;
}

# In the mode "cores" the client ought to keep the server waiting for it.
sub full_servers {
    my ($result) = @_;
    my ($row, $mode) = @{$result}{qw(row mode)};
    return () if $mode->{key} ne 'cores';
    my @full = grep { $_->{share} && median(@{$_->{share}}) > 0.95 } @{$result->{subjects}};
    return @full ? "the client, for $row->{what}: " . join ', ', map { $_->{row} } @full : ();
}

my %units;
BEGIN { %units = (connection => 'us/connection', request => 'us/request', gb => 's/GB', idle => 'KiB',
    instructions => 'instructions', ms => 'ms'); }

sub line_of {
    my ($result) = @_;
    my ($row, $mode) = @{$result}{qw(row mode)};
    my ($stock, @others) = @{$result->{subjects}};
    my $decimals = {gb => 3, idle => 2, instructions => 0, ms => 2}->{$row->{per}} // 1;
    return [
        $row->{what}, $mode->{key}, $units{$row->{per}}, shown(median(@{$stock->{values} // []}), $decimals),
        map { shown(median(ratios($result, $_)), 3) } @others,
    ];
}

sub keep {
    my %versions = map { $_->{key} => version($_) } @subjects;
    my @kept;
    for my $result (@results) {
        my ($row, $mode) = @{$result}{qw(row mode)};
        my %figures;
        for my $subject (grep { $_->{values} } @{$result->{subjects}}) {
            my @ratios = sort { $a <=> $b } ratios($result, $subject);
            $figures{$subject->{key}} = {
                figure => median(@{$subject->{values}}), rounds => $subject->{values}, ratio => median(@ratios),
                ratio_least => $ratios[0], ratio_most => $ratios[-1],
                # How much of its core the server had: near 1 in the mode "cores", it was the slower side after all.
                $subject->{share} ? (share => median(@{$subject->{share}})) : (),
                $subject->{latency} ? (handshake_ms => median(@{$subject->{latency}})) : (),
            };
        }
        push @kept, {row => $row->{key}, part => $row->{part}, what => $row->{what}, mode => $mode->{key},
            unit => $units{$row->{per}}, servers => \%figures};
    }
    write_json("$work/compare.json", {
        machine => machine(), versions => \%versions, rounds => $rounds, ms => $ms, variants => $given{variant},
        left_out => \@left_out, rows => \@kept,
    });
}

package Subjects;

# The servers of the comparison, and one of them made ready for a row. The first is stock nginx: all ratios are to it.

use strict;
use warnings;

use Exporter 'import';

use Bench qw(core_for fail version_of);
use Server;
use Setups qw(knows module_nginx stock_nginx clear_nginx boringssl_nginx plain_nginx haproxy h2o apache hitch);

our @EXPORT_OK = qw(subjects server_for origin_for version);

my $name = 'n1.bench.test';

# given: nginx, module, plain (another file of the module, and settings of its environment), other (binaries of nginx), other-module (modules), variant (NAME=DIRECTIVES), peer (a hash of
# binaries), servers (keys of those to keep
# beside what was added by the others; all when empty)
sub subjects {
    my (%given) = @_;
    my @nginx = (kind => 'nginx', binary => $given{nginx});
    my $peer = $given{peer};
    my @found = (
        {key => 'stock',  row => 'stock nginx', write => \&stock_nginx, @nginx},
        {key => 'module', row => 'module', write => module_nginx($given{module}), @nginx},
    );
    push @found, {key => 'ahead', row => 'ahead', parts => ['handshakes'], @nginx,
        write => module_nginx($given{module}, 'tls_signatures_ahead on;')} if knows($given{module}, 'tls_signatures_ahead');
    push @found, plain(\@nginx, @{$given{plain}}) if $given{plain};
    push @found, variants(\@nginx, %given);
    push @found, {key => 'again', row => 'stock again', write => \&stock_nginx, @nginx};
    push @found, clear(\@nginx);
    push @found, {key => 'boringssl', row => 'BoringSSL', write => \&boringssl_nginx, kind => 'nginx',
        binary => $peer->{boringssl}} if $peer->{boringssl};
    push @found, {key => 'haproxy', row => 'HAProxy', write => \&haproxy, kind => 'haproxy', binary => $peer->{haproxy}}
        if $peer->{haproxy};
    push @found, {key => 'h2o', row => 'h2o', write => \&h2o, kind => 'h2o', binary => $peer->{h2o}} if $peer->{h2o};
    push @found, {key => 'apache', row => 'Apache', write => \&apache, kind => 'apache', binary => $peer->{apache}}
        if $peer->{apache};
    push @found, {key => 'hitch', row => 'hitch', write => \&hitch, kind => 'hitch', binary => $peer->{hitch},
        behind => $given{nginx}} if $peer->{hitch};
    my $count = 0;
    for my $binary (@{$given{other}}) {
        my $key = 'nginx' . (++$count == 1 ? '' : $count);
        # One that has no number of tickets to set, or no ssl at all, is left out of rows by its own refusal.
        push @found, {key => $key, row => $key, write => \&stock_nginx, kind => 'nginx', binary => $binary,
            added => 1};
    }
    my %kept = map { $_ => 1 } @{$given{servers}}, 'stock';
    for my $key (sort keys %kept) {
        next if grep { $_ eq $key } 'ahead', 'haproxy', 'h2o', 'apache', 'hitch', 'boringssl', map { $_->{key} } @found;
        fail("no server \"$key\"");
    }
    return @{$given{servers}} ? grep { $kept{$_->{key}} || $_->{added} } @found : @found;
}

# The module as on a lesser machine (a copy of it, and the environment that nginx then needs), and stock nginx there.
sub plain {
    my ($nginx, $module, @environment) = @_;
    my @both = (parts => ['handshakes'], under => ['env', @environment], @$nginx);
    return ({key => 'plain', row => 'plain', write => module_nginx($module), @both},
        {key => 'plain-stock', row => 'plain stock', write => \&stock_nginx, @both});
}

# Nginx without TLS, where a row is about more than handshakes.
sub clear {
    my ($nginx) = @_;
    my @both = (parts => [qw(bulk small proxied idle)], clear => 1, @$nginx);
    return ({key => 'clear', row => 'no TLS', write => clear_nginx(''), @both},
        {key => 'clear-copied', row => 'no TLS, no sendfile', write => clear_nginx('sendfile off; output_buffers 1 256k;'), @both});
}

# The module with other directives, and other builds of it.
sub variants {
    my ($nginx, %given) = @_;
    my @found;
    for my $variant (@{$given{variant}}) {
        my ($key, $directives) = $variant =~ /^([\w.-]+)=(.*)$/s or fail("--variant is NAME=DIRECTIVES, not \"$variant\"");
        push @found, {key => $key, row => $key, write => module_nginx($given{module}, $directives), added => 1,
            @$nginx};
    }
    my $count = 0;
    for my $module (@{$given{'other-module'}}) {
        my $key = 'module' . (++$count + 1);
        push @found, {key => $key, row => $key, write => module_nginx($module), added => 1, @$nginx};
    }
    return @found;
}

# What is to be said of them beside the table.
sub version {
    my ($subject) = @_;
    return version_of($subject->{binary}, $subject->{kind} eq 'h2o' || $subject->{kind} eq 'hitch' ? '--version' : '-v');
}

# A folder for one server, new each time.
sub folder {
    my ($work, $key) = @_;
    my $folder = "$work/servers/$key";
    system('rm', '-rf', $folder) == 0 && system('mkdir', '-p', $folder) == 0 or fail("cannot make $folder");
    # Some give up their rights before they write to it.
    chmod 0777, $folder;
    return $folder;
}

# The server behind all others in a row about proxies: on the client's core, and not counted.
sub origin_for {
    my ($work, $bin, $nginx, $setup) = @_;
    my $server = Server->new(name => 'origin', kind => 'nginx', binary => $nginx, bin => $bin, workers => 1,
        folder => folder($work, 'origin'), core => core_for('client'),
        write => sub { return plain_nginx($_[0], $setup) });
    $server->start;
    return $server;
}

# Starts a subject for a setup on the server's core; undef when it cannot do that. Dies when it fails to start.
# more: batch, origin (the Server behind), under (see Server)
sub server_for {
    my ($work, $bin, $subject, $setup, %more) = @_;
    my $origin = delete $more{origin};
    my %asked = (%$setup, $origin ? (origin => $origin->port) : ());
    my $behind;
    if ($subject->{behind} && !$origin) {
        $behind = Server->new(name => "behind $subject->{row}", kind => 'nginx', binary => $subject->{behind},
            bin => $bin, workers => 1, folder => folder($work, "behind-$subject->{key}"), core => core_for('server'),
            %more, write => sub { return plain_nginx($_[0], $setup) });
    }
    my $text;
    my $server = Server->new(
        name => $subject->{row}, bin => $bin, workers => 1, core => core_for('server'), ask => $name,
        folder => folder($work, $subject->{key}), behind => $behind, under => $subject->{under}, %more,
        kind => $subject->{kind}, binary => $subject->{binary}, clear => $subject->{clear},
        write => sub { $text = $subject->{write}->($_[0], \%asked); return $text // '' },
    );
    return undef unless defined $text;
    $server->start;
    return $server;
}

1;

package TestTLS;

# What every suite of this module stands on: Test::Nginx::Socket, with certificates, ports, and sections in which
# clients that speak TLS are run.
#
# A suite:
#
#     # What it is about, in a line or two.
#     use lib 't/lib';
#     use TestTLS;
#
#     run_tests();
#
#     __DATA__
#
#     === TEST 1: a page over TLS 1.3
#     --- tls_config
#         location / { return 200 "$tls_protocol\n"; }
#     --- run
#     tls_get localhost / --tlsv1.3
#     --- out
#     TLSv1.3
#     --- error_log
#     something that error.log must have
#
# Configuration. "--- tls_config" is the inside of a server "localhost" on 127.0.0.1:TLS_PORT with `tls on` and a
# certificate. "--- http_config" may have whole server blocks, instead or beside; "--- http_start" what must stand in
# front of all servers; "--- main_config" what stands outside of http; "--- config" is Test::Nginx's own plain server, on
# its port. In all of them, and in out and user_files, these are replaced:
#
#     $TEST_NGINX_TLS_PORT $TEST_NGINX_TLS_PORT2 $TEST_NGINX_PLAIN_PORT   free ports on 127.0.0.1
#     $TEST_NGINX_SERVER_PORT         the port of "--- config"
#     $TEST_NGINX_CERTS               the folder that certificates.sh made; its list is at that file's head
#     $TEST_NGINX_SERVROOT            this suite's server: logs/error.log, html/ (user_files), conf/nginx.conf
#     $TEST_NGINX_H2_LISTEN $TEST_NGINX_H2_ON   HTTP/2, for the end of `listen …` and for a line in the server:
#                                     one of them is empty, as this nginx wants it
#
# Sections.
#
#     run             bash, in SERVROOT, after nginx has started, with PORT, PORT2, PLAIN_PORT, STOCK_PORT (of
#                     --- config), CERTS, SERVROOT, NGINX_BINARY, NGINX_PID, NGINX_VERSION, OPENSSL_VERSION, NOSSL (0 or
#                     1), ERROR_LOG and the functions of run.sh. Its last command must succeed.
#     out             exactly what it must print on stdout
#     out_like        each line is a regex that must match within it; out_unlike: must not
#     emerg           `nginx -t` must fail, and each line is a regex that its messages must match. Nothing is started.
#     warn            `nginx -t` must succeed, and each line is a regex that its messages must match. Nothing started.
#     skip_nossl      skipped where nginx was built without ssl
#     own_records     skipped where the run leaves records to libssl (TEST_NGINX_TLS_RECORDS)
#     own_batch       skipped where the run has `tls_batch off` (TEST_NGINX_TLS_BATCH)
#     batches         skipped where `tls_batch on` is refused
#     min_nginx max_nginx min_openssl max_openssl    skipped on others; "max" is the last one on which it is run
#     needs           words that `nginx -V` must have, as --with-http_v3_module
#     workers         worker processes, 1 when not said
#     worker_user     USER GROUP of the workers, where the suites are run by root; root's when not said
#     may_log         the levels, of "alert crit emerg", that error.log may have. Without it, none: every block fails
#                     on such a line, as on a report of a sanitizer.
#
# Test::Nginx's error_log, no_error_log, grep_error_log, request, response_body, … work as it documents them; where a
# block has "run", its own request is not sent. error_log waits for its lines. Blocks run in their order; one needs
# nothing of another. TEST_NGINX_TLS_ONLY=REGEX runs only the blocks whose names match; TEST_NGINX_TLS_RECORDS=libssl
# puts `tls_records libssl` into each http block, and TEST_NGINX_TLS_BATCH=off `tls_batch off`, unless it has the directive itself;
# the servers of life.sh are among them.
#
# Nobody sleeps: wait_for and wait_log in run.sh wait for events.

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use POSIX ();
use Test::More ();
use Time::HiRes qw(sleep time);

use Test::Nginx::Socket;
use Test::Nginx::Util ();

use Batches qw(takes_batches);

our @EXPORT = qw(run_tests repeat_each log_level workers no_long_string add_block_preprocessor);

my $lib = abs_path(dirname(__FILE__));
my $servroot = $Test::Nginx::Util::ServRoot;
my $nginx = $Test::Nginx::Util::NginxBinary;
my $stock_port = $Test::Nginx::Util::ServerPort;
my $error_log = $Test::Nginx::Util::ErrLogFile;
my $run_seconds = $ENV{TEST_NGINX_TLS_RUN_SECONDS} || 90;

sub about_nginx {
    my $said = `$nginx -V 2>&1`;
    my ($version) = $said =~ m{^nginx version: \S+?/([\d.]+)}m;
    my ($openssl) = $said =~ /^running with OpenSSL ([\d.]+)/m;
    ($openssl) = $said =~ /^built with OpenSSL ([\d.]+)/m unless $openssl;
    ($openssl) = `openssl version` =~ /^OpenSSL ([\d.]+)/ unless $openssl;
    return ($version, $openssl, $said =~ /--with-http_ssl_module/ ? 0 : 1, $said);
}

my ($nginx_version, $openssl_version, $nossl, $configure_arguments) = about_nginx();

# Two suites may come here at once; certificates made by an older list are not taken.
sub certificates {
    my $work = $ENV{TEST_NGINX_SERVROOT} ? dirname(dirname($ENV{TEST_NGINX_SERVROOT})) : "$lib/../../build";
    make_path($work);
    my ($key) = split ' ', `cksum < '$lib/certificates.sh'`;
    my $folder = abs_path($work) . "/certificates-$key";
    open my $lock, '>', "$folder.lock" or die "cannot write $folder.lock: $!\n";
    flock $lock, LOCK_EX or die "cannot lock $folder.lock: $!\n";
    # A revocation list ends after a year.
    if (-d $folder && -M $folder > 200) {
        rename $folder, "$folder.old." . time or die "cannot rename $folder: $!\n";
    }
    if (!-d $folder) {
        system('bash', "$lib/certificates.sh", $folder) == 0 or die "cannot make the certificates in $folder\n";
    }
    return $folder;
}

sub version_number { return sprintf '%d%03d%03d', (shift =~ /\d+/g, 0, 0, 0)[ 0 .. 2 ] }

sub set_environment {
    my $h2_directive = version_number($nginx_version) >= version_number('1.25.1');
    my %value = (
        TLS_PORT => $stock_port + 1,
        TLS_PORT2 => $stock_port + 2,
        PLAIN_PORT => $stock_port + 3,
        SERVER_PORT => $stock_port,
        SERVROOT => $servroot,
        CERTS => certificates(),
        H2_LISTEN => $h2_directive ? '' : 'http2',
        H2_ON => $h2_directive ? 'http2 on;' : '',
    );
    $ENV{"TEST_NGINX_$_"} = $value{$_} for keys %value;
    my %short = (
        PORT => 'TLS_PORT',
        PORT2 => 'TLS_PORT2',
        PLAIN_PORT => 'PLAIN_PORT',
        STOCK_PORT => 'SERVER_PORT',
        CERTS => 'CERTS',
        SERVROOT => 'SERVROOT',
    );
    $ENV{$_} = $value{$short{$_}} for keys %short;
    $ENV{NGINX_BINARY} = $nginx;
    $ENV{NGINX_VERSION} = $nginx_version;
    $ENV{OPENSSL_VERSION} = $openssl_version;
    $ENV{NOSSL} = $nossl;
    $ENV{ERROR_LOG} = $error_log;
    $ENV{T_LIB} = $lib;
    $ENV{TEST_NGINX_TLS_NOSSL} = $nossl;
    delete $ENV{$_} for qw(http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY);
}

set_environment();
# nginx would take it for inherited sockets.
delete $ENV{NGINX};
master_on();
no_shuffle();
repeat_each(1);
no_long_string();

sub expand { return Test::Nginx::Util::expand_env_in_text($_[0], 'block', {}) }

sub lines { return grep { /\S/ } split /\n/, expand($_[0]) }

# Why this block is not for this nginx; undef when it is.
sub reason_to_skip {
    my ($block) = @_;
    my $nginx_number = version_number($nginx_version);
    my $openssl_number = version_number($openssl_version);
    my %refused = (
        skip_nossl => sub { $nossl },
        own_records => sub { ($ENV{TEST_NGINX_TLS_RECORDS} // '') eq 'libssl' },
        own_batch => sub { ($ENV{TEST_NGINX_TLS_BATCH} // '') eq 'off' },
        batches => sub { !takes_batches($nginx) },
        min_nginx => sub { $nginx_number < $_[0] },
        max_nginx => sub { $nginx_number > $_[0] },
        min_openssl => sub { $openssl_number < $_[0] },
        max_openssl => sub { $openssl_number > $_[0] },
        needs => sub { grep { index($configure_arguments, $_) < 0 } split ' ', $block->needs },
    );
    for my $section (sort keys %refused) {
        my $value = $block->$section;
        next unless defined $value;
        $value =~ s/\s+//g;
        return "$section $value (nginx $nginx_version, OpenSSL $openssl_version)"
            if $refused{$section}->(version_number($value || '0'));
    }
    return undef;
}

sub outside_of_servers {
    my ($http) = @_;
    1 while $http =~ s/\{[^{}]*\}//g;
    return $http;
}

sub complete_block {
    my ($block) = @_;
    my $tls = $block->tls_config;
    if (defined $tls) {
        my $http = $block->http_config // '';
        my $start = $block->http_start // '';
        $block->set_value(http_config => <<"HTTP");
$start
    server {
        listen 127.0.0.1:\$TEST_NGINX_TLS_PORT \$TEST_NGINX_H2_LISTEN;
        \$TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_certificate \$TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key \$TEST_NGINX_CERTS/localhost.key;
$tls
    }
$http
HTTP
    }
    # The whole run with another maker of records, or without our key work.
    for my $directive (qw(tls_records tls_batch)) {
        my $value = $ENV{"TEST_NGINX_" . uc $directive} or next;
        my $http = $block->http_config // '';
        $block->set_value(http_config => "$http\n    $directive $value;\n") unless outside_of_servers($http) =~ /\b$directive\b/;
    }
    $block->set_value(config => '') unless defined $block->config;
}

sub read_file {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return scalar <$in>;
}

sub stop_nginx {
    my ($pid) = read_file($Test::Nginx::Util::PidFile) =~ /(\d+)/ or return;
    Test::Nginx::Util::kill_process($pid, 1, 'stop') if Test::Nginx::Util::is_running($pid);
}

sub like_all {
    my ($text, $patterns, $name) = @_;
    Test::More::like($text, qr/$_/m, "$name - matches /$_/") for @$patterns;
}

# Test::Nginx takes away what it made itself, and no more.
sub remove_leftovers { remove_tree(grep { !m{/(?:conf|html|logs|[^/]*_temp)$} } glob "$servroot/*") }

# What `nginx -t` says to the block's configuration, and its exit status.
sub test_configuration {
    my ($block) = @_;
    stop_nginx();
    Test::Nginx::Util::setup_server_root(0);
    Test::Nginx::Util::run_customer_init_script($block);
    Test::Nginx::Util::write_user_files($block, {});
    Test::Nginx::Util::write_config_file($block, expand($block->config), {});
    my $said = `timeout $run_seconds $nginx -t -e stderr -p $servroot/ -c $Test::Nginx::Util::ConfFile 2>&1`;
    my $status = $? >> 8;
    # What nginx writes once it knows error_log goes there only.
    $said .= read_file($error_log);
    # An empty one, which Test::Nginx would take for a server's at its end.
    unlink $Test::Nginx::Util::PidFile;
    no_sanitizer_report($said, $block->name);
    return ($said, $status);
}

sub check_configuration {
    my ($block) = @_;
    my $name = $block->name;
    my ($said, $status) = test_configuration($block);
    my ($wanted, $patterns) = defined $block->emerg ? (1, $block->emerg) : (0, $block->warn);
    Test::More::is($status, $wanted, "$name - nginx -t's status") or Test::More::diag($said);
    like_all($said, [ lines($patterns) ], $name);
}

sub no_sanitizer_report {
    my ($text, $name) = @_;
    my ($report) = $text =~ /^(.*(?:ERROR: \w+Sanitizer|: runtime error: ).*)$/m;
    Test::More::fail("$name - $report") if $report;
}

# nginx's command ends before the server behind it has said its pid or made its workers, which take their title when they
# have begun. The server's pid; nothing when it has not come.
sub wait_for_workers {
    my $end = time + 10;
    while (time < $end) {
        my ($pid) = read_file($Test::Nginx::Util::PidFile) =~ /(\d+)/;
        return $pid if $pid && `pgrep -c -P $pid -f 'nginx: worker process\$'` >= $Test::Nginx::Util::Workers;
        sleep 0.01;
    }
    return '';
}

sub run_script {
    my ($block) = @_;
    my $name = $block->name;
    $ENV{NGINX_PID} = wait_for_workers();
    my $script = "$servroot/conf/run.sh";
    open my $file, '>', $script or die "cannot write $script: $!\n";
    print $file ". '$lib/run.sh'\n", $block->run;
    close $file;
    my ($stdout, $stderr) = map { "$servroot/logs/run.$_" } qw(stdout stderr);
    # Output goes to files, since a process left behind would hold a pipe open; whatever is left behind is ended.
    my $pid = fork // die "cannot fork: $!\n";
    if ($pid == 0) {
        setpgrp;
        exec 'sh', '-c', "cd '$servroot' && exec timeout --foreground -k 5 $run_seconds bash '$script'"
            . " >'$stdout' 2>'$stderr' </dev/null" or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    my $status = $?;
    kill TERM => -$pid;
    my $out = read_file($stdout);
    my $complaints = read_file($stderr);
    my $good = Test::More::is($status, 0, "$name - run succeeds");
    $good &= Test::More::is($out, expand($block->out), "$name - out") if defined $block->out;
    for my $pattern (lines($block->out_like // '')) {
        $good &= Test::More::like($out, qr/$pattern/m, "$name - out matches /$pattern/");
    }
    for my $pattern (lines($block->out_unlike // '')) {
        $good &= Test::More::unlike($out, qr/$pattern/m, "$name - out does not match /$pattern/");
    }
    Test::More::diag("run wrote to stderr: $complaints") if !$good && $complaints ne '';
}

# A line may be written after the client has seen its effect.
sub wait_for_error_log {
    my ($block) = @_;
    my $wanted = $block->error_log;
    my @wanted = !defined $wanted ? () : ref $wanted eq 'ARRAY' ? @$wanted : ref $wanted ? $wanted : lines($wanted);
    my $end = time + 5;
    while (time < $end) {
        my $log = read_file($error_log);
        return unless grep { defined && (ref $_ ? $log !~ $_ : index($log, $_) < 0) } @wanted;
        sleep 0.02;
    }
}

sub check_levels {
    my ($block) = @_;
    my $name = $block->name;
    my $log = read_file($error_log);
    my %may = map { $_ => 1 } split ' ', $block->may_log // '';
    my $levels = join '|', grep { !$may{$_} } qw(alert crit emerg);
    my @bad = $levels eq '' ? () : $log =~ /^(.*\[(?:$levels)\].*)$/mg;
    Test::More::is("@bad", '', "$name - nothing grave in error.log");
    no_sanitizer_report($log . read_file("$servroot/logs/nginx.stderr"), $name);
}

my $send_request = $Test::Nginx::Util::RunTestHelper;
my $check_error_log = $Test::Nginx::Util::CheckErrorLog;

$Test::Nginx::Util::RunTestHelper = sub ($$) {
    my ($block, $dry_run, $index) = @_;
    if (defined $block->run) {
        run_script($block);
        wait_for_error_log($block);
        $check_error_log->($block, undef, $dry_run, $index, 0);
    } else {
        $send_request->($block, $dry_run, $index);
    }
    check_levels($block);
};

my $run_block = \&Test::Nginx::Util::run_test;
{
    no warnings qw(redefine prototype);
    *Test::Nginx::Util::run_test = sub ($) {
        my ($block) = @_;
        my $name = $block->name;
        my $only = $ENV{TEST_NGINX_TLS_ONLY};
        return if defined $only && $name !~ /$only/;
        if (my $reason = reason_to_skip($block)) {
            SKIP: { Test::More::skip("$name - $reason", 1) }
            return;
        }
        complete_block($block);
        remove_leftovers();
        return check_configuration($block) if defined $block->emerg || defined $block->warn;
        # Test::Nginx would try for half a minute, and then end the whole suite.
        my ($said, $status) = test_configuration($block);
        if ($status != 0) {
            Test::More::fail("$name - the configuration is good");
            Test::More::diag($said);
            return;
        }
        remove_leftovers();
        local $Test::Nginx::Util::Workers = $block->workers if defined $block->workers;
        local $Test::Nginx::Util::WorkerUser = $block->worker_user =~ s/\s+\z//r
            if defined $block->worker_user && $> == 0;
        $run_block->($block);
    };

    my $run_all = \&Test::Nginx::Util::run_tests;
    *run_tests = sub () {
        Test::Nginx::Socket::plan('no_plan');
        $run_all->();
    };
}

1;

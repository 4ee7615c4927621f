package Setups;

# Configurations for the comparison of servers. Each function takes (server, setup) and returns the text, or nothing
# when the server cannot do what the setup asks for. They are as equal as the servers let them be: the same certificate,
# TLS 1.2 and 1.3, one worker, no access log, connections kept for minutes; all else is the server's default. What is
# negotiated is the client's choice, which offers one of each.
#
# A setup: certificate (a file with chain and key), www (the folder with the files), origin (the port of the server
# behind), tickets (how many a TLS 1.3 handshake gives; undef for the default), refuse (names other than the
# certificate's), deferred (TCP_DEFER_ACCEPT), key_threads (slow keys in threads, where a server can do that), extra
# (directives for this one server).

use strict;
use warnings;

use Exporter 'import';

use Conf qw(nginx);

our @EXPORT_OK = qw(knows module_nginx stock_nginx clear_nginx boringssl_nginx plain_nginx haproxy h2o apache hitch);

# HAProxy wants twice as many descriptors as connections, and 20,000 are a common limit. When a sixteenth of its connections
# or less is left, nginx closes idle ones: 9,000 of them must stand.
my ($name, $connections) = ('n1.bench.test', 9_700);

# The same in each nginx, whose TLS directives differ by their first word.
sub served {
    my ($setup) = @_;
    my $proxied = $setup->{origin} ? <<"END" : '';
        location /proxied/ {
            proxy_pass http://127.0.0.1:$setup->{origin};
            proxy_max_temp_file_size 0;
        }
END
    return <<"END";
        location = /small { return 200 "ok\\n"; }
        location / { root "$setup->{www}"; }
$proxied
END
}

my $kept = <<'END';
    sendfile on;
    keepalive_timeout 600s;
    keepalive_requests 100000000;
END

# True when that build of the module has a directive of that name.
sub knows {
    my ($module, $directive) = @_;
    open my $file, '<:raw', $module or return 0;
    local $/;
    return index(<$file>, "$directive\0") >= 0;
}

sub tls_nginx {
    my ($server, $setup, %with) = @_;
    my $word = $with{module} ? 'tls' : 'ssl';
    my $listen = "listen 127.0.0.1:$server->{port}" . ($with{module} ? '' : ' ssl');
    my $first = $listen . ($setup->{deferred} ? ' deferred;' : ';');
    my $on = $with{module} ? 'tls on;' : '';
    my $tickets = defined $setup->{tickets} ? "${word}_conf_command NumTickets $setup->{tickets};" : '';
    my $threads = $setup->{key_threads} && $with{module} && knows($with{module}, 'tls_key_threads')
        ? 'tls_key_threads default;' : '';
    my $refusing = $setup->{refuse} ? <<"END" : '';
    server {
        $first
        $on
        ${word}_reject_handshake on;
    }
END
    $first = "$listen;" if $refusing;
    return nginx($server, $with{module}, <<"END", $connections);
$kept
    ${word}_protocols TLSv1.2 TLSv1.3;
$refusing
    server {
        $first
        server_name $name;
        $on
        ${word}_certificate "$setup->{certificate}";
        ${word}_certificate_key "$setup->{certificate}";
        $tickets
        $threads
        @{[$setup->{extra} // '']}
@{[served($setup)]}
    }
END
}

sub module_nginx {
    my ($module, $extra) = @_;
    return sub {
        my ($server, $setup) = @_;
        return tls_nginx($server, {%$setup, extra => $extra}, module => $module);
    };
}

sub stock_nginx { return tls_nginx(@_) }

# It has no SSL_CONF_cmd, and so no way to say how many tickets.
sub boringssl_nginx {
    my ($server, $setup) = @_;
    return defined $setup->{tickets} ? () : tls_nginx($server, $setup);
}

# Without TLS: how near to it one can come. `extra` is for all that is read into memory first, as who encrypts must.
sub clear_nginx {
    my ($extra) = @_;
    return sub {
        my ($server, $setup) = @_;
        return nginx($server, undef, <<"END", $connections);
$kept
    server {
        listen 127.0.0.1:$server->{port};
        $extra
@{[served($setup)]}
    }
END
    };
}

# What stands behind the others: the files, without TLS.
sub plain_nginx {
    my ($server, $setup) = @_;
    return nginx($server, undef, <<"END", 2 * $connections);
$kept
    server {
        listen 127.0.0.1:$server->{port};
        location = /small { return 200 "ok\\n"; }
        location / { root "$setup->{www}"; }
        location /proxied/ { alias "$setup->{www}/"; }
    }
END
}

# It has no files: what is small stands in its memory, the rest comes from the server behind.
sub haproxy {
    my ($server, $setup) = @_;
    return if defined $setup->{tickets} || $setup->{files};
    my $bind = join ' ', $setup->{refuse} ? 'strict-sni' : (), $setup->{deferred} ? 'defer-accept' : ();
    my $proxied = $setup->{origin} ? <<"END" : '';
    use_backend origin if { path_beg /proxied/ }
backend origin
    server origin 127.0.0.1:$setup->{origin}
END
    return <<"END";
global
    nbthread $server->{workers}
    maxconn $connections
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    timeout client 600s
    timeout connect 30s
    timeout server 600s
    timeout http-keep-alive 600s
frontend bench
    bind 127.0.0.1:$server->{port} ssl crt "$setup->{certificate}" $bind
    http-request return status 200 content-type text/plain string "ok\\n" if { path /small }
    http-request return status 200 content-type application/octet-stream file "$setup->{www}/1k" if { path /1k }
$proxied
END
}

# Its listening sockets are always deferred ones.
sub h2o {
    my ($server, $setup) = @_;
    return if defined $setup->{tickets} || $setup->{refuse};
    my $user = $> == 0 ? 'user: root' : '';
    my $proxied = $setup->{origin} ? <<"END" : '';
      "/proxied":
        proxy.reverse.url: "http://127.0.0.1:$setup->{origin}/proxied"
END
    return <<"END";
$user
num-threads: $server->{workers}
max-connections: $connections
http1-request-timeout: 600
error-log: "$server->{folder}/error.log"
pid-file: "$server->{folder}/h2o.pid"
listen:
  host: 127.0.0.1
  port: $server->{port}
  ssl:
    certificate-file: "$setup->{certificate}"
    key-file: "$setup->{certificate}"
    minimum-version: TLSv1.2
    ocsp-update-interval: 0
hosts:
  default:
    paths:
$proxied
      "/":
        file.dir: "$setup->{www}"
END
}

sub apache {
    my ($server, $setup) = @_;
    return if defined $setup->{tickets} || $setup->{refuse};
    my $modules = join "\n", map {"LoadModule ${_}_module /usr/lib/apache2/modules/mod_$_.so"}
        qw(mpm_event authz_core ssl proxy proxy_http);
    my $user = $> == 0 ? "User nobody\nGroup nogroup" : '';
    my $proxied = $setup->{origin} ? "ProxyPass /proxied/ http://127.0.0.1:$setup->{origin}/proxied/" : '';
    return <<"END";
$modules
ServerRoot "$server->{folder}"
ServerName $name
PidFile "$server->{folder}/apache.pid"
ErrorLog "$server->{folder}/error.log"
DefaultRuntimeDir "$server->{folder}"
$user
Listen 127.0.0.1:$server->{port}
StartServers 1
ServerLimit 1
ThreadLimit 64
ThreadsPerChild 64
MaxRequestWorkers 64
AsyncRequestWorkerFactor 400
KeepAlive On
KeepAliveTimeout 600
MaxKeepAliveRequests 0
SSLEngine on
SSLProtocol -all +TLSv1.2 +TLSv1.3
SSLCertificateFile "$setup->{certificate}"
DocumentRoot "$setup->{www}"
<Directory "$setup->{www}">
    Require all granted
</Directory>
$proxied
END
}

# It ends TLS only: all it serves comes from a plain nginx behind it, which is counted with it (not in rows about
# proxies, where all have one).
sub hitch {
    my ($server, $setup) = @_;
    return if defined $setup->{tickets} || $setup->{deferred};
    my $behind = $setup->{origin} // $server->{behind}->port;
    my $refuse = $setup->{refuse} ? 'on' : 'off';
    my $user = $> == 0 ? "user = \"nobody\"\ngroup = \"nogroup\"" : '';
    return <<"END";
frontend = "[127.0.0.1]:$server->{port}"
backend = "[127.0.0.1]:$behind"
pem-file = "$setup->{certificate}"
tls-protos = TLSv1.2 TLSv1.3
workers = $server->{workers}
backlog = 511
daemon = off
log-level = 1
ocsp-dir = ""
sni-nomatch-abort = $refuse
$user
END
}

1;

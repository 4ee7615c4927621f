package Conf;

# Configurations for what certificates cost. Each function returns what Server->new takes as `write`.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(nginx module_static module_directory stock_servers haproxy_directory);

# What all nginx have in common; the rest stands inside http {}.
sub nginx {
    my ($server, $module, $http, $connections) = @_;
    $connections //= 4096;
    my $folder = $server->{folder};
    my $more_files = $> == 0 ? "worker_rlimit_nofile " . 2 * $connections . ';' : '';
    my $single = $server->{single} ? 'master_process off;' : '';
    my $user = $> == 0 ? 'user root;' : '';
    my $load = defined $module ? "load_module \"$module\";" : '';
    my $temporary = join "\n", map {"    ${_}_temp_path \"$folder/$_\";"} qw(client_body proxy fastcgi uwsgi scgi);
    return <<"END";
$load
$user
daemon off;
worker_processes $server->{workers};
$single
$more_files
pid "$folder/nginx.pid";
error_log "$folder/error.log" notice;
events { worker_connections $connections; }
http {
    access_log off;
$temporary
$http
}
END
}

sub module_static {
    my ($module, $file) = @_;
    return sub {
        my ($server) = @_;
        return nginx($server, $module, <<"END");
    server {
        listen 127.0.0.1:$server->{port};
        tls on;
        tls_protocols TLSv1.2 TLSv1.3;
        tls_certificate "$file";
        tls_certificate_key "$file";
        location / { return 200 "ok\\n"; }
    }
END
    };
}

sub module_directory {
    my ($module, $folder, $listen) = @_;
    my $address_end = defined $listen ? " $listen;" : ';';
    return sub {
        my ($server) = @_;
        return nginx($server, $module, <<"END");
    server {
        listen 127.0.0.1:$server->{port}$address_end
        tls on;
        tls_protocols TLSv1.2 TLSv1.3;
        tls_certificate_directory "$folder";
        location / { return 200 "ok\\n"; }
    }
END
    };
}

# nginx's own module with a server block for each name.
sub stock_servers {
    my ($folder, @names) = @_;
    return sub {
        my ($server) = @_;
        my $blocks = join '', map {<<"END"} @names;
    server {
        listen 127.0.0.1:$server->{port} ssl;
        server_name $_;
        ssl_certificate "$folder/$_.pem";
        ssl_certificate_key "$folder/$_.pem";
        location / { return 200 "ok\\n"; }
    }
END
        return nginx($server, undef, <<"END");
    ssl_protocols TLSv1.2 TLSv1.3;
    server_names_hash_max_size 200000;
    server_names_hash_bucket_size 128;
$blocks
END
    };
}

sub haproxy_directory {
    my ($folder) = @_;
    return sub {
        my ($server) = @_;
        return <<"END";
global
    nbthread $server->{workers}
    maxconn 4096
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    timeout client 30s
    timeout connect 30s
    timeout server 30s
frontend bench
    bind 127.0.0.1:$server->{port} ssl crt "$folder/"
    http-request return status 200 content-type text/plain string ok
END
    };
}

1;

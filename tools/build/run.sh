# shellcheck shell=bash
# The installed nginx with the module, on loopback, with certificates from an authority of its own. All it writes is in
# build/run.

# shellcheck source=tools/build/build.sh
. "$tools/build.sh"

run_dir=$build/run

command_run() {
    local port=8443 http_port=8080 version nginx
    while [ $# -gt 0 ]; do
        case $1 in
            --port) port=${2:-} ;;
            --http-port) http_port=${2:-} ;;
            *) die "unknown option \"$1\": run takes --port N and --http-port N" ;;
        esac
        shift
        [ $# -eq 0 ] || shift
    done
    check_port --port "$port"
    check_port --http-port "$http_port"
    [ "$port" -ne "$http_port" ] || die "--port and --http-port are both $port"

    require_packages "${build_packages[@]}" curl
    build_module
    nginx=$(nginx_binary)
    version=$(nginx_version "$nginx")
    mkdir -p "$run_dir"/{temp,www}
    write_run_pages
    write_run_configuration "$port" "$http_port" "$version" >"$run_dir/nginx.conf"
    serve "$nginx" "$port"
}

check_port() { # OPTION PORT
    if ! [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || [ "$2" -gt 65535 ]; then
        die "$1 needs a port number"
    fi
    if port_answers "$2"; then
        die "port $2 is in use: choose another one with $1"
    fi
}

port_answers() { # PORT
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

write_run_pages() {
    cat >"$run_dir/www/index.html" <<'END'
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>nginx with ngx_http_tls_module</title></head>
<body>
<h1>It works</h1>
<p>This page came over a connection that <code>ngx_http_tls_module</code> accepted.</p>
<p><a href="/proxied/">The same through a proxied upstream</a></p>
</body>
</html>
END
}

write_run_configuration() { # PORT HTTP-PORT NGINX-VERSION
    local listen_option='' http2='' listen_ipv6=''
    if version_at_least 1.25.1 "$3"; then
        http2='http2 on;'
    else
        listen_option=' http2'
    fi
    if grep -q ' lo$' /proc/net/if_inet6 2>/dev/null; then
        listen_ipv6="listen [::1]:$1$listen_option;"
    fi
    # Workers of a server that root starts must be able to read a checkout in root's home.
    [ "$(id -u)" -ne 0 ] || echo "user root;"
    cat <<END
load_module "$build/ngx_http_tls_module.so";

daemon off;
worker_processes 2;
pid "$run_dir/nginx.pid";
error_log "$run_dir/error.log" info;
error_log stderr warn;

events {}

http {
    access_log "$run_dir/access.log";
    client_body_temp_path "$run_dir/temp/body";
    proxy_temp_path "$run_dir/temp/proxy";
    fastcgi_temp_path "$run_dir/temp/fastcgi";
    uwsgi_temp_path "$run_dir/temp/uwsgi";
    scgi_temp_path "$run_dir/temp/scgi";

    types { text/html html; }
    default_type text/plain;

    server {
        listen 127.0.0.1:$1$listen_option;
        $listen_ipv6
        $http2
        server_name localhost;

        tls on;
        tls_certificate internal;
        tls_internal_ca "$run_dir/ca";

        root "$run_dir/www";

        location = /status {
            tls_status;
        }

        location /proxied/ {
            proxy_pass http://127.0.0.1:$2/;
            proxy_set_header Host \$http_host;
            proxy_set_header X-Forwarded-Proto \$scheme;
        }
    }

    server {
        listen 127.0.0.1:$2;

        location / {
            return 200 "upstream: \$request_method \$request_uri for \$http_host over \$http_x_forwarded_proto\n";
        }
    }
}
END
}

# Runs nginx until it ends or Ctrl-C; then nginx closes its listeners and ends by itself.
serve() { # NGINX PORT
    local pid status=0 url=https://localhost:$2 cacert
    cacert=$(printf '%q' "$run_dir/ca/ca.pem")
    # -e: Debian's default error log belongs to root.
    "$1" -q -t -e stderr -p "$run_dir" -c "$run_dir/nginx.conf" || die "nginx refuses $run_dir/nginx.conf"
    trap : INT TERM
    "$1" -e stderr -p "$run_dir" -c "$run_dir/nginx.conf" &
    pid=$!
    until port_answers "$2"; do
        kill -0 "$pid" 2>/dev/null || die "nginx ended at start"
        read -r -t 0.05 <> <(:) || true
    done
    cat <<END

nginx $(nginx_version "$1") with ngx_http_tls_module serves $url (Ctrl-C ends it)

  curl --cacert $cacert $url/
  curl --cacert $cacert $url/proxied/
  $url/status in a browser

END
    # wait returns early for each signal: nginx got Ctrl-C from the terminal itself, a lone TERM is passed on.
    while kill -0 "$pid" 2>/dev/null; do
        status=0
        wait "$pid" || status=$?
        [ "$status" -le 128 ] || kill -TERM "$pid" 2>/dev/null || true
    done
    rm -f "$run_dir/nginx.pid"
    [ "$status" -eq 0 ] || [ "$status" -gt 128 ] || die "nginx ended with status $status"
}

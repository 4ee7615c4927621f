# shellcheck shell=bash
# For "run" sections that start, change and end servers of their own. Stands on run.sh and two_servers.sh.
#
# A server is NAME, with its configuration, log, pid and access log as $life/NAME.*. Its configuration is written by
# `configure NAME`; `server` writes a server block for the module or, with SIDE=ssl, for nginx's own ssl.

life=$SERVROOT/html/life
binary=$(command -v "$TEST_NGINX_BINARY" || echo "$TEST_NGINX_BINARY")
mkdir -p "$life/tmp"
trap end_servers EXIT

# One server block; of the inside, tls_ becomes ssl_ where it must.
server() { # LISTEN [INSIDE [CERTIFICATE]]
    local certificate=$CERTS/${3:-localhost}
    if [ "${SIDE:-tls}" = tls ]; then
        printf 'server { listen %s; tls on; tls_certificate %s.crt; tls_certificate_key %s.key; %s }\n' \
            "$1" "$certificate" "$certificate" "${2:-}"
    else
        printf 'server { listen %s ssl; ssl_certificate %s.crt; ssl_certificate_key %s.key; ssl_protocols TLSv1.2 TLSv1.3; %s }\n' \
            "$1" "$certificate" "$certificate" "${2//tls_/ssl_}"
    fi
}

# What the whole run puts into each http block, unless it has the directive itself; see TestTLS.pm.
of_the_run() { # HTTP
    local directive value
    for directive in tls_records tls_batch; do
        value=TEST_NGINX_${directive^^}
        if [ -n "${!value:-}" ] && ! grep -q "^ *$directive " <<<"$1"; then
            printf '%s %s;\n' "$directive" "${!value}"
        fi
    done
}

# From the http block's inside on stdin. $main and $events are further lines of those contexts.
configure() { # NAME
    local path part http
    http=$(cat)
    {
        for part in $TEST_NGINX_LOAD_MODULES; do
            printf 'load_module %s;\n' "$part"
        done
        [ "$(id -u)" -ne 0 ] || echo 'user root;'
        printf 'pid %s;\nerror_log %s info;\n%s\n' "$life/$1.pid" "$life/$1.log" "${main:-worker_processes 2;}"
        printf 'events { %s }\n' "${events:-worker_connections 256;}"
        printf 'http {\naccess_log %s;\ndefault_type text/plain;\n' "$life/$1.access"
        for path in client_body proxy fastcgi uwsgi scgi; do
            printf '%s_temp_path %s;\n' "$path" "$life/tmp/$path"
        done
        of_the_run "$http"
        printf '%s\n}\n' "$http"
    } >"$life/$1.conf.new"
    mv "$life/$1.conf.new" "$life/$1.conf"
}

nginx() { # NAME OPTION...
    local name=$1
    shift
    "$binary" -p "$life/" -e "$life/$name.log" -c "$life/$name.conf" "$@"
}

# All have begun: the command ends before there are any.
has_workers() { # NAME
    local wanted
    wanted=$(grep -o 'worker_processes [0-9]*' "$life/$1.conf")
    [ -s "$life/$1.pid" ] && [ "$(workers_of "$1" | wc -l)" -ge "${wanted#* }" ]
}

start() { # NAME
    nginx "$1" && wait_for has_workers "$1"
}

pid() { # NAME
    cat "$life/$1.pid"
}

# The workers of NAME that take connections; those that are shutting down are not among them.
workers_of() { # NAME
    pgrep -P "$(pid "$1")" -f 'nginx: worker process$' | sort -n
}

# New workers are there, and none of the OLD ones takes connections any more.
has_turned() { # NAME OLD-PIDS
    local now old
    now=$(workers_of "$1")
    [ -n "$now" ] && [ -z "$(comm -12 <(printf '%s\n' "$2") <(printf '%s\n' "$now"))" ] || return 1
    for old in $2; do
        ! listens "$old" || return 1
    done
}

reload_of() { # NAME
    local before
    before=$(workers_of "$1")
    kill -HUP "$(pid "$1")"
    wait_for has_turned "$1" "$before"
}

# Ended, though perhaps nobody has collected it yet.
gone() { # PID
    [ ! -e "/proc/$1/stat" ] || grep -q '^[0-9]* (.*) Z ' "/proc/$1/stat"
}

# Ends NAME by SIGNAL and waits until all of it has gone.
finish() { # NAME [SIGNAL]
    local pid
    pid=$(pid "$1")
    kill "-${2:-QUIT}" "$pid"
    wait_for gone "$pid"
}

# How many lines of NAME's log match.
count_in() { # NAME REGEX
    grep -cE -- "$2" "$life/$1.log" || true
}

logged() { # NAME REGEX
    grep -qE -- "$2" "$life/$1.log"
}

# Lines of all servers' logs that nobody expects, but for those that match REGEX.
grave() { # [REGEX]
    grep -hE '\[(alert|crit|emerg)\]|Sanitizer|runtime error' "$life"/*.log | grep -vE "${1:-^$}" || true
}

end_servers() {
    local file pid
    for file in "$life"/*.pid "$life"/*.pid.oldbin; do
        pid=$(cat "$file" 2>/dev/null) && kill "$pid" 2>/dev/null
    done
    jobs -p | xargs -r kill 2>/dev/null
}

# Starts COUNT clients that make requests until load_result: half of them on a new connection each, over both
# versions, half on kept ones. A kept connection may end between two requests, never within one.
start_load() { # COUNT
    rm -f "$life/load.stop" "$life"/load.[0-9]*
    local n
    for n in $(seq "$1"); do
        LIFE=$life N=$n client -e '
            my ($good, $bad, @why) = (0, 0);
            my $note = sub { $bad++; push @why, $_[0] if @why < 5 };
            my $want = slurp("$ENV{SERVROOT}/html/load");
            my $one = sub {
                my ($s) = @_;
                my $response = get($s, "/load");
                return if !$response;
                $response->{whole} && $response->{body} eq $want ? $good++ : $note->("a broken response");
                return 1;
            };
            until (-e "$ENV{LIFE}/load.stop") {
                my $s = tls($ENV{AT}, may_fail => 1, version => $good % 2 ? "TLSv1_2" : "TLSv1_3");
                if (!$s) { $note->("no handshake: $! $IO::Socket::SSL::SSL_ERROR"); next }
                $one->($s) or $note->("no response on a new connection: $!");
                if ($ENV{N} % 2) { 1 while !-e "$ENV{LIFE}/load.stop" && $one->($s) }
                $s->close;
                open my $out, ">", "$ENV{LIFE}/load.$ENV{N}.new"; print $out "$good $bad @why\n"; close $out;
                rename "$ENV{LIFE}/load.$ENV{N}.new", "$ENV{LIFE}/load.$ENV{N}";
            }
            open my $out, ">", "$ENV{LIFE}/load.$ENV{N}.new"; print $out "$good $bad @why\n"; close $out;
            rename "$ENV{LIFE}/load.$ENV{N}.new", "$ENV{LIFE}/load.$ENV{N}";' &
        load_pids[n]=$!
    done
    wait_for load_runs "$1"
}

load_runs() { # COUNT
    [ "$(grep -l '^[1-9]' "$life"/load.[0-9]* 2>/dev/null | wc -l)" -gt $(($1 / 2 - 1)) ]
}

# "no failures", or what failed.
load_result() {
    touch "$life/load.stop"
    wait "${load_pids[@]}"
    awk '{ good += $1; bad += $2; $1 = $2 = ""; if ($0 !~ /^ *$/) print } END { print (good > 20 ? "many" : good), "good,", bad, "bad" }' \
        "$life"/load.[0-9]*
}

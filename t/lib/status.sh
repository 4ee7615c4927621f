# shellcheck shell=bash
# For "run" sections about the status page. Stands on run.sh. The page is at /status of the plain server, `--- config`.

# The page in Prometheus' format.
status() {
    curl -q -sS --max-time 30 "http://127.0.0.1:$STOCK_PORT/status?format=prometheus"
}

# The value of a series, written without nginx_tls_ and in the order of the page's own labels; 0 when it is not there.
value() { # SERIES
    status | awk -v series="nginx_tls_$1 " 'index($0, series) == 1 { print $NF; found = 1 } END { if (!found) print 0 }'
}

# The sum over all series that begin so.
total() { # BEGIN
    status | awk -v begin="nginx_tls_$1" 'index($0, begin) == 1 { sum += $NF } END { print sum + 0 }'
}

has_value() { # SERIES VALUE
    [ "$(value "$1")" = "$2" ]
}

# Waits until a series has that value, and prints both.
wait_value() { # SERIES VALUE
    wait_for has_value "$1" "$2" || { value "$1" >&2; return 1; }
    printf '%s %s\n' "$1" "$2"
}

# What perl says of the page's JSON, in $s.
json() { # PERL-EXPRESSION
    curl -q -sS --max-time 30 "http://127.0.0.1:$STOCK_PORT/status?format=json" |
        perl -MJSON::PP -e 'local $/; my $s = decode_json(<STDIN>); print join(" ", '"$1"'), "\n"'
}

# Each certificate's name and the days that are left, to the nearest whole one.
names_and_days() {
    json 'map { sprintf "%s %.0f", $_->{name}, ($_->{not_after} - $s->{now}) / 86400 } @{$s->{certificates}}'
}

# Changes the server's configuration by a sed script and reloads.
reconfigure() { # SED-SCRIPT
    sed -i "$1" "$SERVROOT/conf/nginx.conf"
    reload
}

# A connection to NAME that stays until `let_go`: sets HELD. With a request that was answered.
hold_open() { # NAME [S_CLIENT-OPTION...]
    local name=$1
    shift
    coproc CONNECTION { exec timeout 60 openssl s_client -connect "127.0.0.1:$PORT" -servername "$name" -quiet "$@" 2>&1; }
    HELD=$CONNECTION_PID
    # shellcheck disable=SC2153
    exec 7>&"${CONNECTION[1]}" 8<&"${CONNECTION[0]}"
    printf 'GET /held HTTP/1.1\r\nHost: %s\r\n\r\n' "$name" >&7
    local line
    while read -r line <&8; do
        case $line in HTTP/*) break ;; esac
    done
}

let_go() {
    exec 7>&- 8<&-
    kill "$HELD"
    wait "$HELD" || true
}

# shellcheck shell=bash
# The functions for "--- run" sections. Sourced by what TestTLS.pm starts, which sets the variables (see there).
#
# All of them go to 127.0.0.1:$PORT; `PORT=$PORT2 tls_get …` goes elsewhere. Every wait has an end.
# Background processes of a block are ended with it.

set -o pipefail

# curl over TLS: the body. The certificate is verified for NAME. With $CUT set, through cut_hello's socket.
tls_get() { # NAME PATH [CURL-OPTION...]
    local name=$1 path=$2 through=(--connect-to "$1:$PORT:127.0.0.1:$PORT")
    shift 2
    [ -z "${CUT:-}" ] || through=(--unix-socket "$CUT")
    curl -q -sS --max-time 30 --cacert "$CERTS/ca.crt" "$@" "${through[@]}" "https://$name:$PORT$path"
}

# The same, but only the status code.
tls_code() { # NAME PATH [CURL-OPTION...]
    tls_get "$@" -o /dev/null -w '%{http_code}\n'
}

# COUNT of curl's requests to NAME for PATH/NUMBER, each on a connection of its own, up to 60 of them together: every answer with how
# often it came. An OPTION counts more than what is said here.
at_once() { # COUNT NAME[PATH] [CURL-OPTION...]
    local count=$1 name=${2%%/*} urls=() i
    local path=${2#"$name"}
    shift 2
    for ((i = 1; i <= count; ++i)); do
        urls+=("https://$name:$PORT$path/$i")
    done
    curl -q -sS -Z --parallel-immediate --parallel-max 60 --max-time 60 -H 'Connection: close' --cacert "$CERTS/ca.crt" \
        --resolve "*:$PORT:127.0.0.1" "$@" "${urls[@]}" | sort | uniq -c | sed 's/^ *//'
}

# curl without TLS.
plain_get() { # PATH [CURL-OPTION...]
    local path=$1
    shift
    curl -q -sS --max-time 30 "$@" "http://127.0.0.1:$PORT$path"
}

plain_code() { # PATH [CURL-OPTION...]
    plain_get "$@" -o /dev/null -w '%{http_code}\n'
}

# openssl s_client, its stderr in stdout. Feed it (printf … | s_client …) or it gets an empty input.
s_client() { # OPTION...
    local to=(-connect "127.0.0.1:$PORT")
    [ -z "${CUT:-}" ] || to=(-unix "$CUT")
    if [ -p /dev/stdin ]; then
        timeout 30 openssl s_client "${to[@]}" -CAfile "$CERTS/ca.crt" "$@" 2>&1
    else
        timeout 30 openssl s_client "${to[@]}" -CAfile "$CERTS/ca.crt" "$@" 2>&1 </dev/null
    fi
}

# One HTTP/1.1 request through s_client; prints what comes back, headers too, CRs taken away.
s_request() { # HOST PATH [S_CLIENT-OPTION...]
    local host=$1 path=$2
    shift 2
    printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$path" "$host" |
        s_client -quiet -ign_eof "$@" | tr -d '\r'
}

# One handshake by s_client: "ok TLSv1.3 TLS_AES_256_GCM_SHA384", "alert 112" or "failed".
handshake() { # [S_CLIENT-OPTION...]
    local said
    # In TLS 1.3 the client is done before the server has judged: a request makes it wait for that.
    said=$(printf 'GET /handshake HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        s_client -brief -ign_eof "$@")
    case $said in
        *"SSL alert number "*) sed -n 's/.*SSL alert number \([0-9]*\).*/alert \1/p' <<<"$said" | head -n 1 ;;
        *"CONNECTION ESTABLISHED"*)
            printf 'ok %s %s\n' "$(sed -n 's/^Protocol version: //p' <<<"$said")" \
                "$(sed -n 's/^Ciphersuite: //p' <<<"$said")"
            ;;
        *)
            printf '%s\n' "$said" >&2
            echo failed
            ;;
    esac
}

# gnutls-cli; prints what it says. A request may be fed to it.
gnutls() { # NAME [OPTION...]
    local name=$1
    shift
    timeout 30 gnutls-cli --x509cafile "$CERTS/ca.crt" --sni-hostname "$name" --verify-hostname "$name" \
        --port "$PORT" "$@" 127.0.0.1 2>&1
}

# Bytes and hellos as one likes them; see raw.pl.
raw() { # OPTION...
    timeout 60 perl -I"$T_LIB" "$T_LIB/raw.pl" --port "$PORT" "$@"
}

# A path below SERVROOT that nothing has yet. TEMPLATE is mktemp's.
unused_path() { # TEMPLATE
    mktemp -u "$SERVROOT/$1"
}

# A relay that cuts the client's first flight into pieces: sets CUT, which tls_get and s_client then use; see cut.pl.
cut_hello() { # OPTION...
    CUT=$(unused_path cut.XXXXX.sock)
    perl "$T_LIB/cut.pl" --listen "$CUT" --port "$PORT" "$@" >/dev/null &
    wait_for test -S "$CUT"
}

# Waits, ten seconds at most, until COMMAND succeeds.
wait_for() { # COMMAND...
    local turn
    for turn in $(seq 400); do
        if "$@" >/dev/null 2>&1; then
            return 0
        fi
        [ "$turn" -eq 400 ] || sleep 0.025
    done
    printf 'waited in vain for: %s\n' "$*" >&2
    return 1
}

# How many lines of error.log match.
count_log() { # REGEX
    grep -cE -- "$1" "$ERROR_LOG" || true
}

log_has() { # REGEX COUNT
    [ "$(count_log "$1")" -ge "$2" ]
}

# Waits until error.log has COUNT (1) lines that match.
wait_log() { # REGEX [COUNT]
    wait_for log_has "$1" "${2:-1}"
}

# The process ids of the workers, sorted. One that is shutting down, or looks for leaks at its end, is none any more.
workers() {
    pgrep -P "$NGINX_PID" -f 'nginx: worker process$' | sort -n
}

# A worker says that it is shutting down a moment before it closes its listening sockets.
listens() { # PID
    find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null |
        grep -Fxc -f <(awk '$4 == "0A" { print "socket:[" $10 "]" }' /proc/net/tcp /proc/net/tcp6) >/dev/null
}

has_new_workers() { # OLD-PIDS
    local now old
    now=$(workers)
    [ -n "$now" ] && [ -z "$(comm -12 <(printf '%s\n' "$1") <(printf '%s\n' "$now"))" ] || return 1
    # A worker takes its title when it has begun: until then it may still read files.
    ! pgrep -P "$NGINX_PID" -f 'nginx: master process' >/dev/null || return 1
    for old in $1; do
        ! listens "$old" || return 1
    done
}

# Reloads the configuration and waits until only new workers accept. The old ones may still be finishing.
reload() {
    local before
    before=$(workers)
    kill -HUP "$NGINX_PID"
    wait_for has_new_workers "$before"
}

# Whether the server holds no connection to PORT any more, also none whose client has gone and which it has not seen yet:
# ESTABLISHED or CLOSE_WAIT on its side.
has_closed() { # PORT
    awk -v port="$(printf ':%04X' "$1")" \
        'substr($2, 9) == port && ($4 == "01" || $4 == "08") { open = 1 } END { exit open }' /proc/net/tcp
}

# The number of file descriptors that the (one) worker has open.
worker_descriptors() {
    find "/proc/$(workers | head -n 1)/fd" -mindepth 1 2>/dev/null | wc -l
}

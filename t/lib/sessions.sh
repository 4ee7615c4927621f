# shellcheck shell=bash
# For "run" sections about sessions. Stands on run.sh and named_servers.sh.

# Makes a connection to NAME and keeps its session as SESSION: prints "NAME ." when it was a full handshake.
meet() { # NAME SESSION [S_CLIENT-OPTION...]
    local name=$1 session=$2
    shift 2
    rm -f "$SERVROOT/$session.pem"
    ask "$name" session_reused -sess_out "$SERVROOT/$session.pem" "$@"
}

# Comes back to NAME with SESSION: prints "NAME r" when it was resumed, else "NAME ."; "no session" when NAME gave none.
again() { # NAME SESSION [S_CLIENT-OPTION...]
    local name=$1 session=$2
    shift 2
    [ -s "$SERVROOT/$session.pem" ] || {
        echo "no session"
        return
    }
    ask "$name" session_reused -sess_in "$SERVROOT/$session.pem" "$@"
}

# Both: "NAME . NAME r".
meet_again() { # NAME [S_CLIENT-OPTION...]
    printf '%s %s\n' "$(meet "$1" last "${@:2}")" "$(again "$1" last "${@:2}")"
}

# Succeeds when SESSION is resumed at NAME.
resumes() { # NAME SESSION [S_CLIENT-OPTION...]
    [ "$(again "$@")" = "$1 r" ]
}

# Runs COMMAND while only one worker accepts; the others stand still.
on_worker() { # PID COMMAND...
    local others status=0
    others=$(workers | grep -vx "$1")
    # shellcheck disable=SC2086
    kill -STOP $others
    wait_for stand_still "$others"
    "${@:2}" || status=$?
    # shellcheck disable=SC2086
    kill -CONT $others
    return $status
}

stand_still() { # PIDS
    # shellcheck disable=SC2086
    ! ps -o state= -p "$(tr '\n' , <<<"$1" | sed 's/,$//')" | grep -qv '^T'
}

nth_worker() { # N
    workers | sed -n "$1p"
}

# The name of the key that the newest ticket of a connection to NAME was sealed with, in hex; empty without a ticket.
ticket_key() { # NAME [S_CLIENT-OPTION...]
    local name=$1
    shift
    printf 'GET /server HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$name" |
        s_client -ign_eof -servername "$name" "$@" |
        sed -n '/TLS session ticket:/{n;s/^ *0000 - \(.\{47\}\).*/\1/;s/[- ]//g;p}' | tail -n 1
}

# The name in a ticket key file, in hex.
key_in() { # FILE
    od -An -v -tx1 -N16 "$1" | tr -d ' \n'
    echo
}

# How many bytes of session id the server gave.
id_size() { # NAME [S_CLIENT-OPTION...]
    s_client -servername "$@" | sed -n 's/^ *Session-ID: *//p' | head -n 1 | tr -d '\n' | wc -c | awk '{ print $1 / 2 }'
}

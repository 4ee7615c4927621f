# shellcheck shell=bash
# For "run" sections about early data. Stands on run.sh.

# A request as a file: request FILE METHOD PATH [HEADER...]; the last header is what ends the connection, if any does.
request() {
    local file=$1 method=$2 path=$3
    shift 3
    {
        printf '%s %s HTTP/1.1\r\nHost: localhost\r\n' "$method" "$path"
        [ $# -eq 0 ] || printf '%s\r\n' "$@"
        printf '\r\n'
    } >"$SERVROOT/$file"
}

# Gets a session to come back with.
get_session() { # [S_CLIENT-OPTION...]
    rm -f "$SERVROOT/s.pem"
    printf 'GET /session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        s_client -ign_eof -tls1_3 -servername localhost -sess_out "$SERVROOT/s.pem" "$@" >/dev/null
    test -s "$SERVROOT/s.pem"
}

# Comes back with FILE as early data and what is on stdin after the handshake. Prints what s_client says.
come_back() { # FILE [S_CLIENT-OPTION...]
    local file=$1
    shift
    s_client -ign_eof -tls1_3 -servername localhost -sess_in "$SERVROOT/s.pem" -early_data "$SERVROOT/$file" "$@" |
        sed -u 's/\r$//'
}

# A relay for the next s_client that keeps its Finished back until FILE (below SERVROOT) has TEXT; without them for ever.
hold_back() { # [FILE TEXT]
    local until=(--lose)
    [ $# -eq 0 ] || until=(--until "$SERVROOT/$1" --has "$2")
    CUT=$(unused_path hold.XXXXX.sock)
    perl "$T_LIB/hold.pl" --listen "$CUT" --port "$PORT" "${until[@]}" &
    wait_for test -S "$CUT"
}

# Of what s_client says: whether early data was taken, and the bodies of the answers.
essence() {
    grep -aE '^(Early data was|HTTP/1.1 [1-5]|early: |body: )'
}

# shellcheck shell=bash
# For "run" sections about variables; see Variables.pm. Stands on run.sh.

# Asks for the variables on one connection, this module's and nginx's: prints the first, a line each, without those that
# nothing is known of. Where the two differ it says so, and fails.
pairs() { # [S_CLIENT-OPTION...]
    local both ours stock name=(-servername localhost)
    [[ " $* " != *" -noservername "* ]] || name=()
    both=$(printf 'GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\nGET /ssl HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        s_client -quiet -ign_eof "${name[@]}" "$@" | tr -d '\r' | sed -n '/^HTTP/,$p')
    ours=$(awk '/^HTTP/ { answer++ } answer == 1' <<<"$both" | values)
    stock=$(awk '/^HTTP/ { answer++ } answer == 2' <<<"$both" | values)
    printf '%s\n' "$ours"
    [ -n "$ours" ] || printf '%s\n' "$both" >&2
    different=$(grep '^[a-z0-9_]*=' <<<"$stock" | grep -vxFf <(printf '%s\n' "$ours") || true)
    if [ -n "$different" ]; then
        printf 'but nginx itself has:\n%s\n' "$different"
        return 1
    fi
}

# The body alone; a value of several lines becomes one.
values() {
    sed '1,/^$/d' | perl -0777 -pe 's/\n(?=[^\]\[]*\])/\\n/g; s/\t/\\t/g'
}

# One value of what `pairs` printed.
value() { # NAME
    sed -n "s/^$1=\[\(.*\)\]\$/\1/p"
}

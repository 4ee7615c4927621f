# shellcheck shell=bash
# For "run" sections about certificates that come and go in a folder; see FoundCertificates.pm. Stands on run.sh,
# two_servers.sh and sessions.sh.

F=$SERVROOT/found
made=$SERVROOT/made
mkdir -p "$F" "$made"

# Makes certificates for `put`; see mint.pl.
mint() { # LABEL[:OPTION=VALUE...]...
    perl "$T_LIB/mint.pl" "$CERTS" "$made" "$@"
}

# One file of the folder, in an instant.
write() { # SOURCE FILE
    mkdir -p "$(dirname "$F/$2")"
    cp "$1" "$F/$2.new"
    chmod 644 "$F/$2.new"
    mv -f -T "$F/$2.new" "$F/$2"
}

# The pair LABEL as one file of the folder, or as two.
put() { # LABEL FILE [KEY-FILE]
    if [ $# -eq 2 ]; then
        write "$made/$1.pem" "$2"
    else
        write "$made/$1.crt" "$2"
        write "$made/$1.key" "$3"
    fi
}

# Which certificate NAME ("-" sends none) was answered with: its LABEL, "alert N" or "failed".
shown() { # NAME [S_CLIENT-OPTION...]
    local sni=(-servername "$1") said
    [ "$1" != - ] || sni=(-noservername)
    said=$(s_client "${sni[@]}" "${@:2}")
    case $said in
        *"SSL alert number "*) sed -n 's/.*SSL alert number \([0-9]*\).*/alert \1/p' <<<"$said" | head -n 1 ;;
        *subject=*) sed -n 's/^subject=.*CN *= *//p' <<<"$said" ;;
        *)
            printf '%s\n' "$said" >&2
            echo failed
            ;;
    esac
}

# The same for several names, a line each.
each_shown() { # NAME...
    local name
    for name in "$@"; do
        echo "$name: $(shown "$name")"
    done
}

shows() { # NAME LABEL [S_CLIENT-OPTION...]
    [ "$(shown "$1" "${@:3}")" = "$2" ]
}

# Waits until NAME is answered with LABEL.
wait_shown() { # NAME LABEL
    wait_for shows "$@"
}

# What every worker, one after another, answers NAME with: "3 LABEL" when all of them agree.
workers_show() { # NAME [S_CLIENT-OPTION...]
    local worker
    for worker in $(workers); do
        on_worker "$worker" shown "$@"
    done | uniq -c | sed 's/^ *//'
}

is_past() { # SECONDS
    perl -MTime::HiRes=time -e 'exit(time < $ARGV[0])' "$1"
}

# Waits until what was changed before must be seen: the second that the README promises.
a_second_later() {
    wait_for is_past "$(perl -MTime::HiRes=time -e 'printf "%.3f", time + 1.001')"
}

# What the error log says of certificates, without times and paths: "error: …". Not that the folder was not there at the
# start, nor that a certificate covers other names than the block's.
said() {
    sed -nE "s,^[^[]*\[(notice|warn|error)\] [^:]*: ,\1: ,p" "$ERROR_LOG" |
        sed -E "/^(warn|error)|goes on/!d; /does not cover|by the workers' user/d" |
        sed -E "s,$SERVROOT/,,g; s, \(SSL: [^)]*\),,"
}

# What comes back for a hello with the name HEX: "server_hello" or an alert.
answer_to() { # HEX
    local size=$((${#1} / 2))
    raw --hello --sni-body "$(printf '%04x00%04x%s' $((size + 3)) "$size" "$1")" | head -n 1
}

hex() { # TEXT
    printf '%s' "$1" | od -An -v -tx1 | tr -d ' \n'
}

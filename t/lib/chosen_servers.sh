# shellcheck shell=bash
# For "run" sections on servers that are told apart by their certificates; see ChosenServers.pm. Stands on run.sh.

# The server that NAME ("-": none) chooses, by its certificate.
chosen() { # NAME
    local sni=(-servername "$1")
    [ "$1" != - ] || sni=(-noservername)
    s_client "${sni[@]}" | sed -n 's/^subject=CN *= *//p;s/.*SSL alert number \([0-9]*\).*/alert \1/p'
}

each() { # NAME...
    local name
    for name in "$@"; do
        printf '%s: %s\n' "$name" "$(chosen "$name")"
    done
}

# What NAME gets when it stands in the hello and in the request.
asked() { # NAME...
    local name
    for name in "$@"; do
        printf '%s: %s\n' "$name" "$(s_request "$name" / -servername "$name" | tail -n 1)"
    done
}

# By the Host header, on a connection made without a name.
by_host() { # NAME...
    local name
    for name in "$@"; do
        printf '%s: %s\n' "$name" "$(s_request "$name" / -noservername | tail -n 1)"
    done
}

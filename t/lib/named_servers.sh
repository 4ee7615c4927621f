# shellcheck shell=bash
# For "run" sections on several servers of one address; see NamedServers.pm. Stands on run.sh.

# Asks the server NAME for one of its facts ("protocol" is $tls_protocol): prints "NAME FACT", "alert N" when the
# handshake was refused, "not by this client" when the client does not want the server's version, or the status line.
# "-" sends no server name.
ask() { # NAME FACT [S_CLIENT-OPTION...]
    local name=$1 fact=$2 sni=(-servername "$1") said
    [ "$name" != - ] || sni=(-noservername)
    shift 2
    said=$(printf 'GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$fact" "${name/#-/localhost}" |
        s_client -quiet "${sni[@]}" "$@" | tr -d '\r')
    case $said in
        *"SSL alert number "*) sed -n 's/.*SSL alert number \([0-9]*\).*/alert \1/p' <<<"$said" | head -n 1 ;;
        *"unsupported protocol"*) echo "not by this client" ;;
        *"HTTP/1.1 200 OK"*) sed -n '/^HTTP\/1.1 200 OK/,$p' <<<"$said" | sed '1,/^$/d' | head -n 1 ;;
        *"HTTP/1.1 "*) grep -a -o -m 1 'HTTP/1.1 [0-9]*' <<<"$said" ;;
        *)
            printf '%s\n' "$said" >&2
            echo failed
            ;;
    esac
}

# shellcheck shell=bash
# For "run" sections about what is not TLS on a TLS address; see PlainClient.pm. Stands on run.sh.

# A perl with Client.pm, whose functions go to $ENV{AT}.
client() { # PERL-ARGUMENT...
    AT=127.0.0.1:$PORT perl -I"$T_LIB" -MClient "$@"
}

# Status and Location of a redirect in the clear, the port's number written as PORT.
moved() { # PATH [CURL-OPTION...]
    local path=$1
    shift
    curl -q -sS --max-time 30 --path-as-is -o /dev/null -w '%{http_code} %header{location}\n' "$@" \
        "http://127.0.0.1:$PORT$path" | sed "s/:$PORT\b/:PORT/"
}

# The same with Upgrade.pm.
upgrading() { # PERL-ARGUMENT...
    client -MUpgrade "$@"
}

# Puts a request that asks for TLS in front of what connects to $OPOSSUM, a socket's path; see opossum.pl. What became of it
# is in opossum.log.
opossum() { # OPTION...
    OPOSSUM=$(unused_path opossum.XXXXX.sock)
    perl "$T_LIB/opossum.pl" --listen "$OPOSSUM" --port "$PORT" --log "$SERVROOT/opossum.log" "$@" &
    wait_for test -S "$OPOSSUM"
}

# openssl s_client through it: inside TLS after an upgrade that the client knows nothing of.
upgraded_client() { # S_CLIENT-OPTION...
    timeout 30 openssl s_client -unix "$OPOSSUM" -CAfile "$CERTS/ca.crt" -servername localhost "$@" 2>&1
}

# A server at $OTHER ($PLAIN_PORT when not said); see other_server.pl.
other_server() { # MODE
    local ready
    ready=$(unused_path other.XXXXX)
    perl "$T_LIB/other_server.pl" --listen "${OTHER:-$PLAIN_PORT}" --ready "$ready" "$1" &
    wait_for test -e "$ready"
}


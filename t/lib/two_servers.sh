# shellcheck shell=bash
# For "run" sections on a site that is served twice; see TwoServers.pm. Stands on run.sh. The site's root is html/.

# Runs COMMAND against the module's server and against nginx's own ($PORT says which, $SIDE is "tls" or "ssl"). Prints
# what they printed once when it is the same, with port numbers written as PORT, else both and fails.
both() { # COMMAND...
    local ours stock status=0
    ours=$(SIDE=tls "$@" | sed "s/\b$PORT\b/PORT/g") || status=$?
    if [ "$NOSSL" = 1 ]; then
        printf '%s\n' "$ours"
        return $status
    fi
    # shellcheck disable=SC2030
    stock=$(PORT=$PORT2 SIDE=ssl && "$@" | sed "s/\b$PORT2\b/PORT/g")
    if [ "$ours" = "$stock" ]; then
        printf '%s\n' "$ours"
        return $status
    fi
    printf 'the module:\n%s\nnginx itself:\n%s\n' "$ours" "$stock"
    return 1
}

# A Perl program on stdin, or as an argument of -e, with Client.pm; "$AT" is where to connect to.
client() { # PERL-ARGUMENT...
    AT=127.0.0.1:$PORT perl -I"$T_LIB" -MClient "$@"
}

# A file of random bytes below the site's root.
make_file() { # NAME BYTES
    openssl rand -out "$SERVROOT/html/$1" "$2"
}

sha() {
    sha256sum "$@" | cut -d ' ' -f 1
}

# shellcheck shell=bash
# For "run" sections about fingerprints. Stands on run.sh; the server has a page of them, "/".

# Whether the fingerprints in an answer, on stdin, are what the client's own trace gives: "same t13d h2", with the
# version, server name and protocol of the JA4. If not, both.
judge() { # TRACE
    local said expected
    said=$(tr -d '\r' | grep -E '^ja[34]')
    expected=$(perl "$T_LIB/fingerprints.pl" <"$1")
    if [ -n "$said" ] && [ "$said" = "$expected" ]; then
        sed -n 's/^ja4=\[\(....\)....\(..\)_.*/same \1 \2/p' <<<"$said"
    else
        printf 'nginx:\n%s\nthe client:\n%s\n' "$said" "$expected"
        return 1
    fi
}

# curl's.
by_curl() { # [CURL-OPTION...]
    tls_get localhost / --trace "$SERVROOT/trace" "$@" | judge "$SERVROOT/trace"
}

# s_client's.
by_openssl() { # [S_CLIENT-OPTION...]
    s_request localhost / -msg "$@" >"$SERVROOT/trace"
    judge "$SERVROOT/trace" <"$SERVROOT/trace"
}

# What curl gets from PATH, with what must be in it in the place of its fingerprint NAME: "FINGERPRINT".
curl_shows() { # PATH NAME [CURL-OPTION...]
    local path=$1 name=$2 said expected
    said=$(tls_get localhost "$path" --trace "$SERVROOT/trace" "${@:3}")
    expected=$(fingerprint "$name")
    [ -n "$expected" ] && printf '%s\n' "${said//"$expected"/FINGERPRINT}"
}

# One fingerprint of the last client's trace.
fingerprint() { # NAME
    perl "$T_LIB/fingerprints.pl" <"$SERVROOT/trace" | sed -n "s/^$1=\[\(.*\)\]\$/\1/p"
}

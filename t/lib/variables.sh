# shellcheck shell=bash
# For "run" sections about variables; see Variables.pm. Stands on run.sh.

# Asks for the variables on one connection, this module's and nginx's: prints the first, a line each. Where the two differ
# it says so, and fails.
pairs() { # [S_CLIENT-OPTION...]
    local name=(-servername localhost)
    [[ " $* " != *" -noservername "* ]] || name=()
    pairs_by s_client -quiet -ign_eof "${name[@]}" "$@"
}

# The same by another client: COMMAND takes requests from stdin.
pairs_by() { # COMMAND...
    local both ours stock different
    both=$(printf 'GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\nGET /ssl HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
        "$@" | tr -d '\r' | sed -n '/^HTTP/,$p')
    ours=$(awk '/^HTTP/ { answer++ } answer == 1' <<<"$both" | values)
    stock=$(awk '/^HTTP/ { answer++ } answer == 2' <<<"$both" | values)
    printf '%s\n' "$ours"
    different=$(grep '^[a-z0-9_]*=' <<<"$stock" | grep -vxFf <(printf '%s\n' "$ours") | unlike "$ours")
    # ONE_ANSWER: nginx closes the connection after the first.
    if [ "${ONE_ANSWER:-0}" = 0 ] && [ "$(grep -c '^HTTP/1.1 200' <<<"$both")" != 2 ]; then
        different="no answer"
    fi
    if [ -z "$ours" ] || [ -n "$different" ]; then
        printf 'but nginx itself has:\n%s\n%s\n' "$different" "$both"
        return 1
    fi
}

# Older nginx has only a number for groups that newer OpenSSL knows. Newer nginx says OpenSSL's own word for what RSA signs
# before TLS 1.2, when there were no signature schemes. Leaves out lines that differ in nothing else.
unlike() { # OURS
    perl -e '
        my ($ours) = @ARGV;
        while (<STDIN>) {
            my $pattern = quotemeta;
            $pattern =~ s/0x[0-9a-f]{4}/[^:\\]]+/g if /^curves?=/;
            $pattern =~ s/\\\n$//;
            $pattern =~ s/rsa_pkcs1_md5_sha1// if /^sigalg=/ && $ours =~ /^protocol=\[TLSv1(?:\.1)?\]$/m;
            print unless $ours =~ /^$pattern$/m;
        }' "$1"
}

# The body alone; a value of several lines becomes one.
values() {
    sed '1,/^$/d' | perl -0777 -pe 's/\n(?=[^\]\[]*\])/\\n/g; s/\t/\\t/g'
}

# One value of what `pairs` printed.
value() { # NAME
    sed -n "s/^$1=\[\(.*\)\]\$/\1/p"
}

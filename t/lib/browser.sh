# shellcheck shell=bash
# A browser, Debian's chromium, for "--- run" sections; sourced after run.sh by suites that use Browser.pm. What it says lies in
# browser.log.

# Once, by a browser that knows no certificate of the tests.
start_browser() { # URL CHROMIUM-OPTION...
    local status=0 url=$1
    shift
    rm -rf profile
    mkdir profile
    HOME=$PWD/profile timeout -k 5 30 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic \
        --no-first-run --disable-background-networking --disable-component-update --disable-sync \
        --user-data-dir="$PWD/profile" --enable-logging=stderr --hide-scrollbars "$@" "$url" 2>browser.log || status=$?
    rm -rf profile
    [ "$status" -eq 0 ] || echo "chromium ended with $status" >>browser.log
}

# What --dump-dom or --screenshot=FILE gives, by one that trusts "localhost" for its key. Now and then, on a busy machine, a start
# ends with nothing, not even a request: then there is another one.
browse() { # URL CHROMIUM-OPTION...
    local hash try
    hash=$(openssl x509 -in "$CERTS/localhost.crt" -pubkey -noout | openssl pkey -pubin -outform der |
        openssl dgst -sha256 -binary | openssl base64)
    for try in 1 2 3; do
        start_browser "$@" --ignore-certificate-errors-spki-list="$hash" >browser.out
        if [ -s browser.out ] || grep -q 'written to file' browser.log; then
            cat browser.out
            return
        fi
        echo "nothing came of start $try:" >&2
        cat browser.log >&2
    done
    return 1
}

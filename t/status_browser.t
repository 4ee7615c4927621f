# The status page in a browser, Debian's chromium: with and without scripts, light and dark, over http and https.
# packages: chromium
use lib 't/lib';
use TestTLS;
use StatusPage;
use Browser;

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'RUN' . $block->run);
# The first pixel: each of PNG's filters leaves the first one as it is.
first_pixel() { # FILE
    perl -MCompress::Zlib -0777 -ne '
        my $data = "";
        for (my $at = 8; $at < length; ) {
            my ($size, $type) = unpack "N a4", substr $_, $at, 8;
            $data .= substr $_, $at + 8, $size if $type eq "IDAT";
            $at += $size + 12;
        }
        print unpack("H6", substr uncompress($data), 1, 3), "\n"' "$1"
}
RUN
});

log_level('info');
run_tests();

__DATA__

=== TEST 1: it asks for itself again, over https and http
--- tls_config
    location = /status { tls_status; }
    location / { return 200 ""; }
--- run
tls_code localhost /
for url in "https://localhost:$PORT/status" "http://127.0.0.1:$STOCK_PORT/status"; do
    browse "$url" --virtual-time-budget=12000 --dump-dom >dom
    # What breaks the page's own rules, or its script, is told there.
    grep CONSOLE browser.log || true
    grep -o '<h1>TLS status</h1>' dom
    grep -o 'UTC · live</p>' dom
    grep -o 'TLS_AES_256_GCM_SHA384</th>' dom
done
--- out
200
<h1>TLS status</h1>
UTC · live</p>
TLS_AES_256_GCM_SHA384</th>
<h1>TLS status</h1>
UTC · live</p>
TLS_AES_256_GCM_SHA384</th>

=== TEST 2: without its script it is whole, and says how it gets newer
--- tls_config
    # The browser obeys both policies.
    location = /status { tls_status; add_header Content-Security-Policy "script-src 'none'"; }
--- run
browse "https://localhost:$PORT/status" --virtual-time-budget=12000 --dump-dom >dom
grep -oiE 'refused to execute|executing inline script violates' browser.log | sed -n 1p | tr A-Z a-z | cut -c 1-9
grep -oE '<h1>TLS status</h1>|Certificates, those that end first|<noscript>.*</noscript>' dom
grep -c 'UTC · live' dom || true
--- out_like
^(refused t|executing)
<h1>TLS status</h1>
Certificates, those that end first
<noscript>Reload the page for newer figures.</noscript>
0$

=== TEST 3: light and dark as the reader has it
--- tls_config
    location = /status { tls_status; }
--- run
for scheme in 1 0; do
    browse "https://localhost:$PORT/status" --blink-settings=preferredColorScheme=$scheme --virtual-time-budget=2000 \
        --window-size=1240,900 --screenshot="$PWD/shot.png" >/dev/null
    first_pixel shot.png
done
--- out
f4f6f9
10151c

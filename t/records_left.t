# Records where libssl hands over no keys, or wrong ones, which is found out at start: they are libssl's, and one notice says so.
# packages: gcc
use lib 't/lib';
use TestTLS;
use OwnServers;

run_tests();

__DATA__

=== TEST 1: whole downloads and one notice, though several servers ask
--- run
gcc -O1 -shared -fPIC -o hand_keys.so "$T_LIB/../tools/hand_keys.c"
make_file file 3000000
want=$(sha html/file)
configure main < <(
    server "127.0.0.1:$PORT" "root $SERVROOT/html;"
    server "127.0.0.1:$PORT2" "root $SERVROOT/html; tls_batch off; tls_records auto;"
)
for how in none wrong; do
    echo "$how"
    rm -f "$life/main.log"
    LD_PRELOAD=$SERVROOT/hand_keys.so HAND_KEYS=$how start main
    for port in "$PORT" "$PORT2"; do
        for option in --tlsv1.3 '--tls-max 1.2'; do
            [ "$(PORT=$port tls_get localhost /file $option | sha)" = "$want" ] && echo served
        done
    done
    finish main
    grep -o '\[notice\].* records .*' "$life/main.log" | sed 's/.*: "tls/"tls/; s/ (SSL:[^)]*)//'
done
--- out
none
served
served
served
served
"tls_records auto" leaves records to libssl: handing over of keys with TLS_AES_128_GCM_SHA256 failed
wrong
served
served
served
served
"tls_records auto" leaves records to libssl: data with TLS_AES_128_GCM_SHA256 failed

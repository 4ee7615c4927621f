# shellcheck shell=bash
# For "run" sections that listen on the loopback interface. Stands on run.sh.

# Captures what goes over $PORT into the file `heard.pcapng`.
start_capture() {
    dumpcap -q -i lo -f "tcp port $PORT" -w heard.pcapng >dumpcap.out 2>&1 &
    capture=$!
    wait_for grep -q '^File:' dumpcap.out
}

ends_heard() { # COUNT
    [ "$(tshark -r heard.pcapng -T fields -e tcp.stream -Y "tcp.flags.fin == 1 && tcp.srcport == $PORT" 2>/dev/null |
        sort -u | wc -l)" -ge "$1" ]
}

# Waits until the ends of COUNT connections were heard.
stop_capture() { # COUNT
    wait_for ends_heard "$1"
    kill -INT "$capture"
    wait "$capture"
}

# A field of bytes, which tshark writes as text or in hexadecimal, as its version and the field are.
as_text() {
    perl -ne 's/\n//; if (/^[0-9a-f:]+$/) { s/://g; $_ = pack "H*", $_ } else { s/\\n$/\n/ } print'
}

# What tshark makes of it with the secrets in logs/keys.log.
heard() { # TSHARK-OPTION...
    tshark -r heard.pcapng -o tls.keylog_file:logs/keys.log -d "tcp.port==$PORT,tls" "$@" 2>/dev/null
}

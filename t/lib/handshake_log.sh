# shellcheck shell=bash
# For "run" sections that read a handshake log, by default logs/handshake.log. Stands on run.sh.

log=$SERVROOT/logs/handshake.log

line_count() { # [FILE]
    [ ! -e "${1:-$log}" ] || wc -l <"${1:-$log}"
}

has_lines() { # COUNT [FILE]
    [ "$(line_count "${2:-$log}")" -ge "$1" ]
}

# Waits until the log has COUNT lines: a line is written when the client may be gone already.
await_lines() { # COUNT [FILE]
    wait_for has_lines "$@"
}

# The values of KEYS in each line of the default format, in their order.
values() { # KEY...
    perl -ne 'BEGIN { @keys = splice @ARGV }
        my %value = /([a-z0-9_]+)=("[^"]*"|\S*)/g;
        print join(" ", map { $value{$_} // "?" } @keys), "\n"' "$@" <"$log"
}

# Opens COUNT connections that say nothing, in the background, and waits until they are made. The worker may take them
# later.
idle_connections() { # COUNT
    perl -MIO::Socket::INET -e '
        $SIG{ALRM} = sub { exit };
        alarm 60;
        push @all, IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ENV{PORT}") for 1 .. $ARGV[0];
        open my $file, ">", "idle";
        sleep 60' "$1" &
    wait_for test -e idle
}

has_descriptors() { # COUNT
    [ "$(worker_descriptors)" = "$1" ]
}

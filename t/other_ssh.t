# A real sshd behind tls_other on the port of TLS: OpenSSH's ssh and scp, keys, half-closed sessions, a port forwarded.
# packages: openssh-server openssh-client
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');
run_tests();

__DATA__

=== TEST 1: commands, 100 MB each way, and HTTP and TLS on the same port meanwhile
--- tls_config
    tls_plain redirect;
    tls_other 127.0.0.1:$TEST_NGINX_PLAIN_PORT;
    location / { return 200 "over $tls_port_use\n"; }
--- run
# The sshd of this user, with keys of its own, for this user only.
mkdir -m 700 ssh
ssh-keygen -q -t ed25519 -N '' -f ssh/host
ssh-keygen -q -t ed25519 -N '' -f ssh/user
cp ssh/user.pub ssh/authorized
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
cat >ssh/config <<END
Port $PLAIN_PORT
ListenAddress 127.0.0.1
HostKey $SERVROOT/ssh/host
AuthorizedKeysFile $SERVROOT/ssh/authorized
PidFile $SERVROOT/ssh/pid
StrictModes no
UsePAM no
PasswordAuthentication no
Subsystem sftp internal-sftp
END
"$(PATH=$PATH:/usr/sbin command -v sshd)" -D -e -f "$SERVROOT/ssh/config" 2>ssh/log &
wait_for test -s ssh/pid
options=(-q -F none -i ssh/user -o BatchMode=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile="$SERVROOT/ssh/known")
over_ssh() { timeout 60 ssh "${options[@]}" -p "$PORT" 127.0.0.1 "$@"; }
copy() { timeout 80 scp "${options[@]}" -P "$PORT" "$@"; }

over_ssh echo hello
ssh-keygen -l -f ssh/known | cut -d ' ' -f 2 | sort -u >seen
ssh-keygen -l -f ssh/host.pub | cut -d ' ' -f 2 | grep -qxFf - seen && echo "the host's key"
# The end of the input goes through, and the answer still comes.
printf 'one\ntwo\n' | over_ssh 'wc -l; echo done'
over_ssh 'exit 7' || echo "status $?"
head -c 100000000 /dev/urandom >big
copy big "127.0.0.1:$SERVROOT/up" &
copying=$!
plain_code / -o /dev/null
tls_get localhost /
wait $copying
cmp big up && echo "100 MB up"
copy "127.0.0.1:$SERVROOT/up" down
cmp big down && echo "100 MB down"
# A session that waits for the server's first word.
timeout 20 perl -I"$T_LIB" -MClient -e 'my $s = tcp("127.0.0.1:$ENV{PORT}"); print rest($s, 8), "\n"'
wait_log 'client relayed to tls_other "127.0.0.1:[0-9]+": 10[0-9]{7} bytes from client'
wait_log 'client relayed to tls_other "127.0.0.1:[0-9]+": [0-9]+ bytes from client, 10[0-9]{7} bytes to client'
kill "$(cat ssh/pid)"
--- out
hello
the host's key
2
done
status 7
301
over tls
100 MB up
100 MB down
SSH-2.0-
--- no_error_log
[error]

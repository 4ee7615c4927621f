# No byte of a server name becomes a path that leaves the folder of tls_certificate_directory; symbolic links do only
# when those made them who may; what is no file is none.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: names that would be paths
--- found
        tls_certificate_directory $F/folder;
--- run
mint good secret
# All that a server would find which takes names for paths.
put good folder/a.test.pem
put good folder/sub/a.test.pem
put good folder/.pem
put good folder/.hidden.pem
put good folder/..hidden.pem
put good folder/-.pem
put good folder/a..test.pem
put good "folder/a b.test.pem"
put good "folder/a:b.test.pem"
put good 'folder/a%2e.test.pem'
put good 'folder/a\b.test.pem'
put good 'folder/*.pem'
put good folder/$'\xc3\xa4'.test.pem
put good folder/$'a\x01'.test.pem
put good folder/$'a\n'.test.pem
put secret secret.pem
put secret secret/fullchain.pem secret/privkey.pem
put secret secret.crt secret.key
put secret folder/fullchain.pem folder/privkey.pem
check() { # HEX...
    local name
    for name in "$@"; do
        answer_to "$name"
    done
}
check_text() { # TEXT...
    local name
    for name in "$@"; do
        check "$(hex "$name")"
    done
}
check_text a.test A.Test a.test.
echo paths
check_text ../secret a.test/../../secret ./../secret ../folder/a.test "$F/secret" "/$F/secret" "..%2fsecret" '..\secret' |
    uniq
echo dots
check_text . .. ... ./ ../ .hidden ..hidden a..test .a.test a.test.. | uniq
echo slashes
check_text / sub/a.test ./a.test //a.test a.test/ | uniq
echo bytes
check_text 'a b.test' a:b.test 'a%2e.test' 'a\b.test' '*' $'\xc3\xa4.test' $'a\x01.test' $'a\n.test' $'a.test\n' | uniq
echo
# "-" is a file's name like another; none of these are options of anything.
check_text -
--- out
server_hello
server_hello
server_hello
paths
alert 112 unrecognized_name
dots
alert 112 unrecognized_name
slashes
alert 112 unrecognized_name
bytes
alert 112 unrecognized_name

server_hello



=== TEST 2: a name with a zero byte is not the name before it
--- found
        tls_certificate_directory $F;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        tls_unknown_name refuse;
--- run
mint good
put good a.test.pem
for name in 612e7465737400 612e74657374002e6576696c 00612e74657374 612e7465737400612e74657374; do
    answer_to $name
done
answer_to $(hex a.test)
--- out_like
\A(alert (47 illegal_parameter|50 decode_error|112 unrecognized_name)\n){4}server_hello\n\z



=== TEST 3: long names
--- found
        tls_certificate_directory $F;
--- run
mint good
# The longest file name that there is has 255 bytes.
label=$(printf 'x%.0s' {1..200})
put good $label.test.pem
shown $label.test
many() { head -c "$1" /dev/zero | tr '\0' x; }
for size in 246 250 251 252 253 254 255 256 1000 15000; do
    answer_to $(hex $(many $size))
done | uniq
for size in 246 251 253 254 255; do
    answer_to $(hex x.$(many $((size - 2))))
done | uniq
# Their wildcards, too.
put good _.$label.test.pem
shown x.$label.test
shown y.$label.test
# Nothing was wrong with the server.
shown $label.test
said | wc -l
--- out
good
alert 112 unrecognized_name
alert 112 unrecognized_name
good
good
good
0



=== TEST 4: links within the folder and out of it, made by its owner or by root
--- found
        tls_certificate_directory $F/folder;
--- run
mint one
put one folder/real.test.pem
put one outside/one.pem
put one outside/fullchain.pem outside/privkey.pem
cd "$F/folder"
ln -s real.test.pem in.test.pem
ln -s ../outside/one.pem out.test.pem
ln -s "$F/outside/one.pem" absolute.test.pem
ln -s in.test.pem twice.test.pem
ln -s ../outside folder.test
mkdir files.test
ln -s ../../outside/fullchain.pem files.test/fullchain.pem
ln -s ../../outside/privkey.pem files.test/privkey.pem
ln -s ../folder/real.test.pem around.test.pem
ln -s "$F/folder/../outside/one.pem" back.test.pem
each_shown in.test out.test absolute.test twice.test folder.test files.test around.test back.test
# To nothing, to itself, in a circle.
ln -s nowhere.pem nothing.test.pem
ln -s loop.test.pem loop.test.pem
ln -s round.test round2.test
ln -s round2.test round.test
each_shown nothing.test loop.test round.test
said | sort
--- out
in.test: one
out.test: one
absolute.test: one
twice.test: one
folder.test: one
files.test: one
around.test: one
back.test: one
nothing.test: alert 112
loop.test: alert 112
round.test: alert 112
error: cannot load certificate "found/folder/loop.test.pem": open() "found/folder/loop.test.pem" failed (40: Too many levels of symbolic links)
error: cannot load certificate "found/folder/nothing.test.pem": open() "found/folder/nothing.test.pem" failed (2: No such file or directory)
error: cannot load certificate "found/folder/round.test": open() "found/folder/round.test" failed (40: Too many levels of symbolic links)



=== TEST 5: links of somebody else
--- found
        tls_certificate_directory $F/ours;
        tls_certificate_directory $F/theirs;
--- run
# Only root can make links of other users.
if [ "$(id -u)" -ne 0 ]; then
    printf '%s\n' skipped
    exit
fi
mint one
put one ours/real.test.pem
put one theirs/other.test.pem
chown 12345 "$F/theirs"
put one outside/one.pem
put one outside/fullchain.pem outside/privkey.pem
cd "$F/ours"
link_of() { # USER TARGET LINK
    ln -s "$2" "$3"
    chown -h "$1" "$3"
}
link_of 12345 real.test.pem in.test.pem
link_of 12345 ../outside/one.pem out.test.pem
link_of 12345 ../outside folder.test
mkdir files.test
link_of 12345 ../../outside/fullchain.pem files.test/fullchain.pem
link_of 12345 ../../outside/privkey.pem files.test/privkey.pem
# Root's, but by way of another's.
ln -s in.test.pem by.test.pem
each_shown in.test out.test folder.test files.test by.test real.test
cd "$F/theirs"
link_of 12345 other.test.pem owner.test.pem
link_of 12345 ../outside/one.pem ownerout.test.pem
link_of 0 ../outside/one.pem root.test.pem
link_of 54321 ../outside/one.pem foreign.test.pem
each_shown owner.test ownerout.test root.test foreign.test
said | sed 's/: .* is a/ is a/' | sort
--- out_like
^skipped$|^in.test: alert 112\nout.test: alert 112\nfolder.test: alert 112\nfiles.test: alert 112\nby.test: alert 112\nreal.test: one\nowner.test: one\nownerout.test: one\nroot.test: one\nforeign.test: alert 112\n
^skipped$|error is a symbolic link of user 12345, only those of root and of the owner of "found/ours" are followed
^skipped$|error is a symbolic link of user 54321, only those of root and of the owner of "found/theirs" are followed



=== TEST 6: what is no file
--- found
        tls_certificate_directory $F;
--- run
mint one
put one a.test.pem
mkfifo "$F/pipe.test.pem" "$F/pipes.test.crt" "$F/pipes.test.key"
mkdir "$F/folder.test.pem"
perl -MIO::Socket::UNIX -e 'IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die' "$F/s.test.pem"
ln -s /dev/zero "$F/device.test.pem"
head -c 1100000 /dev/zero | cat "$made/one.pem" - >"$F/large.test.pem"
: >"$F/empty.test.pem"
put one keyless.test.crt keyless.test.key
rm "$F/keyless.test.key"
put one certless.test.crt certless.test.key
rm "$F/certless.test.crt"
# Nobody waits for a pipe's other end.
each_shown pipe.test pipes.test folder.test s.test device.test large.test empty.test keyless.test certless.test a.test
said | sort
--- out
pipe.test: alert 112
pipes.test: alert 112
folder.test: alert 112
s.test: alert 112
device.test: alert 112
large.test: alert 112
empty.test: alert 112
keyless.test: alert 112
certless.test: alert 112
a.test: one
error: cannot load certificate "found/device.test.pem": "found/device.test.pem" is not a regular file
error: cannot load certificate "found/empty.test.pem": PEM_read_bio_X509_AUX() failed
error: cannot load certificate "found/folder.test.pem": "found/folder.test.pem" is not a regular file
error: cannot load certificate "found/large.test.pem": "found/large.test.pem" is larger than 1 MiB
error: cannot load certificate "found/pipe.test.pem": "found/pipe.test.pem" is not a regular file
error: cannot load certificate "found/pipes.test.crt": "found/pipes.test.crt" is not a regular file
error: cannot load certificate "found/s.test.pem": open() "found/s.test.pem" failed (6: No such device or address)
error: certificate "found/keyless.test.crt" has no key "found/keyless.test.key"



=== TEST 7: encrypted keys, with the server's passwords
--- found
        tls_certificate_directory $F;
        tls_password_file $TEST_NGINX_CERTS/passwords.txt;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name none.test;
        tls on;
        tls_certificate_directory $F;
    }
--- run
cat "$CERTS/localhost.crt" "$CERTS/encrypted.key" >"$F/localhost.pem"
cat "$CERTS/localhost.crt" "$CERTS/encrypted.key" >"$F/none.test.pem"
each_shown localhost none.test
said
--- out
localhost: localhost
none.test: alert 112
error: cannot load certificate key "found/none.test.pem": PEM_read_bio_PrivateKey() failed: it needs a password, see "tls_password_file"



=== TEST 8: nothing in the folder is a reason not to start
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        tls on;
        tls_certificate_directory $TEST_NGINX_SERVROOT/html;
        tls_certificate_directory $TEST_NGINX_SERVROOT/nowhere;
        tls_certificate_directory html;
    }
--- user_files
>>> a.test.pem
garbage
>>> b.test.crt
garbage
--- warn
test is successful

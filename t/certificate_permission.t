# Workers run unprivileged: folders and files of tls_certificate_directory that their user cannot read.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: a folder that the workers' user cannot read
--- found
        tls_certificate_directory /tmp/tls-found-$TEST_NGINX_SERVER_PORT;
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name other.test;
        tls on;
        tls_certificate_directory /tmp/tls-found-$TEST_NGINX_SERVER_PORT;
        tls_certificate_cache max=10;
    }
--- worker_user: nobody nogroup
--- workers: 2
--- run
# Not below this server's folder: somebody's home may be above it.
F=/tmp/tls-found-$STOCK_PORT
rm -rf "$F"
trap 'chmod 755 "$F"; rm -rf "$F"' EXIT
mkdir -m 755 "$F"
user=$([ "$(id -u)" -eq 0 ] && echo nobody || id -un)
warnings() { grep -o "\[warn\].*certificates in .*" "$ERROR_LOG" | sed "s,^.*: certificates,certificates,; s,$user,USER,; s,$F,FOLDER,"; }
warnings
mint one two
reload
warnings | wc -l
put one a.test.pem
workers_show a.test
chmod 000 "$F"
reload
wait_log 'cannot be read by the workers. user.*Permission denied'
echo "once: $(warnings | tail -n +2)"
# What nobody asked for before is not known.
workers_show b.test
chmod 755 "$F"
put one b.test.pem
a_second_later
workers_show b.test
--- out
certificates in "FOLDER" cannot be read by the workers' user "USER" (2: No such file or directory)
1
2 one
once: certificates in "FOLDER" cannot be read by the workers' user "USER" (13: Permission denied)
2 alert 112
2 one



=== TEST 2: files that the workers' user cannot read
--- found
        tls_certificate_directory /tmp/tls-found-$TEST_NGINX_SERVER_PORT;
--- worker_user: nobody nogroup
--- workers: 2
--- run
F=/tmp/tls-found-$STOCK_PORT
rm -rf "$F"
trap 'chmod -R 755 "$F"; rm -rf "$F"' EXIT
mkdir -m 755 "$F"
mint one two
lock() { # LABEL FILE
    cp "$made/$1.pem" "$F/$2.new"
    chmod 000 "$F/$2.new"
    mv "$F/$2.new" "$F/$2"
}
put one a.test.pem
put one b.test.pem
workers_show a.test
lock two a.test.pem
lock two c.test.pem
put two folder.test/fullchain.pem folder.test/privkey.pem
chmod 000 "$F/folder.test"
write "$made/two.crt" key.test.crt
cp "$made/two.key" "$F/key.test.key"
chmod 000 "$F/key.test.key"
for turn in 1 2; do
    a_second_later
    for name in a b c folder key; do
        echo "$name $(workers_show $name.test)"
    done
done
chmod 644 "$F/c.test.pem" "$F/a.test.pem"
a_second_later
workers_show c.test
workers_show a.test
said | sed "s,$F,FOLDER,g" | sort
--- out
2 one
a 2 one
b 2 one
c 2 alert 112
folder 2 alert 112
key 2 alert 112
a 2 one
b 2 one
c 2 alert 112
folder 2 alert 112
key 2 alert 112
2 two
2 two
error: cannot load certificate "FOLDER/a.test.pem": open() "FOLDER/a.test.pem" failed (13: Permission denied), the old pair goes on
error: cannot load certificate "FOLDER/c.test.pem": open() "FOLDER/c.test.pem" failed (13: Permission denied)
error: cannot load certificate "FOLDER/folder.test": open() "FOLDER/folder.test" failed (13: Permission denied)
error: cannot load certificate key "FOLDER/key.test.key": open() "FOLDER/key.test.key" failed (13: Permission denied)

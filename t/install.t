# `./build.sh install`, into a folder instead of the machine: the files are where Debian's own modules have theirs, and
# what is installed again never changes a file that a running nginx has mapped.
use lib 't/lib';

BEGIN {
    # It builds for the installed nginx, which is not the one of these.
    if ($ENV{TEST_NGINX_TLS_ASAN} || $ENV{TEST_NGINX_TLS_NOSSL}) {
        print "1..0 # SKIP another nginx than the installed one\n";
        exit 0;
    }
}
use TestTLS;
use OwnServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: the module, its line, the link; and once more under a running nginx
--- run
export DESTDIR=$life/installed
# Beside the module there may be the library that it finds in its folder.
files() { find "$DESTDIR" ! -type d ! -name 'libcrypto_mb.so.*' | wc -l; }
install() { bash "$T_LIB/../../build.sh" install 2>install.log || cat install.log; }
install
modules=$("$binary" -V 2>&1 | sed -n 's/.* --modules-path=\([^ ]*\).*/\1/p')
file=$DESTDIR$modules/ngx_http_tls_module.so
available=/usr/share/nginx/modules-available/mod-http-tls.conf
stat -c %A "$file" "$DESTDIR$available"
cat "$DESTDIR$available"
[ "$(readlink "$DESTDIR/etc/nginx/modules-enabled/50-mod-http-tls.conf")" = "$available" ] && echo linked
files
# Debian's prefix has such a link.
ln -s "$DESTDIR$modules" "$life/modules"
unset TEST_NGINX_LOAD_MODULES
main="worker_processes 1; include $DESTDIR$available;"
server "127.0.0.1:$PORT" 'return 200 "served\n";' | configure i
start i
tls_get localhost /
inode() { stat -c %i "$file"; }
before=$(inode)
install
[ "$before" != "$(inode)" ] && echo another file
grep -q "$file (deleted)" "/proc/$(pid i)/maps" && echo the old one is still mapped
tls_get localhost /
reload_of i
tls_get localhost /
finish i
files
--- out
-rw-r--r--
-rw-r--r--
load_module modules/ngx_http_tls_module.so;
linked
3
served
another file
the old one is still mapped
served
served
3

# Which server block answers: by the name in the hello (RFC 6066 section 3), with nginx's rules for server_name.
use lib 't/lib';
use TestTLS;
use ChosenServers;

log_level('info');
run_tests();

__DATA__

=== TEST 1: exact names, the default server, no name
--- names
    server { LISTEN first; server_name 1.test; }
    server { LISTEN second; server_name a.test also.test; }
    server { LISTEN third; server_name b.test; }
--- run
both each a.test also.test b.test 1.test c.test -
both asked a.test also.test b.test 1.test c.test
both by_host a.test also.test b.test 1.test c.test
--- out
a.test: second
also.test: second
b.test: third
1.test: first
c.test: first
-: first
a.test: second
also.test: second
b.test: third
1.test: first
c.test: first
a.test: second
also.test: second
b.test: third
1.test: first
c.test: first

=== TEST 2: the default server is the one that says so
--- names
    server { LISTEN first; server_name a.test; }
    server { LISTEN second default_server; server_name b.test; }
--- run
both each a.test b.test c.test -
both asked a.test b.test c.test
--- out
a.test: first
b.test: second
c.test: second
-: second
a.test: first
b.test: second
c.test: second

=== TEST 3: leading and trailing wildcards, the longest first, exact names before all
--- names
    server { LISTEN first; server_name 1.test; }
    server { LISTEN second; server_name *.w.test; }
    server { LISTEN third; server_name *.deep.w.test; }
    server { LISTEN fourth; server_name www.*; }
    server { LISTEN fifth; server_name www.w.*; }
    server { LISTEN sixth; server_name .both.test; }
    server { LISTEN seventh; server_name x.w.test; }
--- run
both each y.w.test w.test a.b.w.test a.deep.w.test deep.w.test www.any www.w.any www.w.test x.w.test \
    both.test a.both.test a.b.both.test wwww.any www
both asked a.deep.w.test www.any
--- out
y.w.test: second
w.test: first
a.b.w.test: second
a.deep.w.test: third
deep.w.test: second
www.any: fourth
www.w.any: fifth
www.w.test: second
x.w.test: seventh
both.test: sixth
a.both.test: sixth
a.b.both.test: sixth
wwww.any: first
www: first
a.deep.w.test: third
www.any: fourth

=== TEST 4: regular expressions come last, in their order, and their captures can be used
--- names
    server { LISTEN first; server_name 1.test; }
    server { LISTEN second; server_name *.wild.test; }
    server { LISTEN third; server_name ~^(?<user>\w+)\.u\.test$; return 200 "[$user]\n"; }
    server { LISTEN fourth; server_name ~^(.+)\.(?<rest>u\.test)$; return 200 "[$1] [$rest]\n"; }
    server { LISTEN fifth; server_name ~wild; }
--- run
both each joe.u.test joe-2.u.test a.b.u.test x.wild.test wild.example JOE.U.test u.test
both asked joe.u.test joe-2.u.test JOE.U.test.
both by_host joe.u.test joe-2.u.test
# Two requests of one connection match the same expression with other captures.
two() {
    {
        printf 'GET / HTTP/1.1\r\nHost: %s\r\n\r\n' ann.u.test joe.u.test
        printf 'GET / HTTP/1.0\r\nHost: bob.u.test\r\n\r\n'
    } | s_client -quiet -ign_eof -servername joe.u.test | grep '^\['
}
both two
--- out
joe.u.test: third
joe-2.u.test: fourth
a.b.u.test: fourth
x.wild.test: second
wild.example: fifth
JOE.U.test: third
u.test: first
joe.u.test: [joe]
joe-2.u.test: [joe-2] [u.test]
JOE.U.test.: [joe]
joe.u.test: [joe]
joe-2.u.test: [joe-2] [u.test]
[ann]
[joe]
[bob]

=== TEST 5: captures over HTTP/2
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        tls on;
        tls_certificate $TEST_NGINX_CERTS/w.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/w.test.key;
        server_name ~^(?<user>\w+)\.w\.test$;
        return 200 "$server_protocol $user\n";
    }
--- run
tls_get joe.w.test / --http2
tls_get joe.w.test / --http2 -H 'Host: ann.w.test'
--- out
HTTP/2.0 joe
HTTP/2.0 ann

=== TEST 6: a trailing dot, upper case; the name is told as it was sent
--- names
    server { LISTEN first; server_name 1.test; }
    server { LISTEN second; server_name a.test; return 200 "$server_name $tls_server_name\n"; }
    server { LISTEN third; server_name *.w.test; return 200 "$server_name $tls_server_name\n"; }
    server { LISTEN fourth; server_name ~^(?<all>.*)\.r\.test$; return 200 "[$all] $tls_server_name\n"; }
--- run
both each a.test. A.TEST A.Test. X.W.TEST. x.w.test X.r.TEST.
both asked a.test. A.TEST X.W.TEST. X.r.TEST.
--- out
a.test.: second
A.TEST: second
A.Test.: second
X.W.TEST.: third
x.w.test: third
X.r.TEST.: fourth
a.test.: a.test a.test.
A.TEST: a.test A.TEST
X.W.TEST.: *.w.test X.W.TEST.
X.r.TEST.: [x] X.r.TEST.

=== TEST 7: an IP address, which RFC 6066 does not allow as a name, is looked up like any
--- names
    server { LISTEN first; server_name 1.test; }
    server { LISTEN second; server_name 127.0.0.1; }
--- run
both each 127.0.0.1 127.0.0.2
both asked 127.0.0.1
--- out
127.0.0.1: second
127.0.0.2: first
127.0.0.1: second

=== TEST 8: what is no host name goes to the default server
--- names
    server { LISTEN first; server_name 1.test; }
    server { LISTEN second; server_name a.test; }
    server { LISTEN third; server_name ~.; }
--- run
both each a..test 'a test' a/test .. . 'a.test ' $'a.test\t' $'a\x7f.test' valid
empty() { raw --hello --sni ''; }
both empty
--- out eval
"a..test: first
a test: first
a/test: first
..: first
.: first
a.test : first
a.test\t: first
a\x7f.test: first
valid: third
server_hello
"

=== TEST 9: odd names that are names
--- names
    server { LISTEN first; server_name 1.test; }
    server { LISTEN second; server_name under_score.test -dash-.test xn--mnchen-3ya.test 1.2.3 localhost; }
    server { LISTEN third; server_name "~^x{250}\.test$"; }
--- run
both each under_score.test -dash-.test xn--mnchen-3ya.test 1.2.3 localhost
both chosen "$(printf 'x%.0s' {1..250}).test"
--- out
under_score.test: second
-dash-.test: second
xn--mnchen-3ya.test: second
1.2.3: second
localhost: second
third

=== TEST 10: the certificate is that of the server
--- http_config
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name a.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/a.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/a.test.key;
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name b.test *.w.test;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/b.test.crt;
        tls_certificate_key $TEST_NGINX_CERTS/b.test.key;
    }
--- run
subject() { s_client "$@" | sed -n 's/^subject=CN *= *//p'; }
subject -servername a.test
subject -servername b.test
subject -servername B.TEST. -tls1_2
subject -servername x.w.test
subject -noservername
subject -servername other
PORT=$PORT2 subject -servername a.test
--- out
a.test
b.test
b.test
b.test
a.test
a.test
b.test

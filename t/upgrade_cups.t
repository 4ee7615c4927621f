# The printing protocol (STD 92) through an upgraded port: CUPS's own ipptool, and a real cupsd behind nginx. What cupsd
# says to the same request without nginx in between is what must come out.
# packages: cups-ipp-utils cups-daemon
use lib 't/lib';
use TestTLS;
use PlainClient;

log_level('info');

# A cupsd of our own on PLAIN_PORT, with one printer that prints to nowhere.
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'BASH' . $block->run);
export HOME=$SERVROOT/cups/home
mkdir -p cups/etc cups/spool/tmp cups/cache cups/state cups/log "$HOME"
cat >cups/etc/cupsd.conf <<END
Listen 127.0.0.1:$PLAIN_PORT
ServerAlias *
LogLevel warn
DefaultAuthType None
WebInterface No
Browsing No
<Location />
  Allow all
</Location>
<Policy default>
  <Limit All>
    Allow all
  </Limit>
</Policy>
END
{
    printf '%s\n' "ServerRoot $SERVROOT/cups/etc" "RequestRoot $SERVROOT/cups/spool" "TempDir $SERVROOT/cups/spool/tmp" \
        "CacheDir $SERVROOT/cups/cache" "StateDir $SERVROOT/cups/state" "AccessLog $SERVROOT/cups/log/access" \
        "ErrorLog $SERVROOT/cups/log/error" "PageLog $SERVROOT/cups/log/page" 'FileDevice Yes'
    # cupsd works as nobody else than root's chosen user.
    [ "$(id -u)" != 0 ] || printf 'User lp\nGroup lp\nSystemGroup root\n'
} >cups/etc/cups-files.conf
[ "$(id -u)" != 0 ] || chown -R lp:lp cups
"$(PATH=$PATH:/usr/sbin command -v cupsd)" -f -c "$SERVROOT/cups/etc/cupsd.conf" -s "$SERVROOT/cups/etc/cups-files.conf" >cups-said 2>&1 &
tests=/usr/share/cups/ipptool
cat >printer.test <<'END'
{
  NAME "A printer"
  OPERATION CUPS-Add-Modify-Printer
  GROUP operation-attributes-tag
  ATTR charset attributes-charset utf-8
  ATTR language attributes-natural-language en
  ATTR uri printer-uri $uri
  GROUP printer-attributes-tag
  ATTR uri device-uri file:///dev/null
  ATTR text printer-info "A printer"
  ATTR text printer-location "nowhere"
  ATTR boolean printer-is-accepting-jobs true
  ATTR enum printer-state 3
  STATUS successful-ok
}
END
listens() { (: <"/dev/tcp/127.0.0.1/$PLAIN_PORT"); }
wait_for listens
ipp() { # PORT OPTION... TEST
    local port=$1
    shift
    timeout 30 ipptool "${@:1:$#-1}" -T 10 "ipp://localhost:$port/printers/test" "${@: -1}"
}
ipp "$PLAIN_PORT" -q printer.test
# All that the printer says of itself, without the clock's time and the port that was asked for.
attributes() { # PORT OPTION...
    local port=$1
    ipp "$@" -tv "$tests/get-printer-attributes.test" | sed "s/:$port\b/:PORT/g" |
        grep -vE 'printer-(current-time|up-time)|RECEIVED'
}
BASH
});

run_tests();

__DATA__

=== TEST 1: Get-Printer-Attributes: upgraded, in the clear, over TLS from the start, and without nginx
--- http_config
    log_format use '$tls_port_use $tls_protocol $status $request_method $request_uri';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_plain upgrade;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
        location / { proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT; proxy_set_header Host $http_host; }
    }
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT2;
        server_name localhost;
        tls on;
        tls_session_tickets off;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
        location / { proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT; proxy_set_header Host $http_host; }
    }
--- run
attributes "$PLAIN_PORT" >yardstick || true
grep -c 'printer-uri-supported (uri) = ipp://localhost:PORT/printers/test' yardstick
for how in -E ''; do
    # shellcheck disable=SC2086
    attributes "$PORT" $how >said || true
    cmp yardstick said && echo "the same ${how:-in the clear}"
done
# CUPS 2.4 takes a session ticket that it did not ask for for the answer to a request that it has not sent, whoever the
# server is. After an upgrade there is an answer.
attributes "$PORT2" -S >said || true
cmp yardstick said && echo "the same -S"
grep 'OPTIONS\|POST' logs/use.log | sed 's/TLSv1.[23]/TLS/'
--- out
1
the same -E
the same in the clear
the same -S
upgraded TLS 200 OPTIONS *
upgraded TLS 200 POST /printers/test
plain - 200 POST /printers/test
tls TLS 200 POST /printers/test
--- no_error_log
[error]

=== TEST 2: upgrade_required, and a document printed through it
--- http_config
    log_format use '$tls_port_use $status $request_method $request_uri';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT;
        server_name localhost;
        tls on;
        tls_plain upgrade_required;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        access_log $TEST_NGINX_SERVROOT/logs/use.log use;
        location / { proxy_pass http://127.0.0.1:$TEST_NGINX_PLAIN_PORT; proxy_set_header Host $http_host; }
    }
--- run
attributes "$PLAIN_PORT" >yardstick || true
attributes "$PORT" -E >said || true
cmp yardstick said && echo "the same"
printf 'a document\n' >document
ipp "$PORT" -E -t -f document -d filetype=text/plain "$tests/print-job.test" | grep -o '\[PASS\]'
# Who did not ask is told to, and does.
timeout 30 ipptool -tv "ipp://localhost:$PORT/printers/test" "$tests/get-printer-attributes.test" >told 2>&1 || true
grep -o "status-code = successful-ok" told
sort logs/use.log | uniq -c | sed 's/^ *//'
--- out_like
\Athe same\n\[PASS\]\n
^status-code = successful-ok\n1 refused 426 POST /printers/test$
^3 upgraded 200 OPTIONS \*$

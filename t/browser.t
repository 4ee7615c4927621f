# A browser, Debian's chromium, on a page with a script and a style sheet over HTTP/2.
# packages: chromium
use lib 't/lib';
use TestTLS;
use Browser;

log_level('info');
run_tests();

__DATA__

=== TEST 1: a page, its parts and a form, over HTTP/2 on one connection
--- http_config
    log_format requests '$connection $server_protocol $tls_protocol $request_method $uri $status';
    server {
        listen 127.0.0.1:$TEST_NGINX_TLS_PORT $TEST_NGINX_H2_LISTEN;
        $TEST_NGINX_H2_ON
        server_name localhost;
        tls on;
        tls_certificate $TEST_NGINX_CERTS/localhost.crt;
        tls_certificate_key $TEST_NGINX_CERTS/localhost.key;
        access_log $TEST_NGINX_SERVROOT/logs/requests.log requests;
        location = /style.css { default_type text/css; return 200 "p { width: 123px }"; }
        location = /script.js {
            default_type text/javascript;
            return 200 "addEventListener('load', async () => {
                const form = await fetch('/form', { method: 'POST', body: 'x'.repeat(1000) });
                const style = getComputedStyle(document.querySelector('p')).width;
                document.body.append([await form.text(), style, location.protocol].join(', '));
            })";
        }
        location = /form { default_type text/plain; return 200 "$request_method $content_length"; }
        location = /page {
            default_type text/html;
            return 200 "<!DOCTYPE html><link rel=stylesheet href=style.css><script src=script.js></script><p>page</p>";
        }
    }
--- run
# A certificate of nobody that it knows: it asks for nothing.
start_browser "https://localhost:$PORT/page" --virtual-time-budget=10000 --dump-dom >untrusted
grep -c '<p>page' untrusted && exit 1
[ ! -s logs/requests.log ]
# The same when told that this key is good.
browse "https://localhost:$PORT/page" --virtual-time-budget=10000 --dump-dom
wait_for grep -q form logs/requests.log
grep -v favicon logs/requests.log | cut -d ' ' -f 2- | sort
echo "connections: $(grep -v favicon logs/requests.log | cut -d ' ' -f 1 | sort -u | wc -l)"
--- out_like
<p>page</p>.*POST 1000, 123px, https:
^HTTP/2.0 TLSv1.3 GET /page 200\nHTTP/2.0 TLSv1.3 GET /script.js 200\nHTTP/2.0 TLSv1.3 GET /style.css 200\nHTTP/2.0 TLSv1.3 POST /form 200\nconnections: 1$

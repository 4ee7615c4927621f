# tls_profile: Mozilla's server-side recommendations, held against what is really negotiated, and single directives that
# override them.
use lib 't/lib';
use TestTLS;
use NamedServers;

log_level('info');

# What of all that this client can offer is accepted, one handshake each.
add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(run => <<'BASH' . $block->run) if defined $block->run;
versions() { # NAME
    local version
    for version in -tls1 -tls1_1 -tls1_2 -tls1_3; do
        ask "$1" protocol "$version" -cipher ALL:@SECLEVEL=0
    done
}
ciphers() { # NAME
    local cipher
    for cipher in $(openssl ciphers -tls1_2 -s ALL:@SECLEVEL=0 | tr : ' '); do
        ask "$1" cipher -tls1_2 -cipher "$cipher:@SECLEVEL=0"
    done | grep -v '^alert 40$' | sort
}
suites() { # NAME
    local suite
    for suite in AES_128_GCM_SHA256 AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256 AES_128_CCM_SHA256; do
        ask "$1" cipher -tls1_3 -ciphersuites "TLS_$suite"
    done
}
groups() { # NAME
    local group
    for group in X25519 P-256 P-384 P-521 X448; do
        ask "$1" curve -tls1_3 -groups "$group"
    done
}
first() { # NAME: of what the server likes and of what it does not, the client's first
    ask "$1" cipher -tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES128-GCM-SHA256
}
BASH
});

run_tests();

__DATA__

=== TEST 1: modern
--- servers
a.test  tls_profile modern; tls_dhparam $TEST_NGINX_CERTS/dhparam.pem;
--- run
versions a.test
suites a.test
groups a.test
ask a.test cipher -ciphersuites TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256
--- out
alert 70
alert 70
alert 70
a.test TLSv1.3
a.test TLS_AES_128_GCM_SHA256
a.test TLS_AES_256_GCM_SHA384
a.test TLS_CHACHA20_POLY1305_SHA256
alert 40
a.test X25519
a.test prime256v1
a.test secp384r1
alert 40
alert 40
a.test TLS_CHACHA20_POLY1305_SHA256



=== TEST 2: intermediate
--- servers
a.test  tls_profile intermediate; tls_dhparam $TEST_NGINX_CERTS/dhparam.pem;
--- run
versions a.test
ciphers a.test
suites a.test
groups a.test
first a.test
--- out
alert 70
alert 70
a.test TLSv1.2
a.test TLSv1.3
a.test DHE-RSA-AES128-GCM-SHA256
a.test DHE-RSA-AES256-GCM-SHA384
a.test DHE-RSA-CHACHA20-POLY1305
a.test ECDHE-ECDSA-AES128-GCM-SHA256
a.test ECDHE-ECDSA-AES256-GCM-SHA384
a.test ECDHE-ECDSA-CHACHA20-POLY1305
a.test ECDHE-RSA-AES128-GCM-SHA256
a.test ECDHE-RSA-AES256-GCM-SHA384
a.test ECDHE-RSA-CHACHA20-POLY1305
a.test TLS_AES_128_GCM_SHA256
a.test TLS_AES_256_GCM_SHA384
a.test TLS_CHACHA20_POLY1305_SHA256
alert 40
a.test X25519
a.test prime256v1
a.test secp384r1
alert 40
alert 40
a.test ECDHE-RSA-CHACHA20-POLY1305



=== TEST 3: old, with TLS 1.0 and 1.1 and the server's order
--- servers
a.test  tls_profile old; tls_dhparam $TEST_NGINX_CERTS/dhparam.pem;
--- run
versions a.test
# Some builds of OpenSSL have no triple DES.
ciphers a.test | grep -v DES-CBC3-SHA
suites a.test
groups a.test
first a.test
--- out
a.test TLSv1
a.test TLSv1.1
a.test TLSv1.2
a.test TLSv1.3
a.test AES128-GCM-SHA256
a.test AES128-SHA
a.test AES128-SHA256
a.test AES256-GCM-SHA384
a.test AES256-SHA
a.test AES256-SHA256
a.test DHE-RSA-AES128-GCM-SHA256
a.test DHE-RSA-AES128-SHA256
a.test DHE-RSA-AES256-GCM-SHA384
a.test DHE-RSA-AES256-SHA256
a.test DHE-RSA-CHACHA20-POLY1305
a.test ECDHE-ECDSA-AES128-GCM-SHA256
a.test ECDHE-ECDSA-AES128-SHA
a.test ECDHE-ECDSA-AES128-SHA256
a.test ECDHE-ECDSA-AES256-GCM-SHA384
a.test ECDHE-ECDSA-AES256-SHA
a.test ECDHE-ECDSA-AES256-SHA384
a.test ECDHE-ECDSA-CHACHA20-POLY1305
a.test ECDHE-RSA-AES128-GCM-SHA256
a.test ECDHE-RSA-AES128-SHA
a.test ECDHE-RSA-AES128-SHA256
a.test ECDHE-RSA-AES256-GCM-SHA384
a.test ECDHE-RSA-AES256-SHA
a.test ECDHE-RSA-AES256-SHA384
a.test ECDHE-RSA-CHACHA20-POLY1305
a.test TLS_AES_128_GCM_SHA256
a.test TLS_AES_256_GCM_SHA384
a.test TLS_CHACHA20_POLY1305_SHA256
alert 40
a.test X25519
a.test prime256v1
a.test secp384r1
alert 40
alert 40
a.test ECDHE-RSA-AES128-GCM-SHA256



=== TEST 4: single directives beside it override one thing, before or after it
--- servers
proto.test   tls_profile modern; tls_protocols TLSv1.2 TLSv1.3;
cipher.test  tls_ciphers ECDHE-RSA-AES256-SHA384; tls_profile intermediate;
suite.test   tls_profile modern; tls_ciphersuites TLS_AES_128_CCM_SHA256;
group.test   tls_groups X448; tls_profile intermediate;
curve.test   tls_profile intermediate; tls_ecdh_curve secp521r1;
order.test   tls_profile intermediate; tls_prefer_server_ciphers on;
client.test  tls_prefer_server_ciphers off; tls_profile old;
--- run
versions proto.test
ciphers cipher.test
groups cipher.test
suites suite.test
groups group.test
ask group.test protocol -tls1_2 -groups X448
groups curve.test
first order.test
first client.test
ask client.test protocol -tls1 -cipher ALL:@SECLEVEL=0
--- out
alert 70
alert 70
proto.test TLSv1.2
proto.test TLSv1.3
cipher.test ECDHE-RSA-AES256-SHA384
cipher.test X25519
cipher.test prime256v1
cipher.test secp384r1
alert 40
alert 40
alert 40
alert 40
alert 40
suite.test TLS_AES_128_CCM_SHA256
alert 40
alert 40
alert 40
alert 40
group.test X448
group.test TLSv1.2
alert 40
alert 40
alert 40
curve.test secp521r1
alert 40
order.test ECDHE-RSA-AES128-GCM-SHA256
client.test ECDHE-RSA-CHACHA20-POLY1305
client.test TLSv1



=== TEST 5: a profile around, and what servers say
--- servers
http         tls_profile modern;
heir.test
proto.test   tls_protocols TLSv1.2;
other.test   tls_profile intermediate;
old.test     tls_profile old;
same.test    tls_profile modern;
--- run
for name in heir.test proto.test other.test old.test same.test; do
    versions $name
done
groups proto.test
--- out
alert 70
alert 70
alert 70
heir.test TLSv1.3
alert 70
alert 70
proto.test TLSv1.2
alert 70
alert 70
alert 70
other.test TLSv1.2
other.test TLSv1.3
old.test TLSv1
old.test TLSv1.1
old.test TLSv1.2
old.test TLSv1.3
alert 70
alert 70
alert 70
same.test TLSv1.3
alert 70
alert 70
alert 70
alert 70
alert 70



=== TEST 6: single directives around, and a profile in the server
--- servers
http         tls_protocols TLSv1.2; tls_ciphers AES128-SHA256; tls_groups X448; tls_prefer_server_ciphers on;
plain.test
modern.test  tls_profile modern;
inter.test   tls_profile intermediate;
both.test    tls_profile intermediate; tls_ciphers AES256-SHA256;
--- run
ciphers plain.test
versions modern.test
groups modern.test
versions inter.test
ask inter.test cipher -tls1_2 -cipher AES128-SHA256
groups inter.test
first inter.test
ciphers both.test
--- out
plain.test AES128-SHA256
alert 70
alert 70
alert 70
modern.test TLSv1.3
modern.test X25519
modern.test prime256v1
modern.test secp384r1
alert 40
alert 40
alert 70
alert 70
inter.test TLSv1.2
inter.test TLSv1.3
alert 40
inter.test X25519
inter.test prime256v1
inter.test secp384r1
alert 40
alert 40
inter.test ECDHE-RSA-CHACHA20-POLY1305
both.test AES256-SHA256



=== TEST 7: both around: the single directive stays in force for whoever inherits both
--- servers
http         tls_ciphers AES128-SHA256; tls_profile intermediate;
heir.test
own.test     tls_profile intermediate;
--- run
ciphers heir.test
ask own.test cipher -tls1_2 -cipher AES128-SHA256
ask own.test cipher -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256
--- out
heir.test AES128-SHA256
alert 40
own.test ECDHE-RSA-AES128-GCM-SHA256



=== TEST 8: the hybrid group stands in front of a profile's own, but not of a written list
--- servers
modern.test  tls_profile modern;
inter.test   tls_profile intermediate;
old.test     tls_profile old;
list.test    tls_profile modern; tls_groups X25519:prime256v1:secp384r1;
--- run
for name in modern.test inter.test old.test list.test; do
    ask $name curve -tls1_3 -groups X25519MLKEM768
done
ask list.test curve -tls1_3 -groups X25519:X25519MLKEM768
--- out
modern.test X25519MLKEM768
inter.test X25519MLKEM768
old.test X25519MLKEM768
alert 40
list.test X25519
--- min_openssl: 3.5



=== TEST 9: another word
--- servers
a.test  tls_profile new;
--- emerg
\[emerg\] .*invalid value "new" in "tls_profile" directive, it must be "modern", "intermediate" or "old" in .*/nginx.conf:\d+



=== TEST 10: twice
--- servers
a.test  tls_profile modern; tls_profile old;
--- emerg
\[emerg\] .*"tls_profile" directive is duplicate in .*/nginx.conf:\d+

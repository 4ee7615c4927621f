# Broken and odd ClientHellos: what our parser refuses, it refuses with the alert libssl sends (RFC 8446 sections 4.1.2,
# 4.2; RFC 6066 section 3). Each hello goes to the module and to nginx's own ssl: `same` prints what both answered. Each
# writes a log of its own, and nothing in the module's may be above info.
use lib 't/lib';
use TestTLS;
use TwoServers;

log_level('info');

add_block_preprocessor(sub {
    my ($block) = @_;
    $block->set_value(site => ($block->site // '') . <<'CONF');
    tls_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    error_log $TEST_NGINX_SERVROOT/logs/tls_error.log info;
CONF
    $block->set_value(run => <<'BASH' . $block->run . <<'END');
same() { both raw --hello "$@"; }
BASH
! grep -E '\[(warn|error|crit|alert|emerg)\]' "$SERVROOT/logs/tls_error.log" >&2
END
});

run_tests();

__DATA__

=== TEST 1: good hellos, so that the broken ones are broken in one thing only
--- run
same
same --sni localhost
same --versions 0304 --sni localhost --alpn h2,http/1.1
same --versions none
same --versions none --session-id ''
same --ext 21=0000 --ext 65000=abcd --ext 2570= --ext 65281=00
--- out
server_hello
server_hello
server_hello
server_hello
server_hello
server_hello

=== TEST 2: a hello of the time before extensions
--- site
    tls_ciphers ALL:@SECLEVEL=0;
    tls_certificate $TEST_NGINX_CERTS/rsa.crt;
    tls_certificate_key $TEST_NGINX_CERTS/rsa.key;
--- run
same --no-extensions --suites 002f
same --no-extensions --suites 002f --trailing 0000
--- out
server_hello
server_hello

=== TEST 3: an extension twice: illegal_parameter
--- run
for type in 0 10 13 16 23 43 51; do
    same --sni localhost --alpn http/1.1 --twice "$type"
done | sort | uniq -c | sed 's/^ *//'
same --ext 5=0100000000 --ext 5=0100000000
grep -c '\[info\].*client refused: duplicate extension (hello_malformed), alert illegal_parameter sent' \
    "$SERVROOT/logs/tls_error.log"
--- out
7 alert 47 illegal_parameter
7 eof
alert 47 illegal_parameter
eof
8

=== TEST 4: an extension that libssl does not know, twice
--- run
# libssl does not look; RFC 8446 section 4.2 forbids it in every case.
raw --hello --ext 65000=ab --ext 65000=ab
--- out
alert 47 illegal_parameter
eof

=== TEST 5: several names in server_name: decode_error
--- run
same --names a.test,b.test
same --names a.test,a.test
same --names ,
--- out
alert 50 decode_error
eof
alert 50 decode_error
eof
alert 50 decode_error
eof

=== TEST 6: malformed server_name
--- run
echo "bytes left behind the list"; same --sni-body 000900000661 --sni-body 00090000066c6f63616c00ff
echo "an empty list"; same --sni-body 0000
echo "an empty body"; same --sni-body ''
echo "another name type"; same --sni-body 000601000361626364
echo "a list longer than the body"; same --sni-body 00ff0000066c6f63616c
echo "a name longer than the list"; same --sni-body 00090000ff6c6f63616c
echo "256 bytes"; same --sni "$(printf 'a%.0s' {1..256})"
echo "a zero byte"; same --sni-body 000700000461006263
--- out
bytes left behind the list
alert 50 decode_error
eof
an empty list
alert 50 decode_error
eof
an empty body
alert 50 decode_error
eof
another name type
alert 50 decode_error
eof
a list longer than the body
alert 50 decode_error
eof
a name longer than the list
alert 50 decode_error
eof
256 bytes
alert 112 unrecognized_name
eof
a zero byte
alert 112 unrecognized_name
eof

=== TEST 7: bytes left over: decode_error
--- run
echo "behind the extensions"; same --trailing 00
echo "behind the compression methods, half a length"; same --no-extensions --trailing 00
echo "the extensions are longer than the message"; same --extensions-off 1
echo "or shorter"; same --extensions-off -1
echo "a length and no extensions"; same --no-extensions --trailing 0001
echo "an extension that ends too early"; same --no-extensions --trailing 0003000a00
--- out
behind the extensions
alert 50 decode_error
eof
behind the compression methods, half a length
alert 50 decode_error
eof
the extensions are longer than the message
alert 50 decode_error
eof
or shorter
alert 50 decode_error
eof
a length and no extensions
alert 50 decode_error
eof
an extension that ends too early
alert 50 decode_error
eof

=== TEST 8: a body that ends too early: decode_error
--- run
for length in 0 1 2 33 34 35 40 66 67 68; do
    same --body "$(raw --hello --print | cut -c 19- | cut -c "1-$((2 * length))")"
done | sort | uniq -c | sed 's/^ *//'
--- out
10 alert 50 decode_error
10 eof

=== TEST 9: the message's length and the record's
--- run
echo "one byte more than the record has"; raw --hello --length-off 1 --seconds 0.5
message() { raw --message "$1"; }
echo "a byte behind it"; both message "$(raw --hello --print | cut -c 11-)00"
echo "a byte behind it, for TLS 1.2"; raw --message "$(raw --hello --versions 0303 --print | cut -c 11-)00"
--- out
one byte more than the record has
timeout
a byte behind it
alert 10 unexpected_message
eof
a byte behind it, for TLS 1.2
alert 10 unexpected_message
eof

=== TEST 10: session id, cipher suites, compression methods
--- run
echo "a session id of 33 bytes"; same --session-id "$(printf 'ab%.0s' {1..33})"
# illegal_parameter and decode_error by turns, as OpenSSL's versions have it.
echo "no cipher suites"; same --suites '' | grep -c alert
echo "an odd list of them"; same --suites 1301,13
echo "no compression methods"; same --compression ''
echo "not the null method"; same --compression 01 | grep -c alert
echo "others beside it, for TLS 1.2"; same --compression 0100 --versions none
--- out
a session id of 33 bytes
alert 50 decode_error
eof
no cipher suites
1
an odd list of them
alert 50 decode_error
eof
no compression methods
alert 50 decode_error
eof
not the null method
1
others beside it, for TLS 1.2
server_hello

=== TEST 11: supported_versions
--- run
echo "an odd list"; same --versions 0304,03
echo "not one that is spoken"; same --versions 7f1c,0305
echo "an empty list"; same --versions ''
echo "bytes left"; same --without 43 --ext 43=02030400
echo "versions of the future beside"; same --versions 0a0a,7f1c,0303
echo "SSL 3, which has no protocol_version"; same --legacy 0300 --versions none
echo "SSL 3 and supported_versions (RFC 8446 appendix D.5)"; same --legacy 0300; same --legacy 0300 --versions 7f1c
echo "legacy_version says nothing else with supported_versions"; same --legacy 0301; same --legacy 0305
echo "SSL 2"; same --legacy 0200 --versions none
--- out
an odd list
alert 70 protocol_version
eof
not one that is spoken
alert 70 protocol_version
eof
an empty list
alert 70 protocol_version
eof
bytes left
alert 70 protocol_version
eof
versions of the future beside
server_hello
SSL 3, which has no protocol_version
alert 40 handshake_failure
eof
SSL 3 and supported_versions (RFC 8446 appendix D.5)
alert 40 handshake_failure
eof
alert 40 handshake_failure
eof
legacy_version says nothing else with supported_versions
server_hello
server_hello
SSL 2
alert 70 protocol_version
eof

=== TEST 12: supported_groups and signature_algorithms
--- run
echo "an odd list of groups"; same --groups 001d,00
echo "none"; same --groups ''
echo "bytes left"; same --without 10 --ext 10=0002001d00
echo "an odd list of algorithms"; same --sigalgs 0403,08
echo "none"; same --sigalgs ''
echo "missing"; same --without 13
echo "bytes left"; same --without 13 --ext 13=0002040300
echo "an odd list for certificates"; same --ext 50=0003040308
--- out
an odd list of groups
alert 50 decode_error
eof
none
alert 50 decode_error
eof
bytes left
alert 50 decode_error
eof
an odd list of algorithms
alert 50 decode_error
eof
none
alert 50 decode_error
eof
missing
alert 109 missing_extension
eof
bytes left
alert 50 decode_error
eof
an odd list for certificates
alert 50 decode_error
eof

=== TEST 13: ALPN
--- run
echo "an empty name"; same --alpn h2,,http/1.1
echo "no names"; same --ext 16=0000
echo "a list longer than the body"; same --ext 16=00ff026832
echo "a name longer than the list"; same --ext 16=0003096832
echo "bytes left"; same --ext 16=000302683200
echo "nothing that is spoken"; same --alpn spdy/1
--- out
an empty name
alert 50 decode_error
eof
no names
alert 50 decode_error
eof
a list longer than the body
alert 50 decode_error
eof
a name longer than the list
alert 50 decode_error
eof
bytes left
alert 50 decode_error
eof
nothing that is spoken
alert 120 no_application_protocol
eof

=== TEST 14: key_share
--- run
echo "an empty list asks for a retry"; same --shares ''
echo "bytes left behind the list"; same --without 51 --ext "51=0024001d0020$(printf '0f%.0s' {1..32})00"
echo "a share longer than the list"; same --without 51 --ext 51=0004001d0020
echo "an empty share"; same --without 51 --ext 51=0004001d0000
echo "of a group that supported_groups has not"; same --groups 0017 --shares 001d
echo "a point that is not on the curve"; same --without 51 --ext "51=004500170041$(printf '04%.0s' {1..65})"
echo "missing"; same --versions 0304 --without 51
echo "broken, but TLS 1.2 is spoken"; same --versions 0303 --without 51 --ext 51=ffff
--- out
an empty list asks for a retry
hello_retry_request
bytes left behind the list
alert 50 decode_error
eof
a share longer than the list
alert 50 decode_error
eof
an empty share
alert 50 decode_error
eof
of a group that supported_groups has not
alert 47 illegal_parameter
eof
a point that is not on the curve
alert 47 illegal_parameter
eof
missing
alert 109 missing_extension
eof
broken, but TLS 1.2 is spoken
server_hello

=== TEST 15: pre_shared_key, early_data, use_srtp
--- run
psk=41=000a0004746573740000000000212$(printf '0%.0s' {1..65})
echo "pre_shared_key is not the last"; same --ext "$psk" --ext 45=0101 --ext 21=
echo "early_data with a body"; same --ext 42=00
echo "use_srtp"; same --ext 14=0002000100
--- out
pre_shared_key is not the last
alert 47 illegal_parameter
eof
early_data with a body
alert 50 decode_error
eof
use_srtp
alert 47 illegal_parameter
eof

=== TEST 16: a hello cut short by the client's FIN gets no answer; one that lies about its length, neither
--- site
--- run
both raw --hello --first 40 --shut
--- out
eof

=== TEST 17: every refusal is one line, at info, with its alert and its word
--- run
raw --hello --trailing 00
raw --hello --names a,b
raw --hello --sni "$(printf 'a%.0s' {1..256})"
raw --hello --alpn spdy/1 --sni a.test
raw --hello --versions 7f1c
grep -o 'client refused: .*, client' "$SERVROOT/logs/tls_error.log" | grep -o '([a-z_]*).*'
grep -c . "$SERVROOT/logs/tls_error.log"
--- out_like
^\(hello_malformed\), alert decode_error sent, server name "" while SSL handshaking, client$
^\(unknown_name\), alert unrecognized_name sent, server name ""
^\(no_shared_application\), alert no_application_protocol sent, server name "a.test"
^\(no_shared_version\), alert protocol_version sent
^5$

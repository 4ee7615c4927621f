# tls_certificate_cache: what is kept, for how long, how much of it, and over a reload; and handshakes that are under way
# while their certificate is replaced.
use lib 't/lib';
use TestTLS;
use FoundCertificates;

log_level('info');
run_tests();

__DATA__

=== TEST 1: valid: for how long a name's files are not looked at again
--- found
        tls_certificate_directory $F;
        tls_certificate_cache max=100 valid=1h;
--- run
mint one two
put one a.test.pem
each_shown a.test b.test
put two a.test.pem
put two b.test.pem
rm "$F/a.test.pem"
a_second_later
each_shown a.test b.test
--- out
a.test: one
b.test: alert 112
a.test: one
b.test: alert 112



=== TEST 2: inactive: how long a name is kept that nobody asks for
--- found
        tls_certificate_directory $F;
        tls_certificate_cache max=100 inactive=4s valid=1h;
--- run
mint one two
put one a.test.pem
shown a.test
put two a.test.pem
shown a.test
# Longer than the whole seconds that it may stay.
for second in 1 2 3 4 5 6; do
    a_second_later
done
shown a.test
--- out
one
one
two



=== TEST 3: max: how many names are kept, the last ones
--- found
        tls_certificate_directory $F;
        tls_certificate_cache max=2 valid=1h;
--- run
mint one two
for name in a b c; do put one $name.test.pem; done
each_shown a.test b.test a.test c.test
for name in a b c; do put two $name.test.pem; done
# "b" had to go for "c".
each_shown a.test c.test b.test
--- out
a.test: one
b.test: one
a.test: one
c.test: one
a.test: one
c.test: one
b.test: two



=== TEST 4: off: files are read at each handshake
--- found
        tls_certificate_directory $F;
        tls_certificate_cache off;
--- run
mint one two
shown a.test
put one a.test.pem
shown a.test
put two a.test.pem
shown a.test
rm "$F/a.test.pem"
shown a.test
--- out
alert 112
one
two
alert 112



=== TEST 5: a flood of names that are not there moves none that is, and names are found behind it
--- found
        tls_certificate_directory $F;
        tls_certificate_cache max=2 valid=1h;
--- run
mint one two
put one a.test.pem
put one x.w.test.pem
put one new.test.pem
each_shown a.test x.w.test
put two a.test.pem
put two x.w.test.pem
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$(workers)/status"; }
flood() { # FROM TO
    perl -I"$T_LIB" -MClientHello=make_hello -MIO::Socket::INET -e '
        for my $n ($ARGV[0] .. $ARGV[1]) {
            my $message = make_hello({ sni => "n$n.flood.test" });
            my $s = IO::Socket::INET->new("127.0.0.1:$ENV{PORT}") or die "connect: $!";
            syswrite $s, "\x16\x03\x01" . pack "n/a", $message;
            sysread($s, my $answer, 7) == 7 && $answer =~ /\x70$/ or die "no alert";
        }' "$@"
}
flood 1 2000
before=$(resident)
flood 2001 6000
# Each of these names, and its wildcard's, is remembered, but no more than a thousand of them.
[ $(($(resident) - before)) -lt 300 ] && echo no growth
each_shown a.test x.w.test new.test
--- out
a.test: one
x.w.test: one
no growth
a.test: one
x.w.test: one
new.test: one



=== TEST 6: a reload begins with the names in use, in every worker
--- found
        tls_certificate_directory $F;
        tls_certificate_cache max=100 valid=1h;
--- workers: 2
--- run
mint one two three
for name in used x.w unused changed; do put one $name.test.pem; done
put one _.star.test.pem
for name in used.test x.w.test changed.test a.star.test; do workers_show $name; done
put two changed.test.pem
reload
# Whoever reads them now is late: they were there before the first client.
for name in used x.w unused changed _.star; do put three $name.test.pem; done
for name in used.test x.w.test changed.test a.star.test unused.test; do
    echo "$name $(workers_show $name)"
done
# And over one more reload, which reads what has changed.
reload
rm -r "$F"
for name in used.test x.w.test changed.test a.star.test unused.test; do
    echo "$name $(workers_show $name)"
done
--- out
2 one
2 one
2 one
2 one
used.test 2 one
x.w.test 2 one
changed.test 2 two
a.star.test 2 one
unused.test 2 three
used.test 2 three
x.w.test 2 three
changed.test 2 three
a.star.test 2 three
unused.test 2 three



=== TEST 7: a handshake keeps what it began with
--- found
        tls_certificate_directory $F;
        tls_groups P-256;
--- run
mint one two
export F made
put one a.test.pem
client -e '
    # TLS 1.3, where the certificate comes after a second hello, and TLS 1.2, where the key is needed once more; one is
    # replaced, and then all are removed.
    my $begin = sub {
        my ($version, $groups) = @_;
        my $ctx = Net::SSLeay::CTX_new();
        Net::SSLeay::CTX_set_max_proto_version($ctx, $version);
        Net::SSLeay::CTX_set1_groups_list($ctx, $groups);
        my $ssl = Net::SSLeay::new($ctx);
        Net::SSLeay::set_tlsext_host_name($ssl, "a.test");
        my %begun = (ssl => $ssl, socket => tcp($ENV{AT}));
        @begun{qw(in out)} = map { Net::SSLeay::BIO_new(Net::SSLeay::BIO_s_mem()) } 1 .. 2;
        Net::SSLeay::set_bio($ssl, $begun{in}, $begun{out});
        Net::SSLeay::set_connect_state($ssl);
        Net::SSLeay::do_handshake($ssl);
        send_all($begun{socket}, Net::SSLeay::BIO_read($begun{out}));
        # From here on the server has chosen.
        has_input($begun{socket}, 10) or die "no answer";
        return \%begun;
    };
    # What the server says goes in, what the client says goes out.
    my $pump = sub {
        my ($begun) = @_;
        my $said = Net::SSLeay::BIO_read($begun->{out});
        send_all($begun->{socket}, $said) if length($said // "");
        sysread $begun->{socket}, my $heard, 16384 or return;
        return Net::SSLeay::BIO_write($begun->{in}, $heard);
    };
    my $new = sub {
        my $s = tls($ENV{AT}, name => "a.test", may_fail => 1);
        return $s ? $s->peer_certificate("commonName") : "refused";
    };
    my $end = sub {
        my ($begun) = @_;
        my $ssl = $begun->{ssl};
        until (Net::SSLeay::do_handshake($ssl) == 1) { $pump->($begun) or return "failed" }
        Net::SSLeay::write($ssl, "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n");
        my $answer;
        until (length($answer = Net::SSLeay::read($ssl) // "")) { $pump->($begun) or return "ended" }
        my $subject = Net::SSLeay::X509_get_subject_name(Net::SSLeay::get_peer_certificate($ssl));
        return Net::SSLeay::X509_NAME_oneline($subject) . " " . substr $answer, 0, 12;
    };
    my ($tls12, $tls13) = (0x303, 0x304);
    my @begun = ($begin->($tls13, "P-384:P-256"), $begin->($tls12, "P-256"));
    system("cp $ENV{made}/two.pem $ENV{F}/new && mv $ENV{F}/new $ENV{F}/a.test.pem");
    await { $new->() eq "two" } or print "never replaced\n";
    print $end->($_), "\n" for @begun;
    @begun = ($begin->($tls13, "P-384:P-256"), $begin->($tls12, "P-256"));
    unlink "$ENV{F}/a.test.pem";
    await { $new->() eq "refused" } or print "never removed\n";
    print $end->($_), "\n" for @begun;'
--- out
/CN=one HTTP/1.1 200
/CN=one HTTP/1.1 200
/CN=two HTTP/1.1 200
/CN=two HTTP/1.1 200



=== TEST 8: a connection outlives its certificate
--- found
        tls_certificate_directory $F;
--- run
mint one
export F
put one a.test.pem
client -e '
    my $s = tls($ENV{AT}, name => "a.test");
    print get($s, "/")->{status}, "\n";
    unlink "$ENV{F}/a.test.pem";
    await { !tls($ENV{AT}, name => "a.test", may_fail => 1) } or print "never removed\n";
    print get($s, "/")->{status}, "\n";'
--- out
200
200



=== TEST 9: parameters that are none
--- run
refused() { # DIRECTIVE
    local conf=$SERVROOT/conf/refused.conf
    sed "s,tls_certificate_cache [^;]*;,$1," "$SERVROOT/conf/nginx.conf" >"$conf"
    "$NGINX_BINARY" -t -e stderr -p "$SERVROOT/" -c "$conf" 2>&1 | sed -n 's/^.*\[emerg\] [0-9#]*: \(.*\) in .*/\1/p'
}
for value in '' 'max=0' 'max=x' 'inactive=1h' 'max=1 valid=x' 'max=1 inactive=' 'max=1 other=2' 'off max=1' 'on'; do
    echo "$value: $(refused "tls_certificate_cache $value;")"
done
refused 'tls_certificate_cache off; tls_certificate_cache max=1;'
refused 'tls_unknown_name maybe;'
refused 'tls_no_name on;'
refused 'tls_expiry_warning soon;'
refused 'tls_certificate_directory a b;'
refused 'tls_certificate_cache max=1 inactive=1d valid=0;'
--- found
        tls_certificate_directory $F;
        tls_certificate_cache off;
--- out
: invalid number of arguments in "tls_certificate_cache" directive
max=0: invalid parameter "max=0"
max=x: invalid parameter "max=x"
inactive=1h: "tls_certificate_cache" must have the "max" parameter
max=1 valid=x: invalid parameter "valid=x"
max=1 inactive=: invalid parameter "inactive="
max=1 other=2: invalid parameter "other=2"
off max=1: invalid parameter "off"
on: invalid parameter "on"
"tls_certificate_cache" directive is duplicate
invalid value "maybe"
invalid value "on"
"tls_expiry_warning" directive invalid value
invalid number of arguments in "tls_certificate_directory" directive

// What a connection begins with: RFC 8446 section 5.1, RFC 6101 appendix E.1, RFC 9112 section 3.
#include "hello/sniff.h"

#include "support/bytes.h"
#include "support/cmocka.h"

using test::Bytes;
using test::bytes_of;
using test::hex;
using tls::Sniffed;

static Sniffed sniff_bytes(const Bytes& bytes) {
    const test::Fenced fenced(test::view(bytes));
    return tls::sniff(fenced.view());
}

static void expect(const Bytes& bytes, Sniffed expected) {
    assert_int_equal(static_cast<int>(sniff_bytes(bytes)), static_cast<int>(expected));
}

static void nothing_needs_more(void**) {
    expect({}, Sniffed::NeedMore);
    assert_int_equal(static_cast<int>(tls::sniff(tls::ByteView())), static_cast<int>(Sniffed::NeedMore));
}

static void a_handshake_record_takes_two_bytes(void**) {
    expect(hex("16"), Sniffed::NeedMore);
    expect(hex("1603"), Sniffed::ClientHello);
    expect(hex("160301"), Sniffed::ClientHello);
    expect(hex("1603ff 0005"), Sniffed::ClientHello);
    expect(hex("1602"), Sniffed::WrongVersion);
    expect(hex("1604 01"), Sniffed::WrongVersion);
    expect(hex("16fe fd"), Sniffed::WrongVersion);  // DTLS
}

static void other_tls_records_are_unexpected(void**) {
    for (const char* const type : {"14", "15", "17", "18"}) {
        expect(hex(type), Sniffed::NeedMore);
        expect(hex(type) + hex("03"), Sniffed::UnexpectedTls);
        expect(hex(type) + hex("02"), Sniffed::Other);
    }
    expect(hex("1303"), Sniffed::Other);
    expect(hex("1903"), Sniffed::Other);
}

static void an_sslv2_hello_takes_three_bytes(void**) {
    expect(hex("80"), Sniffed::NeedMore);
    expect(hex("802e"), Sniffed::NeedMore);
    expect(hex("802e01"), Sniffed::Sslv2Hello);
    expect(hex("ffff01 0301"), Sniffed::Sslv2Hello);
    expect(hex("802e04"), Sniffed::Other);
    expect(hex("c3bc20"), Sniffed::Other);
}

static void request_lines_are_http(void**) {
    for (const char* const line : {"GET / HTTP/1.1", "get /", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\r\nGET",
                                   "\r", "\n", "M-SEARCH * HTTP/1.1", "_ ", "- x", "0 /", "~  ",
                                   "CONNECT a:1 HTTP/1.1", "! ", "S /", "SSH /", "SSHX /"}) {
        expect(bytes_of(line), Sniffed::Http);
    }
}

// Many protocols begin with letters; a method ends with a space.
static void a_method_needs_its_space(void**) {
    for (const char* const begun : {"G", "GET", "get", "M-SEARCH", "0", "~", "S", "SS", "SSH", "SSHX"}) {
        expect(bytes_of(begun), Sniffed::NeedMore);
    }
    for (const char* const line : {"GET\t/", "GET/", "GET\r\n", "*1\r\n$4\r\nPING", "HELO\r\n", "a:b c"}) {
        expect(bytes_of(line), Sniffed::Other);
    }
    const Bytes longest(31, 'A');
    expect(longest, Sniffed::NeedMore);
    expect(longest + bytes_of(" "), Sniffed::Http);
    expect(longest + bytes_of("A"), Sniffed::Other);
    expect(longest + bytes_of("A "), Sniffed::Other);
}

// RFC 4253 section 4.2: "SSH-2.0-OpenSSH_9.2p1 Debian" is a token and a space too.
static void ssh_is_no_method(void**) {
    expect(bytes_of("SSH-"), Sniffed::Other);
    expect(bytes_of("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7\r\n"), Sniffed::Other);
    expect(bytes_of("SSH-1.99-x\r\n"), Sniffed::Other);
}

static void expect_line(const Bytes& bytes, Sniffed expected) {
    const test::Fenced fenced(test::view(bytes));
    assert_int_equal(static_cast<int>(tls::sniff_request_line(fenced.view())), static_cast<int>(expected));
}

static void a_target_of_http_is_known_at_once(void**) {
    for (const char* const begun :
         {"GET /", "get  *", "\r\n\nOPTIONS *", "GET http:", "GET HTTPS:", "PRI * HTTP/2.0\r\n", "! /\n"}) {
        expect_line(bytes_of(begun), Sniffed::Http);
    }
    for (const char* const begun :
         {"", "\r\n", "G", "GET", "GET ", "GET  ", "GET h", "GET http", "GET https"}) {
        expect_line(bytes_of(begun), Sniffed::NeedMore);
    }
    expect_line(bytes_of("GET http://a/") + Bytes(2000, 'a'), Sniffed::Http);
}

// A host for CONNECT, and targets that nginx refuses: HTTP all the same.
static void another_target_needs_the_version(void**) {
    for (const char* const line :
         {"CONNECT a:1 HTTP/1.1\r\n", "GET bad HTTP/1.0\n", "\nGET  x  HTTP/9\r\nx"}) {
        const Bytes bytes = bytes_of(line);
        const auto end = bytes.begin() + static_cast<long>(bytes.size() - 3);
        expect_line(bytes, Sniffed::Http);
        expect_line(Bytes(bytes.begin(), end - 1), Sniffed::NeedMore);
    }
}

// IRC, SIP, RTSP, memcached, mail: RFC 1459, RFC 3261, RFC 2326, RFC 5321.
static void other_lines_of_words_are_other(void**) {
    for (const char* const line :
         {"NICK somebody\r\n", "CAP LS 302\r\n", "REGISTER sip:a.test SIP/2.0\r\n", "HELO a.test\n",
          "OPTIONS rtsp://a.test/x RTSP/1.0\r\n", "get key\r\n", "GET\n /", "\r\nUSER a 0\n * HTTP/1.1\r\n",
          "GET x\thttp:\n", "GET \n", "GET httpx HTTP\n"}) {
        const Bytes bytes = bytes_of(line);
        expect_line(bytes, Sniffed::Other);
        expect_line(Bytes(bytes.begin(), bytes.begin() + 2), Sniffed::NeedMore);
    }
    const Bytes words = bytes_of("USER ") + Bytes(1018, 'a');
    expect_line(words, Sniffed::NeedMore);
    expect_line(words + bytes_of("a"), Sniffed::Other);
    expect_line(words + bytes_of(" HTTP/1.1\r\n"), Sniffed::Other);
    expect_line(Bytes(1024, '\n'), Sniffed::Other);
}

static void xmpp_and_openvpn_are_other(void**) {
    expect(bytes_of("<?xml version='1.0'?>"), Sniffed::Other);
    expect(hex("000e38"), Sniffed::Other);
}

static void only_a_hello_may_begin_a_hello(void**) {
    for (const char* const begun : {"", "16", "1603", "160301", "1603ff 0005"}) {
        assert_true(tls::may_begin_hello(test::view(hex(begun))));
    }
    for (const char* const other : {"15", "1503", "1602", "00", "80", "8003", "47", "0d0a", "0316"}) {
        assert_false(tls::may_begin_hello(test::view(hex(other))));
    }
}

// RFC 9113 section 3.4.
static void the_http2_preface_is_known_whole(void**) {
    const Bytes preface = bytes_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    for (size_t size = 0; size < preface.size(); ++size) {
        const Bytes begun(preface.begin(), preface.begin() + static_cast<long>(size));
        const test::Fenced fenced(test::view(begun));
        assert_true(tls::find_http2_preface(fenced.view()) == tls::Http2Preface::NeedMore);
        const Bytes wrong = begun + bytes_of("#");
        assert_true(tls::find_http2_preface(test::view(wrong)) == tls::Http2Preface::No);
    }
    assert_true(tls::find_http2_preface(test::view(preface)) == tls::Http2Preface::Yes);
    assert_true(tls::find_http2_preface(test::view(preface + hex("0000"))) == tls::Http2Preface::Yes);
    assert_true(tls::find_http2_preface(test::view(bytes_of("GET / HTTP/1.1"))) == tls::Http2Preface::No);
}

static void everything_else_is_other(void**) {
    for (const char* const bytes :
         {"00", "01", "09", "13", "1a", "1f", "20", "22", "28", "2f", "3a", "3c", "40", "7f"}) {
        expect(hex(bytes), Sniffed::Other);
    }
}

// More bytes may only turn NeedMore into something: nothing that was said is taken back.
static void an_answer_is_never_taken_back(void**) {
    for (int first = 0; first < 256; ++first) {
        for (const uint8_t second : {0, 2, 3, 32, 46, 83, 128, 255}) {
            for (const uint8_t third : {0, 1, 3, 32, 72, 255}) {
                const Bytes bytes = {static_cast<uint8_t>(first), second, third, '-', '-', ' '};
                const Sniffed last = sniff_bytes(bytes);
                assert_int_not_equal(static_cast<int>(last), static_cast<int>(Sniffed::NeedMore));
                for (size_t size = 0; size < bytes.size(); ++size) {
                    const Sniffed early =
                        sniff_bytes(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size)));
                    assert_true(early == Sniffed::NeedMore || early == last);
                }
            }
        }
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_needs_more),
        cmocka_unit_test(a_handshake_record_takes_two_bytes),
        cmocka_unit_test(other_tls_records_are_unexpected),
        cmocka_unit_test(an_sslv2_hello_takes_three_bytes),
        cmocka_unit_test(request_lines_are_http),
        cmocka_unit_test(a_method_needs_its_space),
        cmocka_unit_test(ssh_is_no_method),
        cmocka_unit_test(a_target_of_http_is_known_at_once),
        cmocka_unit_test(another_target_needs_the_version),
        cmocka_unit_test(other_lines_of_words_are_other),
        cmocka_unit_test(xmpp_and_openvpn_are_other),
        cmocka_unit_test(only_a_hello_may_begin_a_hello),
        cmocka_unit_test(the_http2_preface_is_known_whole),
        cmocka_unit_test(everything_else_is_other),
        cmocka_unit_test(an_answer_is_never_taken_back),
    };
    return cmocka_run_group_tests_name("sniff", tests, nullptr, nullptr);
}

// The PROXY protocol, haproxy.org's proxy-protocol.txt sections 2.1 (text) and 2.2 (binary).
#include "hello/proxy_frame.h"

#include "support/bytes.h"
#include "support/cmocka.h"

using test::Bytes;
using test::bytes_of;
using test::hex;
using tls::ProxyFrame;

static const Bytes kSignature = hex("0d0a0d0a000d0a515549540a");

static ProxyFrame frame(const Bytes& bytes) {
    const test::Fenced fenced(test::view(bytes));
    return tls::frame_proxy_header(fenced.view());
}

static void expect(const Bytes& bytes, ProxyFrame::Status status, size_t size = 0) {
    const ProxyFrame found = frame(bytes);
    assert_int_equal(static_cast<int>(found.status), static_cast<int>(status));
    assert_int_equal(found.size, size);
}

// The header, each of its beginnings, and the header with bytes of TLS behind it.
static void expect_whole(const Bytes& header) {
    for (size_t size = 0; size < header.size(); ++size) {
        expect(Bytes(header.begin(), header.begin() + static_cast<long>(size)), ProxyFrame::Status::NeedMore);
    }
    expect(header, ProxyFrame::Status::Complete, header.size());
    expect(header + hex("1603010200010001fc0303"), ProxyFrame::Status::Complete, header.size());
    expect(header + hex("0d0a"), ProxyFrame::Status::Complete, header.size());
}

static Bytes binary(uint8_t version_command, uint8_t family, const Bytes& rest) {
    return kSignature + Bytes{version_command, family} + test::prefixed(2, rest);
}

static void text_headers_end_with_their_line(void**) {
    expect_whole(bytes_of("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"));
    expect_whole(bytes_of("PROXY TCP6 2001:db8::1 2001:db8::2 1234 443\r\n"));
    expect_whole(bytes_of("PROXY UNKNOWN\r\n"));
    // The longest that the specification names: 107 bytes.
    expect_whole(bytes_of("PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535" + std::string(48, ' ') +
                          "\r\n"));
}

static void a_lone_cr_or_lf_ends_nothing(void**) {
    expect(bytes_of("PROXY UNKNOWN\r"), ProxyFrame::Status::NeedMore);
    expect(bytes_of("PROXY UNKNOWN\n"), ProxyFrame::Status::NeedMore);
    expect(bytes_of("PROXY UNKNOWN\rx\r\n"), ProxyFrame::Status::Complete, 17);
}

static void a_line_of_more_than_107_bytes_is_malformed(void**) {
    const std::string line = "PROXY UNKNOWN " + std::string(93, 'x');
    assert_int_equal(line.size(), 107);
    expect(bytes_of(line.substr(0, 106)), ProxyFrame::Status::NeedMore);
    expect(bytes_of(line), ProxyFrame::Status::Malformed);
    expect(bytes_of(line.substr(0, 106) + "\r\n"), ProxyFrame::Status::Malformed);
    expect(bytes_of(line.substr(0, 105) + "\r\n"), ProxyFrame::Status::Complete, 107);
}

static void binary_headers_say_their_length(void**) {
    expect_whole(binary(0x21, 0x11, hex("c0000201 c0000202 3039 01bb")));
    expect_whole(binary(0x21, 0x21, Bytes(36, 1)));
    expect_whole(binary(0x20, 0x00, {}));                    // LOCAL
    expect_whole(binary(0x21, 0x11, Bytes(12 + 40, 0x0d)));  // with TLVs
    expect_whole(binary(0x21, 0x31, Bytes(216, 0)));         // AF_UNIX
}

// A receiver skips by the length what it does not know (section 2.2); nginx's parser does.
static void unknown_commands_and_families_are_framed_too(void**) {
    expect_whole(binary(0x2f, 0x11, Bytes(12, 0)));
    expect_whole(binary(0x21, 0xff, Bytes(3, 0)));
}

static void other_versions_are_malformed_at_their_byte(void**) {
    for (const uint8_t version : {0x11, 0x31, 0x01, 0xf1}) {
        expect(kSignature + Bytes{version}, ProxyFrame::Status::Malformed);
    }
}

static void the_longest_header_is_bounded(void**) {
    expect_whole(binary(0x21, 0x11, Bytes(tls::kMaxProxyHeader - 16, 0)));
    const Bytes longer = binary(0x21, 0x11, Bytes(tls::kMaxProxyHeader - 15, 0));
    expect(Bytes(longer.begin(), longer.begin() + 15), ProxyFrame::Status::NeedMore);
    expect(Bytes(longer.begin(), longer.begin() + 16), ProxyFrame::Status::Malformed);
    expect(longer, ProxyFrame::Status::Malformed);
}

static void what_is_no_header_is_malformed_at_once(void**) {
    for (const char* const bytes : {"1603", "16", "474554", "50524f5859 09", "5052 4f58 5959",
                                    "0d0a0d0a00 0d0a51554954 0d", "0d0d", "70", "00", "ff"}) {
        expect(hex(bytes), ProxyFrame::Status::Malformed);
    }
    for (size_t wrong = 0; wrong < kSignature.size(); ++wrong) {
        Bytes bytes(kSignature.begin(), kSignature.begin() + static_cast<long>(wrong) + 1);
        bytes[wrong] ^= 0x80;
        expect(bytes, ProxyFrame::Status::Malformed);
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(text_headers_end_with_their_line),
        cmocka_unit_test(a_lone_cr_or_lf_ends_nothing),
        cmocka_unit_test(a_line_of_more_than_107_bytes_is_malformed),
        cmocka_unit_test(binary_headers_say_their_length),
        cmocka_unit_test(unknown_commands_and_families_are_framed_too),
        cmocka_unit_test(other_versions_are_malformed_at_their_byte),
        cmocka_unit_test(the_longest_header_is_bounded),
        cmocka_unit_test(what_is_no_header_is_malformed_at_once),
    };
    return cmocka_run_group_tests_name("proxy_frame", tests, nullptr, nullptr);
}

// What is kept of a hello: all that JA3 and JA4 read, GREASE (RFC 8701) left out wherever it may stand.
#include "hello/outline.h"

#include "support/cmocka.h"
#include "support/outlined.h"

using test::Bytes;
using test::HelloBuilder;
using test::hex;
using test::outlined;
using test::prefixed;
using test::u16_list;
using tls::HelloOutline;

using Numbers = std::vector<uint16_t>;

// RFC 8701 section 2, all sixteen.
static const Numbers kGrease = {0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a, 0x5a5a, 0x6a6a, 0x7a7a,
                                0x8a8a, 0x9a9a, 0xaaaa, 0xbaba, 0xcaca, 0xdada, 0xeaea, 0xfafa};

static Numbers with_grease(const Numbers& list) {
    Numbers all = kGrease;
    all.insert(all.begin() + 8, list.begin(), list.end());
    return all;
}

static void everything_is_in_its_order(void**) {
    HelloBuilder builder;
    builder.set(11, hex("03 00 02 01"));
    const HelloOutline outline = outlined(builder);
    assert_int_equal(outline.legacy_version, 0x0303);
    assert_int_equal(outline.highest_version, 0x0304);
    assert_true(outline.has_server_name);
    assert_string_equal(outline.first_alpn.c_str(), "h2");
    assert_true(outline.cipher_suites == Numbers({0x1301, 0x1302, 0xc02b, 0xc02c}));
    assert_true(outline.extensions == Numbers({0, 10, 13, 16, 43, 45, 51, 11}));
    assert_true(outline.groups == Numbers({29, 23}));
    assert_true(outline.signature_algorithms == Numbers({0x0403, 0x0804}));
    assert_true(outline.point_formats == std::vector<uint8_t>({0, 2, 1}));
}

static void grease_is_left_out_everywhere(void**) {
    HelloBuilder builder;
    builder.cipher_suites = u16_list(with_grease({0xc02c, 0x1301}));
    builder.set(10, prefixed(2, u16_list(with_grease({23, 29}))));
    builder.set(13, prefixed(2, u16_list(with_grease({0x0804, 0x0403}))));
    builder.set(43, prefixed(1, u16_list(with_grease({0x0303}))));
    builder.remove(51);
    for (const uint16_t type : kGrease) {
        builder.add(type, hex("00"));
    }
    const HelloOutline outline = outlined(builder);
    assert_int_equal(outline.highest_version, 0x0303);
    assert_true(outline.cipher_suites == Numbers({0xc02c, 0x1301}));
    assert_true(outline.extensions == Numbers({0, 10, 13, 16, 43, 45}));
    assert_true(outline.groups == Numbers({23, 29}));
    assert_true(outline.signature_algorithms == Numbers({0x0804, 0x0403}));
}

// Both bytes are the same in GREASE, and both end in a.
static void what_only_looks_like_grease_stays(void**) {
    const Numbers close = {0x0a1a, 0x0a0b, 0x0b0a, 0x1a0a, 0x0b0b, 0xfefe, 0x00ff, 0x5600};
    HelloBuilder builder;
    builder.cipher_suites = u16_list(close);
    assert_true(outlined(builder).cipher_suites == close);
}

static void the_highest_version_is_the_extensions(void**) {
    const auto highest = [](const Numbers& versions) {
        return outlined(HelloBuilder().set(43, prefixed(1, u16_list(versions))).remove(51)).highest_version;
    };
    assert_int_equal(highest({0x0302, 0x0303, 0x0301}), 0x0303);
    assert_int_equal(highest({0x7f1c, 0x0304}), 0x7f1c);
    assert_int_equal(highest({0xfafa}), 0);
    assert_int_equal(highest({}), 0);

    HelloBuilder old;
    old.remove(43);
    old.legacy_version = 0x0301;
    assert_int_equal(outlined(old).highest_version, 0x0301);
}

static void a_hello_without_extensions(void**) {
    HelloBuilder builder;
    builder.has_extensions = false;
    const HelloOutline outline = outlined(builder);
    assert_int_equal(outline.highest_version, 0x0303);
    assert_false(outline.has_server_name);
    assert_true(outline.first_alpn.empty() && outline.extensions.empty() && outline.groups.empty());
    assert_true(outline.signature_algorithms.empty() && outline.point_formats.empty());
}

static void a_server_name_may_be_empty(void**) {
    assert_true(outlined(HelloBuilder().set(0, test::host_name(""))).has_server_name);
    assert_false(outlined(HelloBuilder().remove(0)).has_server_name);
}

// libssl refuses these later, when the server's policy is known.
static void point_formats_that_cannot_be_read_are_none(void**) {
    for (const char* body : {"", "02 00", "01 00 00", "ff"}) {
        assert_true(outlined(HelloBuilder().set(11, hex(body))).point_formats.empty());
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_in_its_order),
        cmocka_unit_test(grease_is_left_out_everywhere),
        cmocka_unit_test(what_only_looks_like_grease_stays),
        cmocka_unit_test(the_highest_version_is_the_extensions),
        cmocka_unit_test(a_hello_without_extensions),
        cmocka_unit_test(a_server_name_may_be_empty),
        cmocka_unit_test(point_formats_that_cannot_be_read_are_none),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// JA4 by its published description (technical_details/JA4.md of FoxIO-LLC/ja4), and by real hellos: a test
// for each row of t/data/ja4_vectors.tsv.
#include "hello/ja4.h"

#include "base/digest.h"
#include "support/cmocka.h"
#include "support/outlined.h"
#include "support/vector_tests.h"

using test::Bytes;
using test::bytes_of;
using test::HelloBuilder;
using test::hex;
using test::outlined;
using test::prefixed;
using test::u16_list;
using tls::HelloOutline;
using tls::ja4;
using tls::ja4_raw;
using tls::Ja4Order;

static void vector_matches(void** state) {
    const test::HelloVector& row = test::vector_of(state);
    const HelloOutline hello = outlined(row.message);
    assert_string_equal(row.columns.at("transport").c_str(), "t");
    assert_string_equal(ja4(hello, Ja4Order::Sorted).c_str(), row.columns.at("ja4").c_str());
    assert_string_equal(ja4_raw(hello, Ja4Order::Sorted).c_str(), row.columns.at("ja4_r").c_str());
    assert_string_equal(ja4(hello, Ja4Order::Original).c_str(), row.columns.at("ja4_o").c_str());
    assert_string_equal(ja4_raw(hello, Ja4Order::Original).c_str(), row.columns.at("ja4_ro").c_str());
}

static void all_vectors_are_there(void**) {
    assert_int_equal(test::load_hello_vectors().size(), 90);
}

// The description's own: "Example" and "Raw Output".
static HelloOutline example() {
    HelloOutline hello;
    hello.highest_version = 0x0304;
    hello.has_server_name = true;
    hello.first_alpn = "h2";
    hello.cipher_suites = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9,
                           0xcca8, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035};
    hello.extensions = {0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d,
                        0x0005, 0x0023, 0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015};
    hello.signature_algorithms = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601};
    return hello;
}

static void the_descriptions_example(void**) {
    const HelloOutline hello = example();
    assert_string_equal(ja4(hello, Ja4Order::Sorted).c_str(), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    assert_string_equal(
        ja4_raw(hello, Ja4Order::Sorted).c_str(),
        "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_"
        "0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_"
        "0403,0804,0401,0503,0805,0501,0806,0601");
    assert_string_equal(ja4(hello, Ja4Order::Original).c_str(), "t13d1516h2_acb858a92679_18f69afefd3d");
    assert_string_equal(
        ja4_raw(hello, Ja4Order::Original).c_str(),
        "t13d1516h2_1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035_"
        "001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015_"
        "0403,0804,0401,0503,0805,0501,0806,0601");
}

static void without_signature_algorithms_there_is_no_underscore(void**) {
    HelloOutline hello = example();
    hello.signature_algorithms.clear();
    assert_string_equal(ja4(hello, Ja4Order::Sorted).c_str(), "t13d1516h2_8daaf6152771_6d807ffa2a79");
    const std::string raw = ja4_raw(hello, Ja4Order::Sorted);
    assert_string_equal(raw.substr(raw.size() - 5).c_str(), ",ff01");
}

// "t", version, "d" or "i", the counts, ALPN.
static std::string prefix(const HelloBuilder& builder) {
    const HelloOutline hello = outlined(builder);
    const std::string text = ja4(hello, Ja4Order::Sorted);
    assert_int_equal(text.size(), 36);
    for (const std::string& other : {ja4_raw(hello, Ja4Order::Sorted), ja4(hello, Ja4Order::Original),
                                     ja4_raw(hello, Ja4Order::Original)}) {
        assert_string_equal(other.substr(0, 11).c_str(), text.substr(0, 11).c_str());
    }
    return text.substr(0, 10);
}

static void versions_have_two_letters(void**) {
    const std::pair<uint16_t, const char*> rows[] = {
        {0x0304, "13"}, {0x0303, "12"}, {0x0302, "11"}, {0x0301, "10"}, {0x0300, "s3"},
        {0x0002, "s2"}, {0xfeff, "d1"}, {0xfefd, "d2"}, {0xfefc, "d3"}, {0x0305, "00"},
        {0x7f1c, "00"}, {0x0000, "00"}, {0xffff, "00"}, {0x0200, "00"},
    };
    for (const auto& [version, text] : rows) {
        HelloOutline hello;
        hello.highest_version = version;
        assert_string_equal(ja4(hello, Ja4Order::Sorted).substr(0, 3).c_str(),
                            (std::string("t") + text).c_str());
    }
}

// The extension alone decides where it is there; the version of the record counts nowhere.
static void the_version_is_the_highest_that_is_offered(void**) {
    HelloBuilder builder;
    builder.legacy_version = 0x0301;
    builder.set(43, prefixed(1, u16_list({0xeaea, 0x0302, 0x0303})));
    assert_string_equal(prefix(builder).c_str(), "t12d0407h2");
    builder.set(43, prefixed(1, u16_list({0xeaea})));
    assert_string_equal(prefix(builder).c_str(), "t00d0407h2");
    builder.remove(43);
    assert_string_equal(prefix(builder).c_str(), "t10d0406h2");
    builder.legacy_version = 0x0300;
    assert_string_equal(prefix(builder).c_str(), "ts3d0406h2");
}

static void without_a_server_name_it_is_an_address(void**) {
    assert_string_equal(prefix(HelloBuilder().remove(0)).c_str(), "t13i0406h2");
    assert_string_equal(prefix(HelloBuilder().set(0, test::host_name(""))).c_str(), "t13d0407h2");
}

static void counts_have_two_digits_and_an_end(void**) {
    const auto with = [](size_t ciphers, size_t extensions) {
        HelloBuilder builder;
        std::vector<uint16_t> list = {0x0a0a};
        for (size_t i = 0; i < ciphers; ++i) {
            list.push_back(static_cast<uint16_t>(0xfe00 + i));
        }
        builder.cipher_suites = u16_list(list);
        builder.extensions = {{0x0a0a, {}}};
        for (size_t i = 0; i < extensions; ++i) {
            builder.add(static_cast<uint16_t>(0x8000 + i), {});
        }
        return prefix(builder);
    };
    assert_string_equal(with(0, 0).c_str(), "t12i000000");
    assert_string_equal(with(9, 1).c_str(), "t12i090100");
    assert_string_equal(with(98, 99).c_str(), "t12i989900");
    assert_string_equal(with(100, 98).c_str(), "t12i999800");
    assert_string_equal(with(200, 100).c_str(), "t12i999900");
}

// All of a long list is hashed, and what is no cipher (SCSV, reserved numbers) with it.
static void a_long_list_is_hashed_whole(void**) {
    HelloOutline hello;
    std::string list;
    for (uint16_t i = 0; i < 300; ++i) {
        hello.cipher_suites.insert(hello.cipher_suites.begin(), static_cast<uint16_t>(0x5600 + i));
        char text[6];
        snprintf(text, sizeof(text), ",%04x", 0x5600 + i);
        list += text;
    }
    const std::string expected = tls::hex_digest(tls::DigestKind::Sha256, list.substr(1)).substr(0, 12);
    assert_string_equal(ja4(hello, Ja4Order::Sorted).c_str(),
                        ("t00i990000_" + expected + "_000000000000").c_str());
}

static std::string alpn_of(const Bytes& protocol) {
    const Bytes list = prefixed(1, protocol) + prefixed(1, bytes_of("http/1.1"));
    return prefix(HelloBuilder().set(16, prefixed(2, list))).substr(8);
}

static void alpn_is_the_first_and_last_of_the_first(void**) {
    assert_string_equal(alpn_of(bytes_of("h2")).c_str(), "h2");
    assert_string_equal(alpn_of(bytes_of("http/1.1")).c_str(), "h1");
    assert_string_equal(alpn_of(bytes_of("acme-tls/1")).c_str(), "a1");
    assert_string_equal(alpn_of(bytes_of("Z")).c_str(), "ZZ");
    assert_string_equal(prefix(HelloBuilder().remove(16)).substr(8).c_str(), "00");
}

// The description's examples, then what is next to letters and digits in ASCII.
static void alpn_of_other_bytes_is_hex(void**) {
    assert_string_equal(alpn_of(hex("ab")).c_str(), "ab");
    assert_string_equal(alpn_of(hex("ab cd")).c_str(), "ad");
    assert_string_equal(alpn_of(hex("30 ab")).c_str(), "3b");
    assert_string_equal(alpn_of(hex("30 31 ab cd")).c_str(), "3d");
    assert_string_equal(alpn_of(hex("30 ab cd 31")).c_str(), "01");
    for (const char* outside : {"2f", "3a", "40", "5b", "60", "7b", "00", "ff", "20", "2d"}) {
        assert_string_equal(alpn_of(hex(outside)).c_str(), outside);
    }
    for (const auto& [inside, text] : {std::pair("30", "00"), std::pair("39", "99"), std::pair("41", "AA"),
                                       std::pair("5a", "ZZ"), std::pair("61", "aa"), std::pair("7a", "zz")}) {
        assert_string_equal(alpn_of(hex(inside)).c_str(), text);
    }
}

static void nothing_to_hash_is_zeros(void**) {
    HelloBuilder builder;
    builder.cipher_suites = u16_list({0x3a3a});
    builder.extensions = {{0, test::host_name("example.com")},
                          {16, prefixed(2, prefixed(1, bytes_of("h2")))}};
    const HelloOutline hello = outlined(builder);
    assert_string_equal(ja4(hello, Ja4Order::Sorted).c_str(), "t12d0002h2_000000000000_000000000000");
    assert_string_equal(ja4_raw(hello, Ja4Order::Sorted).c_str(), "t12d0002h2__");
    assert_string_equal(ja4_raw(hello, Ja4Order::Original).c_str(), "t12d0002h2__0000,0010");
    const std::string digest = tls::hex_digest(tls::DigestKind::Sha256, "0000,0010").substr(0, 12);
    assert_string_equal(ja4(hello, Ja4Order::Original).c_str(),
                        ("t12d0002h2_000000000000_" + digest).c_str());
}

// Chrome has sent its extensions in another order each time since version 110.
static void the_order_of_extensions_changes_only_the_original(void**) {
    HelloOutline one = example();
    HelloOutline other = example();
    std::swap(other.extensions[0], other.extensions[9]);
    std::swap(other.cipher_suites[0], other.cipher_suites[9]);
    assert_true(ja4(one, Ja4Order::Sorted) == ja4(other, Ja4Order::Sorted));
    assert_true(ja4_raw(one, Ja4Order::Sorted) == ja4_raw(other, Ja4Order::Sorted));
    assert_true(ja4(one, Ja4Order::Original) != ja4(other, Ja4Order::Original));
    std::swap(one.signature_algorithms[0], one.signature_algorithms[1]);
    assert_true(ja4(one, Ja4Order::Sorted) != ja4(other, Ja4Order::Sorted));
}

// What JA4 takes for QUIC is an extension elsewhere; here it is TCP that brought the hello.
static void it_is_tls_over_tcp_whatever_the_extensions(void**) {
    assert_string_equal(prefix(HelloBuilder().add(57, {})).c_str(), "t13d0408h2");
}

int main() {
    std::vector<CMUnitTest> tests = {
        cmocka_unit_test(all_vectors_are_there),
        cmocka_unit_test(the_descriptions_example),
        cmocka_unit_test(without_signature_algorithms_there_is_no_underscore),
        cmocka_unit_test(versions_have_two_letters),
        cmocka_unit_test(the_version_is_the_highest_that_is_offered),
        cmocka_unit_test(without_a_server_name_it_is_an_address),
        cmocka_unit_test(counts_have_two_digits_and_an_end),
        cmocka_unit_test(a_long_list_is_hashed_whole),
        cmocka_unit_test(alpn_is_the_first_and_last_of_the_first),
        cmocka_unit_test(alpn_of_other_bytes_is_hex),
        cmocka_unit_test(nothing_to_hash_is_zeros),
        cmocka_unit_test(the_order_of_extensions_changes_only_the_original),
        cmocka_unit_test(it_is_tls_over_tcp_whatever_the_extensions),
    };
    test::add_vector_tests(vector_matches, &tests);
    return _cmocka_run_group_tests("ja4", tests.data(), tests.size(), nullptr, nullptr);
}

// JA3 by its authors' description, and by real hellos: a test for each row of t/data/ja4_vectors.tsv.
#include "hello/ja3.h"

#include "support/cmocka.h"
#include "support/outlined.h"
#include "support/vector_tests.h"

using test::HelloBuilder;
using test::hex;
using test::outlined;
using test::prefixed;
using test::u16_list;
using tls::HelloOutline;
using tls::ja3;
using tls::ja3_hash;

static void vector_matches(void** state) {
    const test::HelloVector& row = test::vector_of(state);
    const std::string text = ja3(outlined(row.message));
    assert_string_equal(text.c_str(), row.columns.at("ja3").c_str());
    assert_string_equal(ja3_hash(text).c_str(), row.columns.at("ja3_hash").c_str());
}

static void all_vectors_are_there(void** state) {
    assert_int_equal(test::load_hello_vectors().size(), 90);
    (void)state;
}

// The two examples of the description, with their digests.
static void the_authors_examples(void**) {
    HelloOutline hello;
    hello.legacy_version = 769;
    hello.cipher_suites = {47, 53, 5, 10, 49161, 49162, 49171, 49172, 50, 56, 19, 4};
    hello.extensions = {0, 10, 11};
    hello.groups = {23, 24, 25};
    hello.point_formats = {0};
    assert_string_equal(ja3(hello).c_str(),
                        "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0");
    assert_string_equal(ja3_hash(ja3(hello)).c_str(), "ada70206e40642a3e4461f35503241d5");

    hello = HelloOutline();
    hello.legacy_version = 769;
    hello.cipher_suites = {4, 5, 10, 9, 100, 98, 3, 6, 19, 18, 99};
    assert_string_equal(ja3(hello).c_str(), "769,4-5-10-9-100-98-3-6-19-18-99,,,");
    assert_string_equal(ja3_hash(ja3(hello)).c_str(), "de350869b8c85de67a350c8d186f11e6");
}

static void nothing_is_sorted_and_grease_is_left_out(void**) {
    HelloBuilder builder;
    builder.cipher_suites = u16_list({0xcaca, 0xc02c, 0x1301, 0x00ff});
    builder.extensions = {{0x0a0a, {}},
                          {23, {}},
                          {11, hex("03 02 00 01")},
                          {10, prefixed(2, u16_list({0xfafa, 0x11ec, 29, 23}))},
                          {0, test::host_name("example.com")},
                          {0xdada, hex("00")}};
    assert_string_equal(ja3(outlined(builder)).c_str(), "771,49196-4865-255,23-11-10-0,4588-29-23,2-0-1");
}

// The first field is the hello's own version, whatever supported_versions says.
static void the_version_is_that_of_the_hello(void**) {
    HelloBuilder builder;
    builder.legacy_version = 0x0302;
    assert_string_equal(ja3(outlined(builder)).substr(0, 4).c_str(), "770,");
    builder.legacy_version = 0xffff;
    assert_string_equal(ja3(outlined(builder)).substr(0, 6).c_str(), "65535,");
}

static void fields_without_anything_are_empty(void**) {
    HelloBuilder builder;
    builder.cipher_suites = {};
    builder.has_extensions = false;
    assert_string_equal(ja3(outlined(builder)).c_str(), "771,,,,");

    builder.cipher_suites = u16_list({0x2a2a});
    builder.has_extensions = true;
    builder.extensions = {{0x2a2a, {}}};
    assert_string_equal(ja3(outlined(builder)).c_str(), "771,,,,");

    builder.cipher_suites = u16_list({0});
    builder.extensions = {{65535, {}}, {11, hex("01 ff")}};
    assert_string_equal(ja3(outlined(builder)).c_str(), "771,0,65535-11,,255");
}

int main() {
    std::vector<CMUnitTest> tests = {
        cmocka_unit_test(all_vectors_are_there),
        cmocka_unit_test(the_authors_examples),
        cmocka_unit_test(nothing_is_sorted_and_grease_is_left_out),
        cmocka_unit_test(the_version_is_that_of_the_hello),
        cmocka_unit_test(fields_without_anything_are_empty),
    };
    test::add_vector_tests(vector_matches, &tests);
    return _cmocka_run_group_tests("ja3", tests.data(), tests.size(), nullptr, nullptr);
}

// What is kept of a hello: the lists as they were sent, and the newest version that is known here.
#include "server/facts.h"

#include "server/names.h"
#include "support/cmocka.h"
#include "support/hello_builder.h"

namespace {

using test::Bytes;
using test::HelloBuilder;
using test::hex;
using test::prefixed;
using test::u16_list;

tls::OfferedTerms offered_by(const HelloBuilder& builder) {
    const Bytes message = builder.message();
    const auto parsed = tls::parse_client_hello(tls::ByteView(message.data(), message.size()));
    assert_true(parsed.ok);
    return tls::OfferedTerms::of(parsed.hello);
}

void lists_and_name_are_kept_as_they_came(void**) {
    HelloBuilder builder;
    builder.cipher_suites = u16_list({0x0a0a, 0x1301});
    builder.extensions = {{0, test::host_name("A.Example")},
                          {10, prefixed(2, u16_list({29}))},
                          {13, prefixed(2, u16_list({0x0403}))}};
    const tls::OfferedTerms offered = offered_by(builder);
    assert_string_equal(offered.server_name.c_str(), "A.Example");
    assert_int_equal(offered.cipher_suite_list().size(), 2);
    assert_true(offered.group_list().contains(29));
    assert_true(offered.signature_algorithm_list().contains(0x0403));
}

void the_newest_known_version_is_told(void**) {
    const struct {
        uint16_t legacy;
        Bytes versions;  // of supported_versions; empty: no such extension
        uint16_t newest;
    } rows[] = {
        {0x0303, hex("0304 0303"), 0x0304},
        {0x0303, hex("0303 0304"), 0x0304},
        {0x0303, hex("7a7a 0303"), 0x0303},
        {0x0303, hex("0a0a"), 0},
        {0x0303, hex("0305 0302"), 0x0302},
        {0x0303, {}, 0x0303},
        {0x0301, {}, 0x0301},
    };
    for (const auto& row : rows) {
        HelloBuilder builder;
        builder.legacy_version = row.legacy;
        builder.extensions.clear();
        if (!row.versions.empty()) {
            builder.extensions = {{43, prefixed(1, row.versions)}};
        }
        assert_int_equal(offered_by(builder).version, row.newest);
    }
}

void versions_are_called_what_libssl_calls_them(void**) {
    assert_string_equal(tls::version_name(0x0300), "SSLv3");
    assert_string_equal(tls::version_name(0x0301), "TLSv1");
    assert_string_equal(tls::version_name(0x0302), "TLSv1.1");
    assert_string_equal(tls::version_name(0x0303), "TLSv1.2");
    assert_string_equal(tls::version_name(0x0304), "TLSv1.3");
    assert_null(tls::version_name(0x0305));
    assert_null(tls::version_name(0));
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_name_are_kept_as_they_came),
        cmocka_unit_test(the_newest_known_version_is_told),
        cmocka_unit_test(versions_are_called_what_libssl_calls_them),
    };
    return cmocka_run_group_tests_name("facts", tests, nullptr, nullptr);
}

// Fingerprints are those of ja3.h and ja4.h, made once, and need the hello no more.
#include "hello/fingerprints.h"

#include <optional>

#include "support/cmocka.h"
#include "support/vector_tests.h"

using test::Fenced;
using tls::Fingerprint;
using tls::Fingerprints;

static const std::pair<Fingerprint, const char*> kColumns[] = {
    {Fingerprint::Ja3, "ja3"},           {Fingerprint::Ja3Hash, "ja3_hash"},
    {Fingerprint::Ja4, "ja4"},           {Fingerprint::Ja4Raw, "ja4_r"},
    {Fingerprint::Ja4Original, "ja4_o"}, {Fingerprint::Ja4RawOriginal, "ja4_ro"},
};

// The message is given back before anything is asked.
static Fingerprints fingerprints_of(const test::Bytes& message) {
    const Fenced bytes(test::view(message));
    const tls::ParsedHello parsed = tls::parse_client_hello(bytes.view());
    assert_true(parsed.ok);
    return Fingerprints(parsed.hello);
}

static void each_is_its_column(void**) {
    const auto rows = test::load_hello_vectors();
    assert_int_equal(rows.size(), 90);
    for (const test::HelloVector& row : rows) {
        Fingerprints fingerprints = fingerprints_of(row.message);
        for (const auto& [which, column] : kColumns) {
            assert_string_equal(fingerprints.get(which).c_str(), row.columns.at(column).c_str());
        }
    }
}

static void the_hash_needs_nobody_to_ask_for_the_text_before(void**) {
    const auto rows = test::load_hello_vectors();
    assert_false(rows.empty());
    Fingerprints fingerprints = fingerprints_of(rows[0].message);
    assert_string_equal(fingerprints.get(Fingerprint::Ja3Hash).c_str(),
                        rows[0].columns.at("ja3_hash").c_str());
}

static void it_is_made_once(void**) {
    const auto rows = test::load_hello_vectors();
    assert_false(rows.empty());
    Fingerprints fingerprints = fingerprints_of(rows[0].message);
    for (const auto& [which, column] : kColumns) {
        const char* first = fingerprints.get(which).c_str();
        assert_ptr_equal(first, fingerprints.get(which).c_str());
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_is_its_column),
        cmocka_unit_test(the_hash_needs_nobody_to_ask_for_the_text_before),
        cmocka_unit_test(it_is_made_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

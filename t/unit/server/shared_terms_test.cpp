// Equal terms share a copy, different ones do not, and no number of clients makes the copies many.
#include "server/shared_terms.h"

#include "support/cmocka.h"

namespace tls {
namespace {

OfferedTerms terms_of(const std::string& name) {
    OfferedTerms terms;
    terms.cipher_suites = "\x13\x01\x13\x02";
    terms.groups = std::string("\0\x1d", 2);
    terms.signature_algorithms = "\x04\x03";
    terms.server_name = name;
    terms.version = 0x0304;
    return terms;
}

void equal_ones_share_a_copy(void**) {
    const auto one = share_terms(terms_of("a.example"));
    const auto two = share_terms(terms_of("a.example"));
    assert_ptr_equal(one.get(), two.get());
    assert_string_equal(one->server_name.c_str(), "a.example");
    assert_int_equal(one->group_list().size(), 1);
}

void every_part_counts(void**) {
    const auto plain = share_terms(terms_of("a.example"));
    OfferedTerms changed[5];
    for (OfferedTerms& terms : changed) {
        terms = terms_of("a.example");
    }
    changed[0].cipher_suites += "\x13\x03";
    changed[1].groups += "\x01\x01";
    changed[2].signature_algorithms += "\x08\x04";
    changed[3].server_name = "b.example";
    changed[4].version = 0x0303;
    for (const OfferedTerms& terms : changed) {
        const auto shared = share_terms(terms);
        assert_ptr_not_equal(shared.get(), plain.get());
        assert_int_equal(shared->version, terms.version);
        assert_true(shared->cipher_suites == terms.cipher_suites && shared->groups == terms.groups &&
                    shared->signature_algorithms == terms.signature_algorithms &&
                    shared->server_name == terms.server_name);
    }
}

void a_copy_outlives_its_place(void**) {
    const auto mine = share_terms(terms_of("mine.example"));
    for (int i = 0; i < 10000; ++i) {
        share_terms(terms_of(std::to_string(i) + ".example"));
    }
    assert_string_equal(mine->server_name.c_str(), "mine.example");
    assert_int_equal(mine.use_count(), 1);
}

void nothing_offered_is_empty(void**) {
    assert_int_equal(no_terms()->version, 0);
    assert_true(no_terms()->server_name.empty() && no_terms()->cipher_suites.empty());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(equal_ones_share_a_copy),
        cmocka_unit_test(every_part_counts),
        cmocka_unit_test(a_copy_outlives_its_place),
        cmocka_unit_test(nothing_offered_is_empty),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

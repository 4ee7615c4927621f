// One copy of each intermediate, for as long as somebody has it.
#include "certs/chain_pool.h"

#include <openssl/err.h>

#include "certs/pem.h"
#include "support/cmocka.h"
#include "support/made_certificates.h"

namespace tls {
namespace {

UniqueX509 read_one(ChainPool* pool, const std::string& text, ChainPool::Hold* hold) {
    const UniqueBio bio = open_text(text);
    return pool->read_next(bio.get(), hold);
}

void the_same_certificate_is_one_object(void**) {
    ChainPool pool;
    const std::string text = test::pem_text(test::make_authority("middle").certificate);
    const std::string other = test::pem_text(test::make_authority("middle").certificate);
    ChainPool::Hold first_hold;
    ChainPool::Hold second_hold;
    const UniqueX509 first = read_one(&pool, text, &first_hold);
    const UniqueX509 second = read_one(&pool, "text around\n" + text, &second_hold);
    const UniqueX509 third = read_one(&pool, other, &second_hold);
    assert_non_null(first.get());
    assert_ptr_equal(first.get(), second.get());
    assert_ptr_not_equal(first.get(), third.get());
    assert_int_equal(pool.size(), 2);
    first_hold.clear();
    assert_int_equal(pool.size(), 2);
    second_hold.clear();
    assert_int_equal(pool.size(), 0);
    assert_string_equal(test::pem_text(first).c_str(), text.c_str());
    assert_non_null(read_one(&pool, text, &first_hold).get());
    assert_int_equal(pool.size(), 1);
}

void what_is_held_may_outlive_the_pool(void**) {
    ChainPool::Hold hold;
    UniqueX509 certificate;
    {
        ChainPool pool;
        certificate = read_one(&pool, test::pem_text(test::make_authority("middle").certificate), &hold);
    }
    hold.clear();
    assert_int_equal(X509_check_ca(certificate.get()), 1);
}

void ends_and_failures_leave_openssl_s_reason(void**) {
    ChainPool pool;
    ChainPool::Hold hold;
    assert_null(read_one(&pool, "nothing here", &hold).get());
    assert_int_equal(ERR_GET_REASON(ERR_peek_last_error()), PEM_R_NO_START_LINE);
    ERR_clear_error();
    assert_null(
        read_one(&pool, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &hold).get());
    assert_int_not_equal(ERR_GET_REASON(ERR_peek_last_error()), PEM_R_NO_START_LINE);
    ERR_clear_error();
    assert_int_equal(pool.size(), 0);
}

void a_shared_chain_ends_with_its_last_name(void**) {
    ChainPool pool;
    const test::Party middle = test::make_authority("middle");
    std::vector<Result<CertificateFile>> files;
    for (int i = 0; i < 10; ++i) {
        const test::Party leaf = test::make_leaf(test::make_ec_key(), &middle);
        files.push_back(parse_certificates(
            test::pem_text(leaf.certificate) + test::pem_text(middle.certificate), "x", &pool));
        assert_true(files.back().ok());
        assert_int_equal(pool.size(), 1);
    }
    files.clear();
    assert_int_equal(pool.size(), 0);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_same_certificate_is_one_object),
        cmocka_unit_test(what_is_held_may_outlive_the_pool),
        cmocka_unit_test(ends_and_failures_leave_openssl_s_reason),
        cmocka_unit_test(a_shared_chain_ends_with_its_last_name),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

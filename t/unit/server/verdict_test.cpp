// Which client certificates satisfy which tls_verify_client: nginx's rules for its codes 495 and 496.
#include "server/verdict.h"

#include <openssl/x509_vfy.h>

#include "support/cmocka.h"

namespace tls {
namespace {

Facts facts_of(bool certificate, int32_t verify_result) {
    Facts facts;
    if (certificate) {
        facts.client_certificate.reset(X509_new());
        assert_non_null(facts.client_certificate.get());
    }
    facts.verify_result = verify_result;
    return facts;
}

void each_mode_judges_each_certificate(void**) {
    constexpr auto kNone = CertificateFault::None;
    constexpr auto kMissing = CertificateFault::Missing;
    constexpr auto kRejected = CertificateFault::Rejected;
    const struct {
        bool certificate;
        long result;
        CertificateFault off, on, optional, optional_no_ca;
    } rows[] = {
        {false, X509_V_OK, kNone, kMissing, kNone, kNone},
        {true, X509_V_OK, kNone, kNone, kNone, kNone},
        {true, X509_V_ERR_CERT_HAS_EXPIRED, kNone, kRejected, kRejected, kRejected},
        {true, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, kNone, kRejected, kRejected, kNone},
    };
    for (const auto& row : rows) {
        const Facts facts = facts_of(row.certificate, row.result);
        assert_true(find_certificate_fault(VerifyMode::Off, facts) == row.off);
        assert_true(find_certificate_fault(VerifyMode::On, facts) == row.on);
        assert_true(find_certificate_fault(VerifyMode::Optional, facts) == row.optional);
        assert_true(find_certificate_fault(VerifyMode::OptionalNoCa, facts) == row.optional_no_ca);
    }
}

void a_fault_has_words(void**) {
    const Facts expired = facts_of(true, X509_V_ERR_CERT_HAS_EXPIRED);
    assert_string_equal(certificate_fault_words(CertificateFault::None, expired), "");
    assert_string_equal(certificate_fault_words(CertificateFault::Rejected, expired),
                        "certificate has expired");
    assert_string_equal(certificate_fault_words(CertificateFault::Missing, expired),
                        "no certificate was sent");
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tls::each_mode_judges_each_certificate),
        cmocka_unit_test(tls::a_fault_has_words),
    };
    return cmocka_run_group_tests_name("verdict", tests, nullptr, nullptr);
}

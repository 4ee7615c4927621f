// Equal reports share a copy, different ones do not, and a copy goes with the last connection that has it.
#include "server/shared_report.h"

#include <openssl/x509.h>

#include <functional>

#include "support/cmocka.h"

namespace tls {
namespace {

Report completed() {
    Report report;
    report.has_hello = true;
    report.matched_by = MatchedBy::Name;
    report.certified_by = CertifiedBy::Directory;
    report.certificate_name = "_.example.com";
    report.handshaken = true;
    report.facts.alpn = "h2";
    report.facts.version = 0x0304;
    report.facts.cipher_suite = 0x1301;
    report.facts.group = 0x001d;
    report.facts.signature_scheme = 0x0403;
    return report;
}

void equal_ones_share_a_copy(void**) {
    const auto one = share_report(completed());
    const auto two = share_report(completed());
    assert_ptr_equal(one.get(), two.get());
    assert_string_equal(one->certificate_name.c_str(), "_.example.com");
    assert_string_equal(one->facts.cipher(), "TLS_AES_128_GCM_SHA256");
}

void every_part_counts(void**) {
    const auto plain = share_report(completed());
    const std::function<void(Report*)> changes[] = {
        [](Report* r) { r->reason = Reason::VerifyFailed; },
        [](Report* r) { r->use = PortUse::Upgraded; },
        [](Report* r) { r->ended_by = EndedBy::Client; },
        [](Report* r) { r->has_hello = false; },
        [](Report* r) { r->matched_by = MatchedBy::Default; },
        [](Report* r) { r->certified_by = CertifiedBy::Internal; },
        [](Report* r) { r->alert_sent = 40; },
        [](Report* r) { r->alert_received = 48; },
        [](Report* r) { r->system_error = 104; },
        [](Report* r) { r->text = "why"; },
        [](Report* r) { r->library_text = " (SSL: why)"; },
        [](Report* r) { r->certificate_name = "www.example.com"; },
        [](Report* r) { r->handshaken = false; },
        [](Report* r) { r->facts.credential = std::make_shared<const Credential>(); },
        [](Report* r) { r->facts.client_certificate.reset(X509_new()); },
        [](Report* r) { r->facts.alpn = "http/1.1"; },
        [](Report* r) { r->facts.verify_result = X509_V_ERR_CERT_HAS_EXPIRED; },
        [](Report* r) { r->facts.version = 0x0303; },
        [](Report* r) { r->facts.cipher_suite = 0x1302; },
        [](Report* r) { r->facts.group = 0x0017; },
        [](Report* r) { r->facts.signature_scheme = 0x0804; },
        [](Report* r) { r->facts.client_signature_scheme = 0x0804; },
        [](Report* r) { r->facts.session_reused = true; },
        [](Report* r) { r->facts.early_data = EarlyData::Accepted; },
    };
    for (const auto& change : changes) {
        Report report = completed();
        change(&report);
        assert_ptr_not_equal(share_report(std::move(report)).get(), plain.get());
        // Where the changed one has taken its place, the next plain one takes it back.
        assert_ptr_not_equal(share_report(completed()).get(), nullptr);
    }
}

void a_copy_goes_with_the_last_that_has_it(void**) {
    const auto credential = std::make_shared<const Credential>();
    for (int i = 0; i < 10000; ++i) {
        Report report = completed();
        report.facts.credential = credential;
        report.certificate_name = std::to_string(i);
        const auto shared = share_report(std::move(report));
        assert_int_equal(shared.use_count(), 1);
    }
    assert_int_equal(credential.use_count(), 1);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(equal_ones_share_a_copy),
        cmocka_unit_test(every_part_counts),
        cmocka_unit_test(a_copy_goes_with_the_last_that_has_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// A report as the counters take it.
#include "server/tally.h"

#include "server/names.h"
#include "support/cmocka.h"

namespace tls {
namespace {

void a_completed_handshake(void**) {
    Report report;
    report.handshaken = true;
    Facts& facts = report.facts;
    facts.version = 0x0303;
    facts.cipher_suite = 0xc02f;
    facts.group = 0x0017;
    facts.signature_scheme = 0x0804;
    facts.session_reused = true;
    facts.early_data = EarlyData::Rejected;
    report.use = PortUse::Upgraded;
    const ConnectionEvent event = event_of(report, std::chrono::milliseconds(3));
    assert_true(event.handshaken && event.resumed && event.has_early_data);
    assert_true(event.reason == Reason::Completed);
    assert_true(event.early_data == EarlyOutcome::Rejected);
    assert_int_equal(event.version, 0x0303);
    assert_int_equal(event.cipher, 0xc02f);
    assert_int_equal(event.group, 0x0017);
    assert_int_equal(event.signature, 0x0804);
    assert_int_equal(event.duration.count(), 3000000);
    assert_string_equal(label_text(LabelSet::Use, event.use, label_names()).c_str(), "upgraded");
    facts.early_data = EarlyData::Accepted;
    assert_true(event_of(report, {}).early_data == EarlyOutcome::Accepted);
    facts.early_data = EarlyData::None;
    assert_false(event_of(report, {}).has_early_data);
}

void failures(void**) {
    Report report;
    report.reason = Reason::PeerAlert;
    assert_false(event_of(report, {}).handshaken);
    assert_true(event_of(report, {}).reason == Reason::PeerAlert);
    report.reason = Reason::PlainHttp;
    report.use = PortUse::Refused;
    assert_true(event_of(report, {}).reason == Reason::PlainHttp);
}

void wanted_plain_http_is_no_failure(void**) {
    Report report;
    report.reason = Reason::PlainHttp;
    for (const PortUse use : {PortUse::Plain, PortUse::Redirected}) {
        report.use = use;
        assert_true(event_of(report, {}).reason == Reason::Completed);
        assert_string_equal(label_text(LabelSet::Use, event_of(report, {}).use, label_names()).c_str(),
                            port_use_name(use));
    }
}

void another_protocol_is_a_failure_where_it_ends(void**) {
    Report report;
    report.reason = Reason::NotTls;
    report.use = PortUse::Other;
    report.ended_by = EndedBy::Server;
    assert_true(event_of(report, {}).reason == Reason::NotTls);
    report.ended_by = EndedBy::Nobody;
    assert_true(event_of(report, {}).reason == Reason::Completed);
}

// Every number of the closed sets that this library knows has its name.
void names_of_numbers(void**) {
    const LabelNames names = label_names();
    assert_string_equal(label_text(LabelSet::Cipher, cipher_index(0x1301), names).c_str(),
                        "TLS_AES_128_GCM_SHA256");
    assert_string_equal(label_text(LabelSet::Group, group_index(0x001d), names).c_str(), "X25519");
    assert_string_equal(label_text(LabelSet::Signature, signature_index(0x0403), names).c_str(),
                        "ecdsa_secp256r1_sha256");
    for (size_t i = 0; i < kGroupCount; ++i) {
        assert_true(label_text(LabelSet::Group, i, names).rfind("0x", 0) != 0);
    }
    for (size_t i = 0; i < kSignatureCount; ++i) {
        assert_true(label_text(LabelSet::Signature, i, names).rfind("0x", 0) != 0);
    }
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::a_completed_handshake), cmocka_unit_test(tls::failures),
                                cmocka_unit_test(tls::wanted_plain_http_is_no_failure),
                                cmocka_unit_test(tls::another_protocol_is_a_failure_where_it_ends),
                                cmocka_unit_test(tls::names_of_numbers)};
    return cmocka_run_group_tests_name("tally", tests, nullptr, nullptr);
}

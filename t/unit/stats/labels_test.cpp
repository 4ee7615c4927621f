// The closed sets: every number has a place, and the words are those that alarms are written with.
#include "stats/labels.h"

#include <set>
#include <string>

#include "support/cmocka.h"
#include "support/made_snapshot.h"

namespace tls {
namespace {

std::string word(LabelSet set, size_t index) {
    return label_text(set, index, test::made_names());
}

void versions(void**) {
    const struct {
        uint16_t number;
        const char* name;
    } expected[] = {{0x0304, "TLSv1.3"}, {0x0303, "TLSv1.2"}, {0x0302, "TLSv1.1"}, {0x0301, "TLSv1"},
                    {0x0300, "SSLv3"},   {0x0305, "other"},   {0xfeff, "other"},   {0, "other"}};
    for (const auto& row : expected) {
        assert_string_equal(word(LabelSet::Version, version_index(row.number)).c_str(), row.name);
    }
}

// Whatever a client makes of a number, it lands inside of its set.
void every_number_has_a_place(void**) {
    size_t ciphers = 0;
    size_t groups = 0;
    size_t signatures = 0;
    for (uint32_t number = 0; number <= 0xffff; ++number) {
        const auto wire = static_cast<uint16_t>(number);
        assert_true(version_index(wire) < kVersionCount);
        assert_true(cipher_index(wire) < kCipherCount);
        assert_true(group_index(wire) < kGroupCount);
        assert_true(signature_index(wire) < kSignatureCount);
        ciphers += cipher_index(wire) != kCipherCount - 1 ? 1 : 0;
        groups += group_index(wire) != kGroupCount - 1 ? 1 : 0;
        signatures += signature_index(wire) != kSignatureCount - 1 ? 1 : 0;
    }
    // Each known number is found: the lists are sorted.
    assert_int_equal(ciphers, kCipherCount - 1);
    assert_int_equal(groups, kGroupCount - 1);
    assert_int_equal(signatures, kSignatureCount - 1);
}

void names_come_from_above(void**) {
    assert_string_equal(word(LabelSet::Cipher, cipher_index(0x1301)).c_str(), "TLS_AES_128_GCM_SHA256");
    assert_string_equal(word(LabelSet::Cipher, cipher_index(0xc02b)).c_str(), "0xc02b");
    assert_string_equal(word(LabelSet::Cipher, cipher_index(0x0a0a)).c_str(), "other");
    assert_string_equal(word(LabelSet::Group, group_index(0x11ec)).c_str(), "0x11ec");
    assert_string_equal(word(LabelSet::Use, 3).c_str(), "redirected");
}

// No two values of a set have one word: they would be one series.
void words_differ(void**) {
    for (const LabelSet set :
         {LabelSet::Version, LabelSet::Resumed, LabelSet::Cipher, LabelSet::Group, LabelSet::Signature,
          LabelSet::Reason, LabelSet::Use, LabelSet::EarlyOutcome, LabelSet::CacheOutcome,
          LabelSet::TicketOutcome, LabelSet::CertifiedOutcome, LabelSet::Duration}) {
        std::set<std::string> words;
        for (size_t i = 0; i < label_count(set); ++i) {
            const std::string here = word(set, i);
            assert_false(here.empty());
            assert_true(words.insert(here).second);
        }
    }
}

void outcomes(void**) {
    assert_string_equal(word(LabelSet::Resumed, 0).c_str(), "false");
    assert_string_equal(word(LabelSet::Resumed, 1).c_str(), "true");
    const auto at = [](auto outcome) { return static_cast<size_t>(outcome); };
    assert_string_equal(word(LabelSet::EarlyOutcome, at(EarlyOutcome::Accepted)).c_str(), "accepted");
    assert_string_equal(word(LabelSet::EarlyOutcome, at(EarlyOutcome::Rejected)).c_str(), "rejected");
    assert_string_equal(word(LabelSet::CacheOutcome, at(CacheOutcome::Hit)).c_str(), "hit");
    assert_string_equal(word(LabelSet::CacheOutcome, at(CacheOutcome::Miss)).c_str(), "miss");
    assert_string_equal(word(LabelSet::CacheOutcome, at(CacheOutcome::Stored)).c_str(), "stored");
    assert_string_equal(word(LabelSet::TicketOutcome, at(TicketOutcome::Issued)).c_str(), "issued");
    assert_string_equal(word(LabelSet::TicketOutcome, at(TicketOutcome::Opened)).c_str(), "opened");
    assert_string_equal(word(LabelSet::TicketOutcome, at(TicketOutcome::Unknown)).c_str(), "unknown");
    assert_string_equal(word(LabelSet::CertifiedOutcome, at(CertifiedOutcome::Loaded)).c_str(), "loaded");
    assert_string_equal(word(LabelSet::CertifiedOutcome, at(CertifiedOutcome::Missing)).c_str(), "missing");
}

void reasons(void**) {
    for (size_t i = 0; i < kReasonCount; ++i) {
        assert_int_equal(reason_index(reason_at(i)), i);
        assert_string_equal(word(LabelSet::Reason, i).c_str(), reason_name(reason_at(i)));
        assert_true(reason_at(i) != Reason::Completed);
    }
    // The last word of the vocabulary has the last place.
    assert_int_equal(reason_index(Reason::Internal), kReasonCount - 1);
    assert_string_equal(reason_name(static_cast<Reason>(kReasonCount + 1)), "internal");
}

// A bound belongs to its bucket (Prometheus: "less than or equal").
void durations(void**) {
    using std::chrono::nanoseconds;
    assert_string_equal(word(LabelSet::Duration, duration_index(nanoseconds(0))).c_str(), "0.0005");
    assert_string_equal(word(LabelSet::Duration, duration_index(nanoseconds(500000))).c_str(), "0.0005");
    assert_string_equal(word(LabelSet::Duration, duration_index(nanoseconds(500001))).c_str(), "0.001");
    assert_string_equal(word(LabelSet::Duration, duration_index(nanoseconds(2500000))).c_str(), "0.0025");
    assert_string_equal(word(LabelSet::Duration, duration_index(nanoseconds(1000000000))).c_str(), "1");
    assert_string_equal(word(LabelSet::Duration, duration_index(nanoseconds(10000000000))).c_str(), "10");
    assert_string_equal(word(LabelSet::Duration, duration_index(nanoseconds(10000000001))).c_str(), "+Inf");
    assert_string_equal(word(LabelSet::Duration, duration_index(nanoseconds(-1))).c_str(), "0.0005");
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::versions),
                                cmocka_unit_test(tls::every_number_has_a_place),
                                cmocka_unit_test(tls::names_come_from_above),
                                cmocka_unit_test(tls::words_differ),
                                cmocka_unit_test(tls::outcomes),
                                cmocka_unit_test(tls::reasons),
                                cmocka_unit_test(tls::durations)};
    return cmocka_run_group_tests_name("labels", tests, nullptr, nullptr);
}

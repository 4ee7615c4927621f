// The bounded table of certificates: newest facts of each, those that end first, forgotten after a day.
#include "stats/certificate_table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "support/cmocka.h"

namespace tls {
namespace {

constexpr time_t kNow = 1000000;
constexpr time_t kDay = 24 * 3600;

class Zone {
  public:
    Zone() : memory_(CertificateTable::size() / sizeof(uint64_t)) {}
    CertificateTable table() { return CertificateTable::attach(memory_.data()); }

  private:
    std::vector<uint64_t> memory_;
};

FoundCertificate found(const std::string& name, time_t not_after, uint64_t server = 1,
                       const char* key_type = "ECDSA") {
    FoundCertificate certificate;
    certificate.server = server;
    certificate.name = name;
    certificate.key_type = key_type;
    certificate.not_after = not_after;
    return certificate;
}

void what_was_noted(void**) {
    Zone zone;
    assert_true(zone.table().all(kNow).empty());
    zone.table().note(found("a.example", kNow + 5), kNow);
    const std::vector<FoundCertificate> all = zone.table().all(kNow);
    assert_int_equal(all.size(), 1);
    assert_string_equal(all[0].name.c_str(), "a.example");
    assert_string_equal(all[0].key_type.c_str(), "ECDSA");
    assert_int_equal(all[0].server, 1);
    assert_int_equal(all[0].not_after, kNow + 5);
}

void a_renewed_one_replaces_the_old(void**) {
    Zone zone;
    zone.table().note(found("a.example", kNow + 5), kNow);
    zone.table().note(found("a.example", kNow + 9 * kDay), kNow + 1);
    zone.table().note(found("a.example", kNow + 7, 1, "RSA"), kNow + 1);
    zone.table().note(found("a.example", kNow + 8, 2), kNow + 1);
    std::vector<FoundCertificate> all = zone.table().all(kNow + 1);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.not_after < b.not_after; });
    assert_int_equal(all.size(), 3);
    assert_string_equal(all[0].key_type.c_str(), "RSA");
    assert_int_equal(all[1].server, 2);
    assert_int_equal(all[2].not_after, kNow + 9 * kDay);
}

void unused_ones_are_forgotten(void**) {
    Zone zone;
    zone.table().note(found("a.example", kNow + 5), kNow);
    assert_int_equal(zone.table().all(kNow + kDay - 1).size(), 1);
    assert_int_equal(zone.table().all(kNow + kDay).size(), 0);
    zone.table().note(found("a.example", kNow + 5), kNow + kDay);
    assert_int_equal(zone.table().all(kNow + kDay).size(), 1);
}

// Of a hundred thousand names the hundred that end first are there, whatever the order they came in.
void the_first_to_end_stay(void**) {
    Zone zone;
    constexpr int kNames = 100000;
    for (int i = 0; i < kNames; ++i) {
        const int number = static_cast<int>(int64_t{i} * 7919 % kNames);
        zone.table().note(found("n" + std::to_string(number) + ".example", kNow + number), kNow);
    }
    const std::vector<FoundCertificate> all = zone.table().all(kNow);
    assert_true(all.size() <= 512);
    for (int wanted = 0; wanted < 100; ++wanted) {
        assert_true(std::any_of(all.begin(), all.end(), [&](const FoundCertificate& certificate) {
            return certificate.not_after == kNow + wanted;
        }));
    }
}

void long_names_are_cut(void**) {
    Zone zone;
    zone.table().note(found(std::string(253, 'x'), kNow + 5, 1, "a key type of twenty"), kNow);
    const std::vector<FoundCertificate> all = zone.table().all(kNow);
    assert_int_equal(all.size(), 1);
    assert_int_equal(all[0].name.size(), CertificateTable::kMostName);
    assert_int_equal(all[0].key_type.size(), CertificateTable::kMostKeyType);
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tls::what_was_noted), cmocka_unit_test(tls::a_renewed_one_replaces_the_old),
        cmocka_unit_test(tls::unused_ones_are_forgotten), cmocka_unit_test(tls::the_first_to_end_stay),
        cmocka_unit_test(tls::long_names_are_cut)};
    return cmocka_run_group_tests_name("certificate_table", tests, nullptr, nullptr);
}

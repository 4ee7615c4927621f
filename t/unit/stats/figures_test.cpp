// Derived figures, and numbers as people read them.
#include "stats/figures.h"

#include <cmath>

#include "support/cmocka.h"
#include "support/made_snapshot.h"

namespace tls {
namespace {

void quantiles(void**) {
    Values values{};
    assert_false(quantile_of(values, FamilyId::Duration, 0.5).has_value());
    // Ten between 1 and 2.5 ms: the middle of the bucket is its half.
    values[cell_of(FamilyId::Duration, 2)] = 10;
    assert_true(std::abs(*quantile_of(values, FamilyId::Duration, 0.5) - 0.00175) < 1e-9);
    assert_true(std::abs(*quantile_of(values, FamilyId::Duration, 1) - 0.0025) < 1e-9);
    // Ten more between 5 and 10 ms.
    values[cell_of(FamilyId::Duration, 4)] = 10;
    assert_true(std::abs(*quantile_of(values, FamilyId::Duration, 0.75) - 0.0075) < 1e-9);
    // Beyond the last bound nothing better is known.
    Values slow{};
    slow[cell_of(FamilyId::Duration, kBoundCount)] = 1;
    assert_true(std::abs(*quantile_of(slow, FamilyId::Duration, 0.5) - 10) < 1e-9);
}

void rates(void**) {
    RecentSeconds recent;
    recent.completed[59] = 1000;  // still running: not in it
    recent.completed[58] = 20;
    recent.completed[49] = 10;
    recent.completed[48] = 70;
    recent.failed[58] = 5;
    assert_true(std::abs(completed_per_second(recent, 10) - 3.0) < 1e-9);
    assert_true(std::abs(completed_per_second(recent, 11) - 100.0 / 11) < 1e-9);
    assert_true(std::abs(completed_per_second(recent, 1000) - 100.0 / 59) < 1e-9);
    assert_true(std::abs(failed_per_second(recent, 10) - 0.5) < 1e-9);
    assert_true(std::abs(completed_per_second(recent, 0)) < 1e-9);
}

void resumed(void**) {
    assert_int_equal(resumed_of(test::made_snapshot().servers[0].values), 1);
}

void numbers(void**) {
    assert_string_equal(grouped(0).c_str(), "0");
    assert_string_equal(grouped(999).c_str(), "999");
    assert_string_equal(grouped(1000).c_str(), "1,000");
    assert_string_equal(grouped(12345678).c_str(), "12,345,678");
    assert_string_equal(rate_text(0).c_str(), "0");
    assert_string_equal(rate_text(0.02).c_str(), "0.02");
    assert_string_equal(rate_text(12.34).c_str(), "12.3");
    assert_string_equal(rate_text(99.97).c_str(), "100");
    assert_string_equal(rate_text(1234.5).c_str(), "1,235");
}

void shares(void**) {
    assert_string_equal(share_text(0, 0).c_str(), "–");
    assert_string_equal(share_text(0, 5).c_str(), "0 %");
    assert_string_equal(share_text(5, 5).c_str(), "100 %");
    assert_string_equal(share_text(1, 3).c_str(), "33.3 %");
    assert_string_equal(share_text(1, 100000).c_str(), "<0.1 %");
    assert_string_equal(share_text(99999, 100000).c_str(), ">99.9 %");
}

void sizes_and_times(void**) {
    assert_string_equal(bytes_text(999).c_str(), "999 B");
    assert_string_equal(bytes_text(1000).c_str(), "1.0 kB");
    assert_string_equal(bytes_text(12345).c_str(), "12 kB");
    assert_string_equal(bytes_text(999999).c_str(), "1.0 MB");
    assert_string_equal(bytes_text(3400000000).c_str(), "3.4 GB");
    assert_string_equal(duration_text(0.00081).c_str(), "0.8 ms");
    assert_string_equal(duration_text(0.0123).c_str(), "12 ms");
    assert_string_equal(duration_text(1.44).c_str(), "1.4 s");
    assert_string_equal(duration_text(10).c_str(), "10 s");
    assert_string_equal(span_text(45).c_str(), "45 s");
    assert_string_equal(span_text(-3).c_str(), "0 s");
    assert_string_equal(span_text(3599).c_str(), "59 min");
    assert_string_equal(span_text(7500).c_str(), "2 h 5 min");
    assert_string_equal(span_text(3 * 24 * 3600).c_str(), "3 days");
    assert_string_equal(moment_text(test::kMadeNow).c_str(), "2026-11-23 16:00:00 UTC");
    assert_string_equal(date_text(test::kMadeNow).c_str(), "2026-11-23");
}

void days(void**) {
    using test::kMadeDay;
    using test::kMadeNow;
    assert_int_equal(days_left(kMadeNow + kMadeDay - 1, kMadeNow), 0);
    assert_int_equal(days_left(kMadeNow + kMadeDay, kMadeNow), 1);
    assert_int_equal(days_left(kMadeNow, kMadeNow), 0);
    assert_int_equal(days_left(kMadeNow - 1, kMadeNow), -1);
    assert_int_equal(days_left(kMadeNow - kMadeDay, kMadeNow), -1);
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::quantiles), cmocka_unit_test(tls::rates),
                                cmocka_unit_test(tls::resumed),   cmocka_unit_test(tls::numbers),
                                cmocka_unit_test(tls::shares),    cmocka_unit_test(tls::sizes_and_times),
                                cmocka_unit_test(tls::days)};
    return cmocka_run_group_tests_name("figures", tests, nullptr, nullptr);
}

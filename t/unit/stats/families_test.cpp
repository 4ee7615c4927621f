// The list of counters: no two share a cell or a name, and names follow Prometheus' conventions.
#include "stats/families.h"

#include <set>
#include <string>

#include "support/cmocka.h"

namespace tls {
namespace {

void cells_do_not_overlap(void**) {
    std::set<size_t> taken;
    for (size_t i = 0; i < kFamilies.size(); ++i) {
        const auto id = static_cast<FamilyId>(i);
        for (size_t a = 0; a < label_count(family(id).first); ++a) {
            for (size_t b = 0; b < label_count(family(id).second); ++b) {
                assert_true(taken.insert(cell_of(id, a, b)).second);
            }
        }
        if (family(id).kind == Kind::Histogram) {
            assert_true(taken.insert(sum_cell(id)).second);
        }
    }
    assert_int_equal(taken.size(), kCellCount);
    assert_int_equal(*taken.rbegin(), kCellCount - 1);
}

void names_follow_the_conventions(void**) {
    std::set<std::string> metrics;
    std::set<std::string> keys;
    for (const Family& family : kFamilies) {
        const std::string name = family.metric;
        assert_true(metrics.insert(name).second);
        assert_true(keys.insert(family.key).second);
        assert_int_equal(name.rfind("nginx_tls_", 0), 0);
        const bool is_total = name.size() > 6 && name.substr(name.size() - 6) == "_total";
        assert_true(is_total == (family.kind == Kind::Counter));
        assert_int_equal(family.help[std::string(family.help).size() - 1], '.');
    }
    assert_string_equal(family(FamilyId::Handshakes).metric, "nginx_tls_handshakes_total");
    assert_string_equal(family(FamilyId::Failures).metric, "nginx_tls_handshake_failures_total");
    assert_string_equal(family(FamilyId::Duration).metric, "nginx_tls_handshake_duration_seconds");
    assert_string_equal(label_name(family(FamilyId::Handshakes).first), "version");
    assert_string_equal(label_name(family(FamilyId::Handshakes).second), "resumed");
    assert_string_equal(label_name(family(FamilyId::Failures).first), "reason");
}

void totals_leave_the_sum_out(void**) {
    Values values{};
    values[cell_of(FamilyId::Duration, 0)] = 2;
    values[cell_of(FamilyId::Duration, kBoundCount)] = 3;
    values[sum_cell(FamilyId::Duration)] = 1000000;
    values[cell_of(FamilyId::Handshakes, 1, 1)] = 7;
    assert_int_equal(total_of(values, FamilyId::Duration), 5);
    assert_int_equal(total_of(values, FamilyId::Handshakes), 7);
    assert_int_equal(total_of(values, FamilyId::Failures), 0);
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {cmocka_unit_test(tls::cells_do_not_overlap),
                                cmocka_unit_test(tls::names_follow_the_conventions),
                                cmocka_unit_test(tls::totals_leave_the_sum_out)};
    return cmocka_run_group_tests_name("families", tests, nullptr, nullptr);
}

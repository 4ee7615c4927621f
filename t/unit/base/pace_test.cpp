// Bytes by time: limit_rate and limit_rate_after as nginx means them, at their extremes too.
#include "base/pace.h"

#include "support/cmocka.h"

using std::chrono::milliseconds;
using tls::allowed_bytes;
using tls::Pace;

static void without_a_rate_all_may_go(void**) {
    assert_int_equal(allowed_bytes(Pace(), 0, milliseconds(0), 16384), 16384);
    assert_int_equal(allowed_bytes(Pace{0, 5}, 1u << 30, milliseconds(0), 16384), 16384);
}

static void the_first_second_may_go_at_once(void**) {
    const Pace pace{1000, 0};
    assert_int_equal(allowed_bytes(pace, 0, milliseconds(0), 16384), 1000);
    assert_int_equal(allowed_bytes(pace, 0, milliseconds(0), 10), 10);
    assert_int_equal(allowed_bytes(pace, 400, milliseconds(0), 16384), 600);
    assert_int_equal(allowed_bytes(pace, 1000, milliseconds(0), 16384), 0);
}

static void more_may_go_as_time_passes(void**) {
    const Pace pace{1000, 0};
    assert_int_equal(allowed_bytes(pace, 1000, milliseconds(1), 16384), 1);
    assert_int_equal(allowed_bytes(pace, 1000, milliseconds(250), 16384), 250);
    assert_int_equal(allowed_bytes(pace, 1000, milliseconds(2500), 16384), 2500);
    // A client that took less for a while has not lost it.
    assert_int_equal(allowed_bytes(pace, 1000, milliseconds(9000), 16384), 9000);
    assert_int_equal(allowed_bytes(Pace{3, 0}, 3, milliseconds(333), 9), 0);
    assert_int_equal(allowed_bytes(Pace{3, 0}, 3, milliseconds(334), 9), 1);
}

static void so_many_bytes_go_before_the_rate_counts(void**) {
    const Pace pace{10, 5000};
    assert_int_equal(allowed_bytes(pace, 0, milliseconds(0), 16384), 5010);
    assert_int_equal(allowed_bytes(pace, 5000, milliseconds(500), 16384), 15);
    assert_int_equal(allowed_bytes(pace, 5015, milliseconds(500), 16384), 0);
}

static void extremes_do_not_wrap_around(void**) {
    const uint64_t most = UINT64_MAX;
    assert_int_equal(allowed_bytes(Pace{most, 0}, most, milliseconds(0), 7), 7);
    assert_int_equal(allowed_bytes(Pace{1, most}, most, milliseconds(0), 7), 7);
    // A year at the highest rate that is a limit.
    const Pace fast{(uint64_t{1} << 40) - 1, 0};
    const uint64_t year = 365ull * 24 * 3600;
    assert_int_equal(allowed_bytes(fast, fast.rate * year, milliseconds(year * 1000 - 1000), 7), 0);
    assert_int_equal(allowed_bytes(fast, fast.rate * (year - 1), milliseconds(year * 1000 - 1000), 7), 7);
}

static void after_the_pause_something_may_go(void**) {
    constexpr uint64_t kRates[] = {1, 2, 3, 9, 11, 1000, 1u << 30};
    for (const uint64_t rate : kRates) {
        const Pace pace{rate, 0};
        assert_true(allowed_bytes(pace, rate, tls::pause_of(pace), 1) == 1);
        assert_true(tls::pause_of(pace) <= milliseconds(1000) && tls::pause_of(pace) >= milliseconds(100));
    }
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(without_a_rate_all_may_go),
        cmocka_unit_test(the_first_second_may_go_at_once),
        cmocka_unit_test(more_may_go_as_time_passes),
        cmocka_unit_test(so_many_bytes_go_before_the_rate_counts),
        cmocka_unit_test(extremes_do_not_wrap_around),
        cmocka_unit_test(after_the_pause_something_may_go),
    };
    return cmocka_run_group_tests_name("pace", tests, nullptr, nullptr);
}

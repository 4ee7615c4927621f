// Places by a hash in the order of use: what is found, what is the last one, and which places are used again.
#include "certs/use_order.h"

#include <vector>

#include "support/cmocka.h"

namespace tls {
namespace {

using Place = UseOrder::Place;

Place find(const UseOrder& order, uint64_t hash) {
    return order.find(hash, [](Place) { return true; });
}

std::vector<Place> all(const UseOrder& order) {
    std::vector<Place> places;
    for (Place place = order.most_recent(); place != UseOrder::kNone; place = order.before(place)) {
        places.push_back(place);
    }
    return places;
}

void nothing_is_in_an_empty_one(void**) {
    const UseOrder order;
    assert_true(find(order, 0) == UseOrder::kNone);
    assert_true(order.most_recent() == UseOrder::kNone && order.least_recent() == UseOrder::kNone);
    assert_int_equal(order.size(), 0);
}

void the_last_used_comes_first(void**) {
    UseOrder order;
    for (const uint64_t hash : {10, 11, 12}) {
        order.add(hash);
    }
    assert_true((all(order) == std::vector<Place>{2, 1, 0}));
    order.use(1);
    assert_true((all(order) == std::vector<Place>{1, 2, 0}));
    order.use(0);
    assert_true((all(order) == std::vector<Place>{0, 1, 2}));
    order.use(0);
    assert_true((all(order) == std::vector<Place>{0, 1, 2}));
    assert_int_equal(order.least_recent(), 2);
}

// Hashes that are the same, and those that only share a bucket.
void alike_ones_are_told_apart(void**) {
    UseOrder order;
    for (const uint64_t hash : {5, 5, 5 + (1 << 20), 5}) {
        order.add(hash);
    }
    for (const Place wanted : {0U, 1U, 3U}) {
        assert_int_equal(order.find(5, [&](Place place) { return place == wanted; }), wanted);
    }
    assert_true(order.find(5, [&](Place place) { return place == 2; }) == UseOrder::kNone);
    assert_int_equal(find(order, 5 + (1 << 20)), 2);
    order.remove(1);
    assert_true(order.find(5, [&](Place place) { return place == 1; }) == UseOrder::kNone);
    assert_int_equal(order.find(5, [&](Place place) { return place == 0; }), 0);
}

void removed_places_are_used_again(void**) {
    UseOrder order;
    for (const uint64_t hash : {1, 2, 3}) {
        order.add(hash);
    }
    order.remove(1);
    order.remove(2);
    assert_true((all(order) == std::vector<Place>{0}));
    assert_true(find(order, 2) == UseOrder::kNone);
    const Place one = order.add(4);
    const Place other = order.add(5);
    assert_int_equal(one + other, 1 + 2);
    assert_int_equal(order.add(6), 3);
    assert_int_equal(find(order, 4), one);
    order.remove(0);
    assert_int_equal(order.least_recent(), one);
    assert_int_equal(order.size(), 3);
}

void thousands_are_all_found(void**) {
    UseOrder order;
    // Multiples of a large odd number: every bit of them differs somewhere.
    constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
    for (uint64_t i = 0; i < 10000; ++i) {
        assert_int_equal(order.add(i * kStep), i);
    }
    for (uint64_t i = 0; i < 10000; i += 2) {
        order.remove(static_cast<Place>(i));
    }
    assert_int_equal(order.size(), 5000);
    for (uint64_t i = 0; i < 10000; ++i) {
        assert_true(find(order, i * kStep) == (i % 2 == 0 ? UseOrder::kNone : i));
    }
    for (uint64_t i = 1; i < 10000; i += 2) {
        assert_int_equal(order.least_recent(), i);
        order.remove(order.least_recent());
    }
    assert_int_equal(order.size(), 0);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_in_an_empty_one), cmocka_unit_test(the_last_used_comes_first),
        cmocka_unit_test(alike_ones_are_told_apart),  cmocka_unit_test(removed_places_are_used_again),
        cmocka_unit_test(thousands_are_all_found),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// The table of names without credentials: bounded, and the broken ones stay longest.
#include "certs/absent_names.h"

#include "certs/told_once.h"
#include "support/cmocka.h"

namespace tls {
namespace {

using Kind = AbsentNames::Kind;

// Spreads numbers as a hash would.
uint64_t mixed(uint64_t number) {
    number ^= number >> 31;
    number *= 0x7fb5d329728ea185;
    number ^= number >> 27;
    number *= 0x81dadef4bc2dd44d;
    return number ^ number >> 33;
}

void what_was_put_is_found(void**) {
    AbsentNames names(1000);
    assert_null(names.find(1));
    names.put(1, Kind::Missing, 7, 100);
    const AbsentNames::Entry* entry = names.find(1);
    assert_non_null(entry);
    assert_true(entry->kind == Kind::Missing && entry->stamp == 7 && entry->checked == 100);
    names.put(1, Kind::Broken, 8, 101);
    assert_true(names.find(1)->kind == Kind::Broken);
    assert_int_equal(names.size(), 1);
    names.erase(1);
    names.erase(1);
    assert_null(names.find(1));
    assert_int_equal(names.size(), 0);
}

void zero_is_a_name_like_others(void**) {
    AbsentNames names(8);
    names.put(1, Kind::Missing, 0, 0);
    assert_null(names.find(0));
    names.put(0, Kind::Missing, 0, 0);
    assert_non_null(names.find(0));
}

void it_never_grows(void**) {
    AbsentNames names(1000);
    assert_int_equal(names.capacity(), 1024);
    for (uint64_t i = 0; i < 100000; ++i) {
        names.put(mixed(i), Kind::Missing, 0, 0);
        assert_true(names.size() <= names.capacity());
        assert_non_null(names.find(mixed(i)));
    }
    assert_int_equal(names.size(), 1024);
}

void the_least_recently_asked_makes_room(void**) {
    AbsentNames names(8);
    for (uint64_t i = 0; i < 8; ++i) {
        names.put(i, Kind::Missing, 0, 0);
    }
    names.find(0);
    names.put(100, Kind::Missing, 0, 0);
    assert_non_null(names.find(0));
    assert_null(names.find(1));
}

void broken_names_outlive_a_flood(void**) {
    AbsentNames names(1024);
    for (uint64_t i = 0; i < 100; ++i) {
        names.put(mixed(i), Kind::Broken, 0, 0);
    }
    for (uint64_t i = 1000; i < 200000; ++i) {
        names.put(mixed(i), Kind::Missing, 0, 0);
    }
    for (uint64_t i = 0; i < 100; ++i) {
        assert_non_null(names.find(mixed(i)));
    }
}

void broken_names_alone_make_room_too(void**) {
    AbsentNames names(8);
    for (uint64_t i = 0; i < 9; ++i) {
        names.put(i, Kind::Broken, 0, 0);
    }
    assert_null(names.find(0));
    assert_non_null(names.find(8));
}

void a_sentence_is_told_once(void**) {
    ToldOnce told;
    for (uint64_t i = 1; i <= 1000; ++i) {
        assert_true(told.first(mixed(i)));
    }
    for (uint64_t i = 1; i <= 1000; ++i) {
        assert_false(told.first(mixed(i)));
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_found),
        cmocka_unit_test(zero_is_a_name_like_others),
        cmocka_unit_test(it_never_grows),
        cmocka_unit_test(the_least_recently_asked_makes_room),
        cmocka_unit_test(broken_names_outlive_a_flood),
        cmocka_unit_test(broken_names_alone_make_room_too),
        cmocka_unit_test(a_sentence_is_told_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// `OPTIONS *` (RFC 9112 section 3.2.4) in a stream that comes in any pieces.
#include "hello/asterisk_target.h"

#include <string>

#include "support/cmocka.h"

using tls::find_asterisk_target;
using tls::kNoAsterisk;

static void it_is_found_behind_its_method(void**) {
    assert_int_equal(find_asterisk_target("", "OPTIONS * HTTP/1.1\r\n"), 8);
    assert_int_equal(find_asterisk_target("", "OPTIONS *"), 8);
    assert_int_equal(find_asterisk_target("", "\r\n\nOPTIONS * HTTP/1.1"), 11);
    assert_int_equal(find_asterisk_target("", "OPTIONS   * HTTP/1.1"), 10);
}

static void nothing_else_is(void**) {
    for (const char* const text :
         {"", "O", "OPTIONS", "OPTIONS ", "OPTIONS / HTTP/1.1", "OPTIONS /* HTTP/1.1", "GET * HTTP/1.1",
          "options * HTTP/1.1", " OPTIONS *", "OPTIONS\t*", "OPTIONSX *", "OPTIONS\r\n*", "XOPTIONS *", "*",
          "GET /OPTIONS * HTTP/1.1"}) {
        assert_int_equal(find_asterisk_target("", text), kNoAsterisk);
    }
}

static void any_cut_leads_to_the_same(void**) {
    const std::string whole = "\r\nOPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n";
    const size_t place = whole.find('*');
    for (size_t cut = 0; cut <= whole.size(); ++cut) {
        const std::string before = whole.substr(0, cut);
        const std::string bytes = whole.substr(cut);
        const size_t expected = cut <= place ? place - cut : kNoAsterisk;
        assert_int_equal(find_asterisk_target(before, bytes), expected);
    }
}

// What nginx already has is not ours to change any more.
static void one_that_came_before_is_not_found_again(void**) {
    assert_int_equal(find_asterisk_target("OPTIONS *", " HTTP/1.1"), kNoAsterisk);
    assert_int_equal(find_asterisk_target("OPTIONS *", "* HTTP/1.1"), kNoAsterisk);
    assert_int_equal(find_asterisk_target("OPTIONS /", "* HTTP/1.1"), kNoAsterisk);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_is_found_behind_its_method),
        cmocka_unit_test(nothing_else_is),
        cmocka_unit_test(any_cut_leads_to_the_same),
        cmocka_unit_test(one_that_came_before_is_not_found_again),
    };
    return cmocka_run_group_tests_name("asterisk_target", tests, nullptr, nullptr);
}

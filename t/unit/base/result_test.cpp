// A value or an error, never both.
#include "base/result.h"

#include <memory>

#include "support/cmocka.h"

using tls::Error;
using tls::Result;

static void a_value_is_ok(void**) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
    assert_true(result.ok());
    assert_true(static_cast<bool>(result));
    assert_int_equal(**result, 5);
    const std::unique_ptr<int> moved = std::move(*result);
    assert_int_equal(*moved, 5);
}

static void an_error_says_why(void**) {
    const Result<int> result(Error{"no such file"});
    assert_false(result.ok());
    assert_string_equal(result.error().message.c_str(), "no such file");
}

static void success_may_carry_nothing(void**) {
    assert_true(Result<void>().ok());
    const Result<void> failed(Error{"no"});
    assert_false(failed.ok());
    assert_string_equal(failed.error().message.c_str(), "no");
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_value_is_ok),
        cmocka_unit_test(an_error_says_why),
        cmocka_unit_test(success_may_carry_nothing),
    };
    return cmocka_run_group_tests_name("result", tests, nullptr, nullptr);
}

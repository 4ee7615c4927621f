// No exception leaves the guard.
#include "base/guard.h"

#include <new>

#include "support/cmocka.h"

static void the_answer_passes_through(void**) {
    assert_int_equal(tls::guarded(-1, [] { return 7; }), 7);
}

static void an_exception_becomes_the_fallback(void**) {
    const int answer = tls::guarded(-1, []() -> int { throw std::bad_alloc(); });
    assert_int_equal(answer, -1);
}

static void work_without_answer_is_guarded_too(void**) {
    bool reached = false;
    tls::guarded([&] {
        reached = true;
        throw 1;
    });
    assert_true(reached);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_passes_through),
        cmocka_unit_test(an_exception_becomes_the_fallback),
        cmocka_unit_test(work_without_answer_is_guarded_too),
    };
    return cmocka_run_group_tests_name("guard", tests, nullptr, nullptr);
}

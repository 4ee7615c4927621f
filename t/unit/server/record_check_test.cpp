// The check of own records says yes where they work, which is wherever these tests run.
#include "server/record_check.h"

#include "support/cmocka.h"

namespace tls {
namespace {

void it_holds_here(void**) {
    assert_string_equal(check_own_records().c_str(), "");
}

void it_is_made_once(void**) {
    assert_ptr_equal(&check_own_records(), &check_own_records());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_here),
        cmocka_unit_test(it_is_made_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

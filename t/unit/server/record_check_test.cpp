// The check of own records says yes where they work, which is wherever these tests run.
#include "server/record_check.h"

#include "keys/library.h"
#include "support/cmocka.h"

namespace tls {
namespace {

void it_holds_here(void**) {
    assert_string_equal(check_own_records(nullptr).c_str(), "");
}

void it_holds_in_the_library_of_our_keys(void**) {
    const Result<OSSL_LIB_CTX*>& library = key_library();
    assert_true(library.ok());
    assert_string_equal(check_own_records(*library).c_str(), "");
}

void it_is_made_once(void**) {
    assert_ptr_equal(&check_own_records(nullptr), &check_own_records(nullptr));
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_holds_here),
        cmocka_unit_test(it_holds_in_the_library_of_our_keys),
        cmocka_unit_test(it_is_made_once),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

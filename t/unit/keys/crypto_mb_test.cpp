// Finding the library, and reading its answers.
#include "keys/crypto_mb.h"

#include <cstring>

#include "support/batches.h"
#include "support/temporary_folder.h"

namespace tls {
namespace {

void an_answer_has_four_bits_a_lane(void**) {
    assert_int_equal(good_lanes(0, 8), 0xff);
    assert_int_equal(good_lanes(0, 3), 0x07);
    assert_int_equal(good_lanes(0x00000020, 8), 0xfd);
    assert_int_equal(good_lanes(0x80000001, 8), 0x7e);
    assert_int_equal(good_lanes(0x22222222, 8), 0);
    assert_int_equal(good_lanes(0, 0), 0);
}

// A file of that name that is no library is as good as none. Before any other test loads the real one.
void what_cannot_be_loaded_has_a_reason(void**) {
    if (load_crypto_mb("").name != "libcrypto_mb") {
        test::skip_test();
    }
    test::TemporaryFolder folder;
    folder.write("libcrypto_mb.so.11", "not a library");
    const CryptoMbAnswer answer = load_crypto_mb(folder.path());
    assert_true(answer.library == nullptr);
    assert_string_equal(answer.name.c_str(), "libcrypto_mb");
    assert_string_equal(answer.reason.c_str(), "it is not installed");
}

void the_real_one_is_found_in_a_folder(void**) {
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    const CryptoMbAnswer answer = load_crypto_mb("build");
    assert_true(answer.library != nullptr);
    assert_non_null(strstr(answer.name.c_str(), "libcrypto_mb.so.1"));
    assert_true(answer.reason.empty());
    assert_non_null(answer.library->x25519);
    assert_non_null(answer.library->p384_sign_setup);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_loaded_has_a_reason),
        cmocka_unit_test(an_answer_has_four_bits_a_lane),
        cmocka_unit_test(the_real_one_is_found_in_a_folder),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

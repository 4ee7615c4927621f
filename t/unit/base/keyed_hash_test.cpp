// SipHash-2-4 by its authors' vectors, and keys that differ.
#include "base/keyed_hash.h"

#include <string>

#include "support/cmocka.h"

namespace tls {
namespace {

// Key and input are 00 01 02 …, as in the reference implementation.
void the_authors_vectors(void**) {
    const KeyedHash hash({0x0706050403020100, 0x0f0e0d0c0b0a0908});
    std::string input;
    for (char byte = 0; byte < 63; ++byte) {
        input += byte;
    }
    const std::string_view text = input;
    assert_true(hash("") == 0x726fdb47dd0e0e31);
    assert_true(hash(text.substr(0, 1)) == 0x74f839c593dc67fd);
    assert_true(hash(text.substr(0, 7)) == 0xab0200f58b01d137);
    assert_true(hash(text.substr(0, 8)) == 0x93f5f5799a932462);
    assert_true(hash(text.substr(0, 15)) == 0xa129ca6149be45e5);
    assert_true(hash(text.substr(0, 63)) == 0x958a324ceb064572);
}

void every_object_has_its_own_key(void**) {
    const KeyedHash one;
    const KeyedHash other;
    assert_true(one("example.com") == one("example.com"));
    assert_true(one("example.com") != other("example.com"));
    const KeyedHash copy = one;
    assert_true(one("example.com") == copy("example.com"));
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_authors_vectors),
        cmocka_unit_test(every_object_has_its_own_key),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

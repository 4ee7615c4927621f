// Of all that the key schedule makes, the two secrets of the records are heard, by who listens.
#include "keys/heard_secrets.h"

#include <algorithm>

#include "support/cmocka.h"

namespace tls {
namespace {

const uint8_t kMade[kMaxHash + 1] = {7, 8, 9};

void tell(const char* label, size_t size) {
    HearingScope::tell(ByteView::of(std::string_view(label)), kMade, size);
}

void the_two_are_heard(void**) {
    HeardSecrets heard;
    const HearingScope scope(&heard);
    tell("c hs traffic", 32);
    tell("exp master", 32);
    assert_int_equal(heard.client.size, 0);
    assert_int_equal(heard.server.size, 0);
    tell("c ap traffic", 32);
    tell("s ap traffic", 48);
    assert_int_equal(heard.client.size, 32);
    assert_int_equal(heard.server.size, 48);
    assert_true(std::equal(kMade, kMade + 48, heard.server.bytes.begin()));
}

void what_is_too_long_is_not(void**) {
    HeardSecrets heard;
    const HearingScope scope(&heard);
    tell("c ap traffic", kMaxHash + 1);
    assert_int_equal(heard.client.size, 0);
}

void nobody_listens_outside(void**) {
    HeardSecrets heard;
    {
        const HearingScope scope(&heard);
        {
            const HearingScope inner(nullptr);
            tell("c ap traffic", 32);
        }
        tell("s ap traffic", 32);
    }
    tell("c ap traffic", 32);
    assert_int_equal(heard.client.size, 0);
    assert_int_equal(heard.server.size, 32);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_two_are_heard),
        cmocka_unit_test(what_is_too_long_is_not),
        cmocka_unit_test(nobody_listens_outside),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

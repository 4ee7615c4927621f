// Secrets: how they are written down, and which follows which.
#include "record/key_schedule.h"

#include <cstring>

#include "support/bytes.h"
#include "support/cmocka.h"

namespace tls {
namespace {

constexpr const char* kSecret256 = "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643";

std::string digits(size_t count) {
    return std::string(count, 'a');
}

void a_secret_is_read_from_hex(void**) {
    TrafficSecret secret;
    assert_true(parse_secret(kSecret256, &secret));
    assert_int_equal(secret.size, 32);
    assert_memory_equal(secret.bytes.data(), test::hex(kSecret256).data(), 32);
    assert_true(parse_secret(digits(96).c_str(), &secret));
    assert_int_equal(secret.size, 48);
}

void what_is_no_secret_is_not_read(void**) {
    for (const std::string& text : {std::string(), digits(63), digits(66), digits(98), "g" + digits(63)}) {
        TrafficSecret secret;
        assert_false(parse_secret(text.c_str(), &secret));
        assert_int_equal(secret.size, 0);
    }
}

void the_next_secret_is_another_of_the_same_size(void**) {
    for (const size_t size : {size_t{64}, size_t{96}}) {
        TrafficSecret secret;
        assert_true(parse_secret(digits(size).c_str(), &secret));
        TrafficSecret next = secret;
        TrafficSecret again = secret;
        assert_true(advance_secret(&next) && advance_secret(&again));
        assert_int_equal(next.size, secret.size);
        assert_memory_not_equal(next.bytes.data(), secret.bytes.data(), secret.size);
        assert_memory_equal(next.bytes.data(), again.bytes.data(), secret.size);
    }
}

void new_keys_count_from_zero_and_are_known_as_others(void**) {
    TrafficSecret secret;
    assert_true(parse_secret(kSecret256, &secret));
    TrafficKeys keys;
    keys.sequence = 7;
    const uint64_t before = keys.id;
    assert_true(derive_keys(secret, RecordSuite::ChaCha20Poly1305, &keys));
    assert_int_equal(keys.sequence, 0);
    assert_true(keys.id != before);
    assert_int_equal(keys.key_size(), 32);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_read_from_hex),
        cmocka_unit_test(what_is_no_secret_is_not_read),
        cmocka_unit_test(the_next_secret_is_another_of_the_same_size),
        cmocka_unit_test(new_keys_count_from_zero_and_are_known_as_others),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

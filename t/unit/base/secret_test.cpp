// A moved secret leaves nothing behind.
#include "base/secret.h"

#include "support/cmocka.h"

using tls::SecretString;

static void a_secret_holds_its_value(void**) {
    assert_string_equal(SecretString("pass").value().c_str(), "pass");
    assert_true(SecretString().value().empty());
}

static void moving_empties_the_source(void**) {
    SecretString first(std::string(64, 'x'));
    SecretString second(std::move(first));
    assert_true(first.value().empty());
    assert_int_equal(second.value().size(), 64);

    SecretString third("short");
    third = std::move(second);
    assert_true(second.value().empty());
    assert_int_equal(third.value().size(), 64);
}

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_holds_its_value),
        cmocka_unit_test(moving_empties_the_source),
    };
    return cmocka_run_group_tests_name("secret", tests, nullptr, nullptr);
}

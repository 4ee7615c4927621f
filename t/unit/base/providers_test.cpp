// What an operator chose is seen: here by another provider that was loaded before the first question.
#include "base/providers.h"

#include <openssl/core_dispatch.h>
#include <openssl/provider.h>

#include "record/key_schedule.h"
#include "support/bytes.h"
#include "support/cmocka.h"

namespace tls {
namespace {

const OSSL_ALGORITHM* offer_nothing(void*, int, int*) {
    return nullptr;
}

int start(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out, void** context) {
    static const OSSL_DISPATCH kFunctions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<void (*)()>(offer_nothing)}, {0, nullptr}};
    static int state;
    *out = kFunctions;
    *context = &state;
    return 1;
}

OSSL_PROVIDER* chosen;
OSSL_PROVIDER* usual;

int load(void**) {
    if (OSSL_PROVIDER_add_builtin(nullptr, "chosen", start) == 1) {
        chosen = OSSL_PROVIDER_load(nullptr, "chosen");
        usual = OSSL_PROVIDER_load(nullptr, "default");
    }
    return chosen != nullptr && usual != nullptr ? 0 : -1;
}

int unload(void**) {
    return OSSL_PROVIDER_unload(chosen) == 1 && OSSL_PROVIDER_unload(usual) == 1 ? 0 : -1;
}

void a_provider_that_was_chosen_is_named(void**) {
    assert_false(usual_providers().ok());
    assert_string_equal(usual_providers().error().message.c_str(),
                        "OpenSSL is configured with the provider \"chosen\"");
}

// RFC 8448 section 3: the server's application traffic secret, and the key and IV made of it.
void keys_of_records_are_the_same_by_providers(void**) {
    TrafficSecret secret;
    assert_true(parse_secret("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643", &secret));
    TrafficKeys keys;
    assert_true(derive_keys(secret, RecordSuite::Aes128Gcm, &keys));
    assert_memory_equal(keys.key.data(), test::hex("9f02283b6c9c07efc26bb9f2ac92e356").data(), 16);
    assert_memory_equal(keys.iv.data(), test::hex("cf782b88dd83549aadf1e984").data(), 12);
    assert_false(derive_keys(TrafficSecret(), RecordSuite::Aes128Gcm, &keys));
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_provider_that_was_chosen_is_named),
        cmocka_unit_test(keys_of_records_are_the_same_by_providers),
    };
    return cmocka_run_group_tests(tests, load, unload);
}

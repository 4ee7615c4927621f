#include "keys/provider_keys.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "base/guard.h"

namespace tls {

bool has_parts(int selection, bool has_public, bool has_private) {
    return ((selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) == 0 || has_public) &&
           ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) == 0 || has_private);
}

bool tell_sizes(OSSL_PARAM* parameters, int bits, int security_bits, size_t max_size) {
    OSSL_PARAM* p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_BITS);
    bool set = p == nullptr || OSSL_PARAM_set_int(p, bits) == 1;
    p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_SECURITY_BITS);
    set = set && (p == nullptr || OSSL_PARAM_set_int(p, security_bits) == 1);
    p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_MAX_SIZE);
    return set && (p == nullptr || OSSL_PARAM_set_int(p, static_cast<int>(max_size)) == 1);
}

const OSSL_PARAM* gettable_params(void*) {
    static const OSSL_PARAM kGettable[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr), OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0), OSSL_PARAM_END};
    return kGettable;
}

const OSSL_PARAM* settable_params(void*) {
    static const OSSL_PARAM kSettable[] = {
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0), OSSL_PARAM_END};
    return kSettable;
}

void* start_generation(void* state, int selection, const OSSL_PARAM*) {
    return guarded(static_cast<void*>(nullptr), [&]() -> void* {
        return new Generation{static_cast<ProviderState*>(state),
                              (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0};
    });
}

int set_generation(void*, const OSSL_PARAM*) {
    return 1;
}

const OSSL_PARAM* settable_generation(void*, void*) {
    static const OSSL_PARAM kSettable[] = {OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
                                           OSSL_PARAM_END};
    return kSettable;
}

void end_generation(void* generation) {
    delete static_cast<Generation*>(generation);
}

}  // namespace tls

#include "keys/provider.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/prov_ssl.h>

namespace tls {

namespace {

template <class Function>
constexpr OSSL_DISPATCH entry(int id, Function* function) {
    return OSSL_DISPATCH{id, reinterpret_cast<void (*)()>(function)};
}

const OSSL_ALGORITHM kExchangeKeys[] = {{kExchangeName, "provider=ahead", kExchangeKeyFunctions, nullptr},
                                        {nullptr, nullptr, nullptr, nullptr}};
const OSSL_ALGORITHM kExchanges[] = {{kExchangeName, "provider=ahead", kExchangeFunctions, nullptr},
                                     {nullptr, nullptr, nullptr, nullptr}};
const OSSL_ALGORITHM kKdfs[] = {{"TLS13-KDF", "provider=ahead", kScheduleFunctions, nullptr},
                                {"TLS1-PRF", "provider=ahead", kPrfFunctions, nullptr},
                                {nullptr, nullptr, nullptr, nullptr}};

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
    *no_cache = 0;
    switch (operation) {
        case OSSL_OP_KEYMGMT:
            return kExchangeKeys;
        case OSSL_OP_KEYEXCH:
            return kExchanges;
        case OSSL_OP_KDF:
            return kKdfs;
        default:
            return nullptr;
    }
}

OSSL_PARAM text(const char* key, const char* value) {
    return OSSL_PARAM_construct_utf8_string(key, const_cast<char*>(value), 0);
}

// The group x25519 as the default provider announces it, with the algorithm that is ours.
int tell_groups(void*, const char* capability, OSSL_CALLBACK* callback, void* argument) {
    if (OPENSSL_strcasecmp(capability, "TLS-GROUP") != 0) {
        return 1;
    }
    unsigned id = 0x001d;  // RFC 8446 section 4.2.7
    unsigned security_bits = 128;
    int min_tls = TLS1_VERSION;
    int min_dtls = DTLS1_VERSION;
    int no_end = 0;
    const OSSL_PARAM group[] = {
        text(OSSL_CAPABILITY_TLS_GROUP_NAME, "x25519"),
        text(OSSL_CAPABILITY_TLS_GROUP_NAME_INTERNAL, "X25519"),
        text(OSSL_CAPABILITY_TLS_GROUP_ALG, kExchangeName),
        OSSL_PARAM_construct_uint(OSSL_CAPABILITY_TLS_GROUP_ID, &id),
        OSSL_PARAM_construct_uint(OSSL_CAPABILITY_TLS_GROUP_SECURITY_BITS, &security_bits),
        OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MIN_TLS, &min_tls),
        OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MAX_TLS, &no_end),
        OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MIN_DTLS, &min_dtls),
        OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MAX_DTLS, &no_end),
        OSSL_PARAM_construct_end()};
    return callback(group, argument);
}

const OSSL_DISPATCH kProviderFunctions[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
                                            entry(OSSL_FUNC_PROVIDER_GET_CAPABILITIES, tell_groups),
                                            {0, nullptr}};

}  // namespace

ProviderState& provider_state() {
    // Never destroyed: OpenSSL's own exit handlers may still call.
    static auto* const kState = new ProviderState();
    return *kState;
}

int start_provider(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out, void** context) {
    *out = kProviderFunctions;
    *context = &provider_state();
    return 1;
}

}  // namespace tls

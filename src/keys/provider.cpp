#include "keys/provider.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/prov_ssl.h>

#include "keys/dispatch.h"

namespace tls {

namespace {

const OSSL_ALGORITHM kExchangeKeys[] = {
    {kExchangeName, "provider=ahead", exchange_key_functions<X25519Kind>(), nullptr},
    {kP256ExchangeName, "provider=ahead", exchange_key_functions<P256Kind>(), nullptr},
    {kHybridName, "provider=ahead", hybrid_key_functions(), nullptr},
    {nullptr, nullptr, nullptr, nullptr}};
const OSSL_ALGORITHM kExchanges[] = {
    {kExchangeName, "provider=ahead", exchange_functions<X25519Kind>(), nullptr},
    {kP256ExchangeName, "provider=ahead", exchange_functions<P256Kind>(), nullptr},
    {nullptr, nullptr, nullptr, nullptr}};
const OSSL_ALGORITHM kEncapsulations[] = {{kHybridName, "provider=ahead", hybrid_functions(), nullptr},
                                          {nullptr, nullptr, nullptr, nullptr}};
const OSSL_ALGORITHM kKdfs[] = {{"TLS13-KDF", "provider=ahead", kScheduleFunctions, nullptr},
                                {"TLS1-PRF", "provider=ahead", kPrfFunctions, nullptr},
                                {nullptr, nullptr, nullptr, nullptr}};
const OSSL_ALGORITHM kMacs[] = {{"HMAC", "provider=ahead", kMacFunctions, nullptr},
                                {nullptr, nullptr, nullptr, nullptr}};

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
    *no_cache = 0;
    switch (operation) {
        case OSSL_OP_KEYMGMT:
            return kExchangeKeys;
        case OSSL_OP_KEYEXCH:
            return kExchanges;
        case OSSL_OP_KEM:
            return kEncapsulations;
        case OSSL_OP_KDF:
            return kKdfs;
        case OSSL_OP_MAC:
            return kMacs;
        default:
            return nullptr;
    }
}

OSSL_PARAM text(const char* key, const char* value) {
    return OSSL_PARAM_construct_utf8_string(key, const_cast<char*>(value), 0);
}

// A group (RFC 8446 section 4.2.7) as the default provider announces it, with an algorithm that is ours.
struct Group {
    const char* name;
    const char* internal_name;
    const char* algorithm;
    unsigned id;
    unsigned security_bits;
    int min_tls;
    int min_dtls;           // kNever: in no version
    unsigned encapsulates;  // else it is an exchange
};
constexpr int kNever = -1;
constexpr Group kGroups[] = {
    {"x25519", "X25519", kExchangeName, 0x001d, 128, TLS1_VERSION, DTLS1_VERSION, 0},
    {"secp256r1", "prime256v1", kP256ExchangeName, 0x0017, 128, TLS1_VERSION, DTLS1_VERSION, 0}};
constexpr Group kHybrid = {"X25519MLKEM768", "", kHybridName, 0x11ec, 192, TLS1_3_VERSION, kNever, 1};

int tell_group(Group group, OSSL_CALLBACK* callback, void* argument) {
    int max_tls = 0;
    int max_dtls = group.min_dtls == kNever ? kNever : 0;
    const OSSL_PARAM told[] = {
        text(OSSL_CAPABILITY_TLS_GROUP_NAME, group.name),
        text(OSSL_CAPABILITY_TLS_GROUP_NAME_INTERNAL, group.internal_name),
        text(OSSL_CAPABILITY_TLS_GROUP_ALG, group.algorithm),
        OSSL_PARAM_construct_uint(OSSL_CAPABILITY_TLS_GROUP_ID, &group.id),
        OSSL_PARAM_construct_uint(OSSL_CAPABILITY_TLS_GROUP_SECURITY_BITS, &group.security_bits),
        OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MIN_TLS, &group.min_tls),
        OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MAX_TLS, &max_tls),
        OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MIN_DTLS, &group.min_dtls),
        OSSL_PARAM_construct_int(OSSL_CAPABILITY_TLS_GROUP_MAX_DTLS, &max_dtls),
        OSSL_PARAM_construct_uint(OSSL_CAPABILITY_TLS_GROUP_IS_KEM, &group.encapsulates),
        OSSL_PARAM_construct_end()};
    return callback(told, argument);
}

int tell_groups(void*, const char* capability, OSSL_CALLBACK* callback, void* argument) {
    if (OPENSSL_strcasecmp(capability, "TLS-GROUP") != 0) {
        return 1;
    }
    for (const Group& group : kGroups) {
        if (tell_group(group, callback, argument) != 1) {
            return 0;
        }
    }
    const bool has_hybrid = provider_state().fallback.mlkem768.attached();
    return !has_hybrid || tell_group(kHybrid, callback, argument) == 1 ? 1 : 0;
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

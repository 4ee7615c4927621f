#include "keys/wrapping_provider.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/guard.h"
#include "keys/dispatch.h"

namespace tls {

namespace {

void* new_key(void*) {
    return guarded(static_cast<void*>(nullptr), []() -> void* { return new WrappedKeyHandle(); });
}

void free_key(void* key) {
    delete static_cast<WrappedKeyHandle*>(key);
}

int has(const void* key, int) {
    return key != nullptr && static_cast<const WrappedKeyHandle*>(key)->key != nullptr ? 1 : 0;
}

// Keys of others are not taken: what OpenSSL wants to do with them it does elsewhere.
int import_key(void* key, int, const OSSL_PARAM parameters[]) {
    const OSSL_PARAM* wrapped = OSSL_PARAM_locate_const(parameters, kWrappedKeyParameter);
    const void* handle = nullptr;
    if (wrapped == nullptr || OSSL_PARAM_get_octet_ptr(wrapped, &handle, nullptr) != 1) {
        return 0;
    }
    *static_cast<WrappedKeyHandle*>(key) = *static_cast<const WrappedKeyHandle*>(handle);
    return 1;
}

const OSSL_PARAM* import_types(int) {
    static const OSSL_PARAM kTypes[] = {OSSL_PARAM_octet_ptr(kWrappedKeyParameter, nullptr, 0),
                                        OSSL_PARAM_END};
    return kTypes;
}

// For whatever else is done with the key: comparing it with its certificate, and RSA decryption.
int export_key(void* key, int selection, OSSL_CALLBACK* callback, void* argument) {
    const EVP_PKEY* original = static_cast<const WrappedKeyHandle*>(key)->key->original.get();
    return EVP_PKEY_export(original, selection, callback, argument);
}

const OSSL_PARAM* export_types(int) {
    static const OSSL_PARAM kTypes[] = {
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, nullptr, 0), OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, nullptr, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, nullptr, 0), OSSL_PARAM_END};
    return kTypes;
}

int get_params(void* key, OSSL_PARAM parameters[]) {
    const auto* handle = static_cast<const WrappedKeyHandle*>(key);
    return handle->key != nullptr ? EVP_PKEY_get_params(handle->key->original.get(), parameters) : 0;
}

const OSSL_PARAM* gettable_params(void*) {
    static const OSSL_PARAM kGettable[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr), OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0), OSSL_PARAM_END};
    return kGettable;
}

const char* name_of_operation(int operation) {
    return operation == OSSL_OP_SIGNATURE ? kWrappedSignatureName : "RSA";
}

const OSSL_ALGORITHM kKeys[] = {{"RSA:rsaEncryption", "provider=wrapping", kWrappedKeyFunctions, nullptr},
                                {"EC:id-ecPublicKey", "provider=wrapping", kWrappedKeyFunctions, nullptr},
                                {nullptr, nullptr, nullptr, nullptr}};
const OSSL_ALGORITHM kSignatures[] = {
    {kWrappedSignatureName, "provider=wrapping", kWrappedSignatureFunctions, nullptr},
    {nullptr, nullptr, nullptr, nullptr}};
const OSSL_ALGORITHM kCiphers[] = {
    {"RSA:rsaEncryption", "provider=wrapping", kWrappedCipherFunctions, nullptr},
    {nullptr, nullptr, nullptr, nullptr}};

const OSSL_ALGORITHM* query(void*, int operation, int* no_cache) {
    *no_cache = 0;
    switch (operation) {
        case OSSL_OP_KEYMGMT:
            return kKeys;
        case OSSL_OP_SIGNATURE:
            return kSignatures;
        case OSSL_OP_ASYM_CIPHER:
            return kCiphers;
        default:
            return nullptr;
    }
}

const OSSL_DISPATCH kProviderFunctions[] = {entry(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query), {0, nullptr}};

}  // namespace

const OSSL_DISPATCH kWrappedKeyFunctions[] = {
    entry(OSSL_FUNC_KEYMGMT_NEW, new_key),
    entry(OSSL_FUNC_KEYMGMT_FREE, free_key),
    entry(OSSL_FUNC_KEYMGMT_HAS, has),
    entry(OSSL_FUNC_KEYMGMT_IMPORT, import_key),
    entry(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, import_types),
    entry(OSSL_FUNC_KEYMGMT_EXPORT, export_key),
    entry(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, export_types),
    entry(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params),
    entry(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable_params),
    entry(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, name_of_operation),
    {0, nullptr}};

int start_wrapping_provider(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
                            void** context) {
    // OpenSSL takes a provider without a context of its own for one that is not there.
    static char kNothing = 0;
    *out = kProviderFunctions;
    *context = &kNothing;
    return 1;
}

}  // namespace tls

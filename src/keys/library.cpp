#include "keys/library.h"

#include <openssl/provider.h>

#include <cstring>

#include "base/openssl.h"
#include "base/providers.h"
#include "keys/provider.h"

namespace tls {

namespace {

// Of the contexts that this file makes, those in which keys can be wrapped.
OSSL_LIB_CTX* wrapping[2] = {};

Result<OSSL_LIB_CTX*> make_library() {
    const Result<void>& usable = usual_providers();
    if (!usable) {
        return usable.error();
    }
    OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
    if (library == nullptr || OSSL_PROVIDER_add_builtin(library, kProviderName, start_provider) != 1 ||
        OSSL_PROVIDER_load(library, kProviderName) == nullptr) {
        OSSL_LIB_CTX_free(library);
        return Error{openssl_failure("OSSL_PROVIDER_load()")};
    }
    const OSSL_PROVIDER* fallback = OSSL_PROVIDER_load(library, "default");
    if (fallback == nullptr || !provider_state().fallback.attach(fallback)) {
        OSSL_LIB_CTX_free(library);
        return Error{"OpenSSL's default provider lacks a function"};
    }
    provider_state().mb = crypto_mb().library.get();
    wrapping[0] = load_wrapping_provider(library) ? library : nullptr;
    drain_openssl_errors();
    return library;
}

Result<OSSL_LIB_CTX*> make_wrapping_library() {
    const Result<void>& usable = usual_providers();
    if (!usable) {
        return usable.error();
    }
    OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
    if (library == nullptr || OSSL_PROVIDER_load(library, "default") == nullptr ||
        !load_wrapping_provider(library)) {
        OSSL_LIB_CTX_free(library);
        return Error{openssl_failure("OSSL_PROVIDER_load()")};
    }
    wrapping[1] = library;
    return library;
}

}  // namespace

bool fits_key_library(const EVP_PKEY* key) {
    const OSSL_PROVIDER* provider = EVP_PKEY_get0_provider(key);
    return provider != nullptr && strcmp(OSSL_PROVIDER_get0_name(provider), "default") == 0;
}

bool has_batches() {
    return provider_state().mb != nullptr;
}

UniquePkey wrap_in_library(OSSL_LIB_CTX* library, EVP_PKEY* key, KeyWait wait) {
    const bool able = library != nullptr && (library == wrapping[0] || library == wrapping[1]);
    return able ? wrap_key(library, key, wait) : nullptr;
}

const Result<OSSL_LIB_CTX*>& wrapping_library() {
    static const Result<OSSL_LIB_CTX*> kLibrary = make_wrapping_library();
    return kLibrary;
}

const Result<OSSL_LIB_CTX*>& key_library() {
    static const Result<OSSL_LIB_CTX*> kLibrary = make_library();
    return kLibrary;
}

}  // namespace tls

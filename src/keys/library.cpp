#include "keys/library.h"

#include <openssl/evp.h>
#include <openssl/provider.h>

#include <cstring>
#include <string>

#include "base/openssl.h"
#include "keys/provider.h"

namespace tls {

namespace {

// Providers that an operator may have beside the default one without any handshake depending on them: keys in
// their hands stay in OpenSSL's own context.
constexpr const char* kHarmless[] = {"default", "base", "legacy", "null", "pkcs11", "tpm2"};

// Notes the first provider that our context would lack.
int look_at(OSSL_PROVIDER* provider, void* foreign) {
    const char* name = OSSL_PROVIDER_get0_name(provider);
    for (const char* harmless : kHarmless) {
        if (strcmp(name, harmless) == 0) {
            return 1;
        }
    }
    *static_cast<std::string*>(foreign) = name;
    return 0;
}

// Of the contexts that this file makes, those in which keys can be wrapped.
OSSL_LIB_CTX* wrapping[2] = {};

// Why OpenSSL's own context has to do, if it has.
Result<void> look_at_configuration() {
    if (EVP_default_properties_is_fips_enabled(nullptr) == 1) {
        return Error{"OpenSSL is configured for FIPS"};
    }
    // The first algorithm that is asked for loads what is configured.
    EVP_MD_free(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    std::string foreign;
    OSSL_PROVIDER_do_all(nullptr, look_at, &foreign);
    if (!foreign.empty()) {
        return Error{"OpenSSL is configured with the provider \"" + foreign + "\""};
    }
    return {};
}

Result<OSSL_LIB_CTX*> make_library() {
    const Result<void> usable = look_at_configuration();
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
    const Result<void> usable = look_at_configuration();
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

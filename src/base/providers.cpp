#include "base/providers.h"

#include <openssl/evp.h>
#include <openssl/provider.h>

#include <cstring>
#include <string>

namespace tls {

namespace {

// Providers that an operator may have beside the default one without any handshake depending on them: keys in
// their hands stay in OpenSSL's own context.
constexpr const char* kHarmless[] = {"default", "base", "legacy", "null", "pkcs11", "tpm2"};

// Notes the first provider that a context of ours would lack.
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

}  // namespace

const Result<void>& usual_providers() {
    static const Result<void> kUsual = look_at_configuration();
    return kUsual;
}

}  // namespace tls

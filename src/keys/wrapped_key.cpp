#include "keys/wrapped_key.h"

#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#include <cstring>

#include "keys/wrapping_provider.h"

namespace tls {

namespace {

void free_digest_context(EVP_MD_CTX* context) {
    EVP_MD_CTX_free(context);
}

using UniqueDigestContext = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX, free_digest_context>>;
using UniqueKeyContext = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;

// What is asked for by its name alone must be the default provider's still.
bool is_behind_default(OSSL_LIB_CTX* library, const char* type) {
    EVP_KEYMGMT* found = EVP_KEYMGMT_fetch(library, type, nullptr);
    const bool behind = found != nullptr && strcmp(OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(found)),
                                                   kWrappingProviderName) != 0;
    EVP_KEYMGMT_free(found);
    return behind;
}

// An engine's keys are in nobody's hands, and not made for threads.
bool can_be_wrapped(const EVP_PKEY* key) {
    OSSL_PARAM* known = nullptr;
    const bool tells_public =
        EVP_PKEY_get0_provider(key) != nullptr && EVP_PKEY_todata(key, EVP_PKEY_PUBLIC_KEY, &known) == 1;
    OSSL_PARAM_free(known);
    return tells_public;
}

UniquePkey to_openssl(OSSL_LIB_CTX* library, const char* type, WrappedKeyHandle* handle) {
    void* pointer = handle;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_ptr(kWrappedKeyParameter, &pointer, sizeof(pointer)),
        OSSL_PARAM_construct_end()};
    const UniqueKeyContext context(EVP_PKEY_CTX_new_from_name(library, type, "provider=wrapping"));
    EVP_PKEY* key = nullptr;
    if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters) != 1) {
        return nullptr;
    }
    return UniquePkey(key);
}

}  // namespace

bool WrappedKey::sign(const SignatureTerms& terms, ByteView message, uint8_t* out, size_t* size) const {
    const UniqueDigestContext context(EVP_MD_CTX_new());
    EVP_PKEY_CTX* key = nullptr;
    const char* digest = terms.digest.empty() ? nullptr : terms.digest.c_str();
    return context != nullptr &&
           EVP_DigestSignInit_ex(context.get(), &key, digest, nullptr, nullptr, original.get(), nullptr) ==
               1 &&
           (!terms.pss || (EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) == 1 &&
                           EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST) == 1)) &&
           EVP_DigestSign(context.get(), out, size, message.data(), message.size()) == 1;
}

size_t WrappedKey::max_size() const {
    const int size = EVP_PKEY_get_size(original.get());
    return size > 0 ? static_cast<size_t>(size) : 0;
}

UniquePkey wrap_key(OSSL_LIB_CTX* library, EVP_PKEY* key, KeyWait wait) {
    const bool is_rsa = EVP_PKEY_is_a(key, "RSA") == 1;
    if ((!is_rsa && EVP_PKEY_is_a(key, "EC") != 1) || !can_be_wrapped(key)) {
        drain_openssl_errors();
        return nullptr;
    }
    auto wrapped = std::make_shared<WrappedKey>();
    wrapped->original = share(key);
    wrapped->wait = wait;
    if (wait == KeyWait::Batch) {
        wrapped->numbers = RsaNumbers::of(key);
        if (wrapped->numbers == nullptr) {
            return nullptr;
        }
    }
    WrappedKeyHandle handle{std::move(wrapped)};
    UniquePkey made = to_openssl(library, is_rsa ? "RSA" : "EC", &handle);
    drain_openssl_errors();
    return made;
}

bool load_wrapping_provider(OSSL_LIB_CTX* library) {
    OSSL_PROVIDER* provider = nullptr;
    if (OSSL_PROVIDER_add_builtin(library, kWrappingProviderName, start_wrapping_provider) == 1) {
        provider = OSSL_PROVIDER_load(library, kWrappingProviderName);
    }
    const bool usable =
        provider != nullptr && is_behind_default(library, "RSA") && is_behind_default(library, "EC");
    if (provider != nullptr && !usable) {
        OSSL_PROVIDER_unload(provider);
    }
    return usable;
}

}  // namespace tls

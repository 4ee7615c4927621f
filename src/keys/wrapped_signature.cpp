// What OpenSSL does with a wrapped key: signatures of whole messages, as libssl asks for them, and RSA
// decryption (TLS 1.2's key exchange by RSA) for keys that stay in another provider's hands.
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <string_view>

#include "base/guard.h"
#include "keys/dispatch.h"
#include "keys/pending_signature.h"
#include "keys/wrapping_provider.h"

namespace tls {

namespace {

// A value that OpenSSL gives as a number or as its name.
bool means(const OSSL_PARAM& parameter, int number, std::string_view name) {
    if (parameter.data_type == OSSL_PARAM_UTF8_STRING) {
        const char* text = nullptr;
        return OSSL_PARAM_get_utf8_string_ptr(&parameter, &text) == 1 && text != nullptr && name == text;
    }
    int value = 0;
    return OSSL_PARAM_get_int(&parameter, &value) == 1 && value == number;
}

// --- signatures

struct SigningContext {
    std::shared_ptr<const WrappedKey> key;
    SignatureTerms terms;
};

void* new_signing(void*, const char*) {
    return guarded(static_cast<void*>(nullptr), []() -> void* { return new SigningContext(); });
}

void free_signing(void* context) {
    delete static_cast<SigningContext*>(context);
}

// Only what TLS uses: a salt is as long as the digest, and MGF1 has the digest of the message.
int set_terms(void* data, const OSSL_PARAM parameters[]) {
    auto* context = static_cast<SigningContext*>(data);
    for (const OSSL_PARAM* one = parameters; one != nullptr && one->key != nullptr; ++one) {
        const std::string_view key = one->key;
        if (key == OSSL_SIGNATURE_PARAM_PAD_MODE) {
            context->terms.pss = means(*one, RSA_PKCS1_PSS_PADDING, OSSL_PKEY_RSA_PAD_MODE_PSS);
            if (!context->terms.pss && !means(*one, RSA_PKCS1_PADDING, OSSL_PKEY_RSA_PAD_MODE_PKCSV15)) {
                return 0;
            }
        } else if (key != OSSL_SIGNATURE_PARAM_PSS_SALTLEN ||
                   !means(*one, RSA_PSS_SALTLEN_DIGEST, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST)) {
            return 0;
        }
    }
    return 1;
}

const OSSL_PARAM* settable_terms(void*, void*) {
    static const OSSL_PARAM kSettable[] = {
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, nullptr, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, nullptr, 0), OSSL_PARAM_END};
    return kSettable;
}

int begin_signing(void* data, const char* digest, void* key, const OSSL_PARAM parameters[]) {
    return guarded(0, [&] {
        auto* context = static_cast<SigningContext*>(data);
        if (key != nullptr) {
            context->key = static_cast<const WrappedKeyHandle*>(key)->key;
        }
        context->terms.digest = digest != nullptr ? digest : "";
        return set_terms(context, parameters);
    });
}

int sign(void* data, unsigned char* out, size_t* size, size_t room, const unsigned char* message,
         size_t message_size) {
    return guarded(0, [&] {
        const auto* context = static_cast<const SigningContext*>(data);
        if (out == nullptr) {
            *size = context->key->max_size();
            return 1;
        }
        *size = room;
        return SignatureWait::sign(context->key, context->terms, ByteView(message, message_size), out, size)
                   ? 1
                   : 0;
    });
}

// --- decryption, by the real key

struct CipherContext {
    std::shared_ptr<const WrappedKey> key;
    EVP_PKEY_CTX* context = nullptr;
};

void* new_cipher(void*) {
    return guarded(static_cast<void*>(nullptr), []() -> void* { return new CipherContext(); });
}

void free_cipher(void* data) {
    auto* cipher = static_cast<CipherContext*>(data);
    EVP_PKEY_CTX_free(cipher->context);
    delete cipher;
}

int set_cipher(void* data, const OSSL_PARAM parameters[]) {
    const auto* cipher = static_cast<const CipherContext*>(data);
    return parameters == nullptr || EVP_PKEY_CTX_set_params(cipher->context, parameters) == 1 ? 1 : 0;
}

const OSSL_PARAM* settable_cipher(void*, void*) {
    static const OSSL_PARAM kSettable[] = {
        OSSL_PARAM_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, nullptr, 0),
        OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_CLIENT_VERSION, nullptr),
        OSSL_PARAM_uint(OSSL_ASYM_CIPHER_PARAM_TLS_NEGOTIATED_VERSION, nullptr), OSSL_PARAM_END};
    return kSettable;
}

int begin_decryption(void* data, void* key, const OSSL_PARAM parameters[]) {
    return guarded(0, [&] {
        auto* cipher = static_cast<CipherContext*>(data);
        cipher->key = static_cast<const WrappedKeyHandle*>(key)->key;
        EVP_PKEY_CTX_free(cipher->context);
        cipher->context = EVP_PKEY_CTX_new_from_pkey(nullptr, cipher->key->original.get(), nullptr);
        return cipher->context != nullptr && EVP_PKEY_decrypt_init(cipher->context) == 1
                   ? set_cipher(cipher, parameters)
                   : 0;
    });
}

int decrypt(void* data, unsigned char* out, size_t* size, size_t room, const unsigned char* in,
            size_t in_size) {
    *size = room;
    return EVP_PKEY_decrypt(static_cast<CipherContext*>(data)->context, out, size, in, in_size) == 1 ? 1 : 0;
}

}  // namespace

const OSSL_DISPATCH kWrappedSignatureFunctions[] = {
    entry(OSSL_FUNC_SIGNATURE_NEWCTX, new_signing),
    entry(OSSL_FUNC_SIGNATURE_FREECTX, free_signing),
    entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, begin_signing),
    entry(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign),
    entry(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, set_terms),
    entry(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, settable_terms),
    {0, nullptr}};

const OSSL_DISPATCH kWrappedCipherFunctions[] = {
    entry(OSSL_FUNC_ASYM_CIPHER_NEWCTX, new_cipher),
    entry(OSSL_FUNC_ASYM_CIPHER_FREECTX, free_cipher),
    entry(OSSL_FUNC_ASYM_CIPHER_DECRYPT_INIT, begin_decryption),
    entry(OSSL_FUNC_ASYM_CIPHER_DECRYPT, decrypt),
    entry(OSSL_FUNC_ASYM_CIPHER_SET_CTX_PARAMS, set_cipher),
    entry(OSSL_FUNC_ASYM_CIPHER_SETTABLE_CTX_PARAMS, settable_cipher),
    {0, nullptr}};

}  // namespace tls

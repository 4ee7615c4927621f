// Keys with a method of their own are what OpenSSL deprecates.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/signing_key.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <atomic>
#include <memory>
#include <utility>

#include "base/guard.h"
#include "keys/prepared.h"

namespace tls {

namespace {

using SignDigest = ECDSA_SIG* (*)(const unsigned char* digest, int size, const BIGNUM* inverse,
                                  const BIGNUM* r, EC_KEY* key);

SignDigest openssl_sign() {
    int (*sign)(int, const unsigned char*, int, unsigned char*, unsigned*, const BIGNUM*, const BIGNUM*,
                EC_KEY*) = nullptr;
    int (*setup)(EC_KEY*, BN_CTX*, BIGNUM**, BIGNUM**) = nullptr;
    SignDigest sign_digest = nullptr;
    EC_KEY_METHOD_get_sign(EC_KEY_OpenSSL(), &sign, &setup, &sign_digest);
    return sign_digest;
}

// Moves the half out: whatever becomes of the signature, it is not there for another.
SignatureHalf take_half(const EC_KEY* key) {
    Prepared* prepared = PreparedScope::current();
    if (prepared == nullptr || !prepared->half.ready() ||
        EC_GROUP_get_curve_name(EC_KEY_get0_group(key)) != prepared->signer->curve) {
        return {};
    }
    return std::move(prepared->half);
}

ECDSA_SIG* sign_digest(const unsigned char* digest, int size, const BIGNUM* inverse, const BIGNUM* r,
                       EC_KEY* key) {
    static const SignDigest kOpenssl = openssl_sign();
    if (inverse == nullptr && r == nullptr) {
        const SignatureHalf half = take_half(key);
        // A half that makes no signature is as good as none.
        ERR_set_mark();
        ECDSA_SIG* signature =
            half.ready() ? kOpenssl(digest, size, half.inverse.get(), half.r.get(), key) : nullptr;
        ERR_pop_to_mark();
        if (signature != nullptr) {
            return signature;
        }
    }
    return kOpenssl(digest, size, inverse, r, key);
}

const EC_KEY_METHOD* method() {
    static EC_KEY_METHOD* const kMethod = [] {
        EC_KEY_METHOD* made = EC_KEY_METHOD_new(EC_KEY_OpenSSL());
        if (made != nullptr) {
            int (*sign)(int, const unsigned char*, int, unsigned char*, unsigned*, const BIGNUM*,
                        const BIGNUM*, EC_KEY*) = nullptr;
            int (*setup)(EC_KEY*, BN_CTX*, BIGNUM**, BIGNUM**) = nullptr;
            SignDigest unused = nullptr;
            EC_KEY_METHOD_get_sign(made, &sign, &setup, &unused);
            EC_KEY_METHOD_set_sign(made, sign, setup, sign_digest);
        }
        return made;
    }();
    return kMethod;
}

struct EcDeleter {
    void operator()(EC_KEY* key) const { EC_KEY_free(key); }
};
using UniqueEc = std::unique_ptr<EC_KEY, EcDeleter>;

// Null for a key that halves cannot be made for.
UniqueEc signing_copy(EVP_PKEY* key, int* curve) {
    if (EVP_PKEY_is_a(key, "EC") != 1 || method() == nullptr) {
        return nullptr;
    }
    const EC_KEY* original = EVP_PKEY_get0_EC_KEY(key);
    const EC_GROUP* group = original != nullptr ? EC_KEY_get0_group(original) : nullptr;
    *curve = group != nullptr ? EC_GROUP_get_curve_name(group) : 0;
    if (original == nullptr || EC_KEY_get0_private_key(original) == nullptr ||
        (*curve != NID_X9_62_prime256v1 && *curve != NID_secp384r1)) {
        return nullptr;
    }
    UniqueEc copy(EC_KEY_dup(original));
    return copy != nullptr && EC_KEY_set_method(copy.get(), method()) == 1 ? std::move(copy) : nullptr;
}

SigningKey put(UniqueEc copy, int curve, UniquePkey place) {
    if (copy == nullptr || place == nullptr || EVP_PKEY_assign_EC_KEY(place.get(), copy.get()) != 1) {
        return {};
    }
    // Fewer than one each nanosecond for five hundred years.
    static std::atomic<uint64_t> last{0};
    SigningKey made;
    made.curve = curve;
    made.number = ++last;
    made.private_number = EC_KEY_get0_private_key(copy.release());
    made.key = std::move(place);
    return made;
}

}  // namespace

SigningKey make_signing_key(EVP_PKEY* key) {
    int curve = 0;
    UniqueEc copy = signing_copy(key, &curve);
    return put(std::move(copy), curve, UniquePkey(EVP_PKEY_new()));
}

SigningKey replace_by_signing_key(UniquePkey place, EVP_PKEY* key) {
    int curve = 0;
    UniqueEc copy = signing_copy(key, &curve);
    const int form = EVP_PKEY_get_ec_point_conv_form(place.get());
    if (copy != nullptr && form != 0) {
        // A client may refuse compressed points, and libssl asks the certificate's key which it has.
        EC_KEY_set_conv_form(copy.get(), static_cast<point_conversion_form_t>(form));
    }
    return put(std::move(copy), curve, std::move(place));
}

}  // namespace tls

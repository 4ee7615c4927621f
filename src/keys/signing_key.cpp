// Keys with a method of their own are what OpenSSL deprecates.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/signing_key.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <atomic>

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

}  // namespace

SigningKey make_signing_key(EVP_PKEY* key) {
    SigningKey made;
    if (EVP_PKEY_is_a(key, "EC") != 1 || method() == nullptr) {
        return made;
    }
    const EC_KEY* original = EVP_PKEY_get0_EC_KEY(key);
    const EC_GROUP* group = original != nullptr ? EC_KEY_get0_group(original) : nullptr;
    made.curve = group != nullptr ? EC_GROUP_get_curve_name(group) : 0;
    if (original == nullptr || EC_KEY_get0_private_key(original) == nullptr ||
        (made.curve != NID_X9_62_prime256v1 && made.curve != NID_secp384r1)) {
        return made;
    }
    EC_KEY* copy = EC_KEY_dup(original);
    UniquePkey holder(EVP_PKEY_new());
    if (copy == nullptr || holder == nullptr || EC_KEY_set_method(copy, method()) != 1 ||
        EVP_PKEY_assign_EC_KEY(holder.get(), copy) != 1) {
        EC_KEY_free(copy);
        return {};
    }
    // Fewer than one each nanosecond for five hundred years.
    static std::atomic<uint64_t> last{0};
    made.number = ++last;
    made.private_number = EC_KEY_get0_private_key(copy);
    made.key = std::move(holder);
    return made;
}

}  // namespace tls

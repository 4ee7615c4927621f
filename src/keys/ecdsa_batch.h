// What an ECDSA signature (FIPS 186-4, curves P-256 and P-384) needs before the digest is known, for up to
// eight signatures at a time: the inverse of a nonce, and the r that belongs to it.
//
// Used for the hellos of one turn. OpenSSL makes the nonces and finishes the signatures; what lies between is
// crypto_mb's, in constant time. A nonce that is used twice gives the private key away: each half is moved,
// never copied, and used for one signature.
#pragma once

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "base/bytes.h"
#include "base/openssl.h"
#include "keys/crypto_mb.h"

namespace tls {

using UniqueNumber = std::unique_ptr<BIGNUM, OpensslDeleter<BIGNUM, BN_clear_free>>;
using UniqueGroup = std::unique_ptr<EC_GROUP, OpensslDeleter<EC_GROUP, EC_GROUP_free>>;

// A number of crypto_mb's, `size` bytes, as one that OpenSSL treats as secret. Null when memory ran out.
UniqueNumber secret_number(const uint64_t* words, size_t size);

struct SignatureHalf {
    UniqueNumber inverse;  // of the nonce, modulo the curve's order
    UniqueNumber r;

    bool ready() const { return inverse != nullptr && r != nullptr; }
};

struct SignatureWish {
    const BIGNUM* private_key = nullptr;  // goes into the nonce, with `context` and fresh randomness
    ByteView context;                     // what this signature will be for: the client's hello
};

// P-256 or P-384.
class SignatureCurve {
  public:
    // `nid` is NID_X9_62_prime256v1 or NID_secp384r1; null for others, and when memory ran out.
    static std::unique_ptr<SignatureCurve> make(int nid);

    // Halves for `count` (at most kLanes) signatures by any keys of this curve. A lane that could not be made
    // is left empty.
    void prepare(const CryptoMb& mb, const SignatureWish* wishes, SignatureHalf* halves, size_t count) const;

    // The fewest that are faster in one call than by OpenSSL one by one.
    size_t worthwhile() const { return worthwhile_; }

  private:
    static constexpr size_t kWords = 6;

    bool make_nonce(const SignatureWish& wish, BN_CTX* numbers, uint64_t* words) const;

    UniqueGroup group_;
    int size_ = 0;  // bytes of a number
    size_t worthwhile_ = 1;
};

}  // namespace tls

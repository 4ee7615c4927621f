// RSA private operations (RFC 8017 section 5.2.1) of one key size, up to eight at a time, by any keys.
//
// Used for signatures of handshakes that wait together. What is raised to the power is encoded before;
// crypto_mb does the arithmetic in constant time. Every result is checked by the public key before anybody
// sees it: a faulty one would give the private key away.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/openssl.h"
#include "keys/crypto_mb.h"

namespace tls {

// A private key as the library takes it. Wiped with the object. One thread at a time.
class RsaNumbers {
  public:
    // Null for keys of other kinds or sizes than 2048, 3072 and 4096 bits, with more than two factors, or
    // that another provider does not give away.
    static std::unique_ptr<RsaNumbers> of(const EVP_PKEY* key);
    ~RsaNumbers();
    RsaNumbers(const RsaNumbers&) = delete;
    RsaNumbers& operator=(const RsaNumbers&) = delete;

    int bits() const { return static_cast<int>(size_ * 8); }
    size_t size() const { return size_; }  // of the modulus, bytes

    // The modulus and the public exponent, for OpenSSL's functions that want them so.
    RSA* public_key() const { return public_key_; }

  private:
    friend class RsaBatch;
    enum Number { kP, kQ, kDp, kDq, kQInverse, kNumbers };

    RsaNumbers() = default;
    bool read(const EVP_PKEY* key);

    size_t size_ = 0;
    std::vector<uint64_t> words_[kNumbers];  // the lowest first
    RSA* public_key_ = nullptr;
};

// Lanes are added, then calculated once.
class RsaBatch {
  public:
    static constexpr size_t kMaxSize = 512;  // bytes

    size_t count() const { return count_; }
    bool full() const { return count_ == kLanes; }
    // All keys of a batch have one size; `key` outlives it. `encoded` has as many bytes as the modulus. Not
    // when full.
    void add(const RsaNumbers& key, const uint8_t* encoded);
    // Which lanes are good.
    LaneMask calculate(const CryptoMb& mb);
    // Of a good lane, as many bytes as the modulus.
    const uint8_t* result(size_t lane) const { return out_[lane]; }

  private:
    bool is_right(size_t lane) const;

    size_t count_ = 0;
    const RsaNumbers* keys_[kLanes] = {};
    uint8_t in_[kLanes][kMaxSize];
    uint8_t out_[kLanes][kMaxSize];
};

}  // namespace tls

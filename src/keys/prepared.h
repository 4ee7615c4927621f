// What was made for one handshake before libssl was entered, and how the provider finds it there: libssl has
// no argument for it.
//
// Filled for the hellos of one turn; used up by the key exchange (and the signature) of that handshake, or
// wiped with it. Whatever is not here, or does not fit, is made on the spot.
#pragma once

#include <openssl/crypto.h>

#include <vector>

#include "keys/ecdsa_batch.h"
#include "keys/x25519_batch.h"

namespace tls {

struct SigningKey;

struct Prepared {
    Prepared() = default;
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;
    ~Prepared() { wipe_exchange(); }

    void wipe_exchange() {
        OPENSSL_cleanse(&pair, sizeof(pair));
        OPENSSL_cleanse(secret.data(), secret.size());
        has_pair = has_secret = false;
    }

    bool has_pair = false;
    bool has_secret = false;  // what `pair` and `peer` make
    X25519Pair pair{};
    bool has_peer = false;  // `peer` is the client's share for X25519
    X25519Key peer{};
    X25519Key secret{};

    // The key that will sign, its owner's; null when none is foreseen.
    const SigningKey* signer = nullptr;
    std::vector<uint8_t> hello;  // what it will sign for
    bool takes_ahead = false;    // also halves of the signer's that were made before this hello
    SignatureHalf half;          // for one signature by a key of the signer's curve
};

// While it lives, what the provider does in this thread is for that handshake.
class PreparedScope {
  public:
    explicit PreparedScope(Prepared* prepared) : before_(current_) { current_ = prepared; }
    ~PreparedScope() { current_ = before_; }
    PreparedScope(const PreparedScope&) = delete;
    PreparedScope& operator=(const PreparedScope&) = delete;

    // Null outside of a scope.
    static Prepared* current() { return current_; }

  private:
    Prepared* before_;
    static thread_local Prepared* current_;
};

}  // namespace tls

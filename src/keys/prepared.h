// What was made for one handshake before libssl was entered, and how the provider finds it there: libssl has
// no argument for it.
//
// Filled for the hellos of one turn; used up by the key exchange (and the signature) of that handshake, or
// wiped with it. Whatever is not here, or does not fit, is made on the spot.
#pragma once

#include <openssl/crypto.h>

#include <type_traits>
#include <vector>

#include "keys/ecdsa_batch.h"
#include "keys/exchange_kind.h"

namespace tls {

struct SigningKey;

// A pair, the client's share, and what they make.
template <class Kind>
struct PreparedExchange {
    PreparedExchange() = default;
    PreparedExchange(const PreparedExchange&) = delete;
    PreparedExchange& operator=(const PreparedExchange&) = delete;
    ~PreparedExchange() { wipe_exchange(); }

    void wipe_exchange() {
        OPENSSL_cleanse(&pair, sizeof(pair));
        OPENSSL_cleanse(secret.data(), secret.size());
        has_pair = has_secret = false;
    }

    bool has_pair = false;
    bool has_secret = false;  // what `pair` and `peer` make
    typename Kind::Pair pair{};
    bool has_peer = false;  // `peer` is the client's share
    typename Kind::Public peer{};
    typename Kind::Secret secret{};
};

// By itself the exchange of most: X25519.
struct Prepared : PreparedExchange<X25519Kind> {
    PreparedExchange<P256Kind> p256;

    template <class Kind>
    PreparedExchange<Kind>& exchange() {
        if constexpr (std::is_same_v<Kind, P256Kind>) {
            return p256;
        } else {
            return *this;
        }
    }

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

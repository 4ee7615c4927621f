// X25519 key pairs for handshakes to come, eight at a time, because that is what one call of crypto_mb makes.
//
// Used by the key exchange, one pool a process, in its one thread. Each pair is handed out once and not kept;
// a fork takes none along.
#pragma once

#include "keys/wiped_page.h"
#include "keys/x25519_batch.h"

namespace tls {

class PairPool {
  public:
    // Moves a pair out, after making eight when none is left. False when the library failed or memory cannot
    // be kept from a fork: OpenSSL then makes the pair.
    bool take(const CryptoMb& mb, X25519Pair* pair);

  private:
    struct Pairs {
        size_t left;
        X25519Pair pairs[kLanes];
    };

    bool refill(const CryptoMb& mb);

    WipedPage<Pairs> page_;
};

}  // namespace tls

// Key pairs for handshakes to come, eight at a time, because that is what one call of crypto_mb makes.
//
// Used by the key exchanges, one pool of each kind a process, in its one thread. Each pair is handed out once
// and not kept; a fork takes none along.
#pragma once

#include "keys/exchange_kind.h"
#include "keys/wiped_page.h"

namespace tls {

template <class Kind>
class PairPool {
  public:
    using Pair = typename Kind::Pair;

    // Moves a pair out, after making eight when none is left. False when the library failed or memory cannot
    // be kept from a fork: OpenSSL then makes the pair.
    bool take(const CryptoMb& mb, Pair* pair) {
        Pairs* pool = page_.get();
        if (pool == nullptr || (pool->left == 0 && !refill(mb))) {
            return false;
        }
        --pool->left;
        *pair = pool->pairs[pool->left];
        OPENSSL_cleanse(&pool->pairs[pool->left], sizeof(Pair));
        return true;
    }

  private:
    struct Pairs {
        size_t left;
        Pair pairs[kLanes];
    };

    bool refill(const CryptoMb& mb) {
        Pair made[kLanes];
        const LaneMask good = Kind::make_pairs(mb, made, kLanes);
        Pairs* pool = page_.get();
        for (size_t lane = 0; lane < kLanes; ++lane) {
            if ((good >> lane & 1U) != 0) {
                pool->pairs[pool->left] = made[lane];
                ++pool->left;
            }
        }
        OPENSSL_cleanse(made, sizeof(made));
        return pool->left != 0;
    }

    WipedPage<Pairs> page_;
};

}  // namespace tls

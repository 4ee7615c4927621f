#include "keys/pair_pool.h"

namespace tls {

bool PairPool::take(const CryptoMb& mb, X25519Pair* pair) {
    Pairs* pool = page_.get();
    if (pool == nullptr || (pool->left == 0 && !refill(mb))) {
        return false;
    }
    --pool->left;
    *pair = pool->pairs[pool->left];
    OPENSSL_cleanse(&pool->pairs[pool->left], sizeof(X25519Pair));
    return true;
}

bool PairPool::refill(const CryptoMb& mb) {
    X25519Pair made[kLanes];
    const LaneMask good = make_x25519_pairs(mb, made, kLanes);
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

}  // namespace tls

// What the two key exchanges of this room differ in; everything else about them is written once. And where
// one is half of another group's share.
//
// Used by the pair pool, the turn and the provider.
#pragma once

#include "keys/p256_batch.h"
#include "keys/x25519_batch.h"

namespace tls {

// Of a client's share of X25519MLKEM768, in bytes: behind it is X25519's (draft-ietf-tls-ecdhe-mlkem
// section 4.1).
constexpr size_t kMlKem768Key = 1184;

struct X25519Kind {
    using Pair = X25519Pair;
    using Exchange = X25519Exchange;
    using Private = X25519Key;
    using Public = X25519Key;
    using Secret = X25519Key;

    static constexpr int kBits = 253;
    // The fewest that are faster together than by OpenSSL one by one.
    static constexpr size_t kWorthwhile = 2;

    static LaneMask make_pairs(const CryptoMb& mb, Pair* pairs, size_t count) {
        return make_x25519_pairs(mb, pairs, count);
    }
    static LaneMask derive(const CryptoMb& mb, Exchange* exchanges, size_t count) {
        return derive_x25519(mb, exchanges, count);
    }
};

struct P256Kind {
    using Pair = P256Pair;
    using Exchange = P256Exchange;
    using Private = P256Number;
    using Public = P256Point;
    using Secret = P256Secret;

    static constexpr int kBits = 256;
    static constexpr size_t kWorthwhile = 3;

    static LaneMask make_pairs(const CryptoMb& mb, Pair* pairs, size_t count) {
        return make_p256_pairs(mb, pairs, count);
    }
    static LaneMask derive(const CryptoMb& mb, Exchange* exchanges, size_t count) {
        return derive_p256(mb, exchanges, count);
    }
};

}  // namespace tls

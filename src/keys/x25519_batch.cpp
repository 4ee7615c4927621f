#include "keys/x25519_batch.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace tls {

namespace {

bool is_good(LaneMask mask, size_t lane) {
    return (mask >> lane & 1U) != 0;
}

bool is_zero(const X25519Key& key) {
    constexpr X25519Key kZero{};
    return CRYPTO_memcmp(key.data(), kZero.data(), key.size()) == 0;
}

// libcrypto_mb 2021.12 is wrong for some points whose numbers have long runs of ones, p - 1 among them, where
// OpenSSL is not: those are OpenSSL's. Points of honest clients are random, and have such runs once in 2^30.
bool has_long_run(const X25519Key& point) {
    constexpr size_t kRun = 5;
    size_t equal = 0;
    for (size_t i = 0; i < point.size(); ++i) {
        const bool extreme = point[i] == 0x00 || point[i] == 0xff;
        equal = extreme ? equal + 1 : 0;
        if (equal == kRun) {
            return true;
        }
    }
    return false;
}

}  // namespace

LaneMask make_x25519_pairs(const CryptoMb& mb, X25519Pair* pairs, size_t count) {
    uint8_t* out[kLanes] = {};
    const uint8_t* in[kLanes] = {};
    for (size_t lane = 0; lane < count; ++lane) {
        X25519Pair& pair = pairs[lane];
        if (RAND_priv_bytes(pair.private_key.data(), static_cast<int>(pair.private_key.size())) != 1) {
            OPENSSL_cleanse(pairs, count * sizeof(*pairs));
            return 0;
        }
        in[lane] = pair.private_key.data();
        out[lane] = pair.public_key.data();
    }
    const LaneMask good = good_lanes(mb.x25519_public(out, in), count);
    for (size_t lane = 0; lane < count; ++lane) {
        if (!is_good(good, lane)) {
            OPENSSL_cleanse(&pairs[lane], sizeof(pairs[lane]));
        }
    }
    return good;
}

LaneMask derive_x25519(const CryptoMb& mb, X25519Exchange* exchanges, size_t count) {
    uint8_t* out[kLanes] = {};
    const uint8_t* private_key[kLanes] = {};
    const uint8_t* peer[kLanes] = {};
    LaneMask good = 0;
    for (size_t lane = 0; lane < count; ++lane) {
        if (has_long_run(*exchanges[lane].peer)) {
            continue;
        }
        good = static_cast<LaneMask>(good | 1U << lane);
        out[lane] = exchanges[lane].secret.data();
        private_key[lane] = exchanges[lane].private_key->data();
        peer[lane] = exchanges[lane].peer->data();
    }
    good = good & good_lanes(mb.x25519(out, private_key, peer), count);
    for (size_t lane = 0; lane < count; ++lane) {
        if (is_good(good, lane) && is_zero(exchanges[lane].secret)) {
            good = static_cast<LaneMask>(good & ~(1U << lane));
        }
        if (!is_good(good, lane)) {
            OPENSSL_cleanse(exchanges[lane].secret.data(), exchanges[lane].secret.size());
        }
    }
    return good;
}

}  // namespace tls

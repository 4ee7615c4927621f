#include "keys/p256_batch.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <algorithm>
#include <cstring>

#include "keys/ecdsa_batch.h"

namespace tls {

namespace {

constexpr size_t kWords = 4;
constexpr size_t kSize = 32;
constexpr uint8_t kUncompressed = 4;

using Number = uint64_t[kWords];

uint8_t* bytes_of(uint64_t* words) {
    return reinterpret_cast<uint8_t*>(words);
}

// From 1 to the order, without it.
bool make_private_key(P256Number* key) {
    static const UniqueGroup kGroup(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    const UniqueNumber number(BN_secure_new());
    if (kGroup == nullptr || number == nullptr) {
        return false;
    }
    do {
        if (BN_priv_rand_range(number.get(), EC_GROUP_get0_order(kGroup.get())) != 1) {
            return false;
        }
    } while (BN_is_zero(number.get()) != 0);
    return BN_bn2lebinpad(number.get(), key->data(), static_cast<int>(kSize)) == static_cast<int>(kSize);
}

// Of the field, the highest byte first (SEC 2 section 2.4.2).
constexpr uint8_t kPrime[kSize] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
                                   0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff,
                                   0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// The library finds points that are not on the curve, but takes coordinates that are not below the prime.
bool may_be_point(const P256Point& point) {
    const uint8_t* x = point.data() + 1;
    const uint8_t* y = x + kSize;
    return point[0] == kUncompressed && memcmp(x, kPrime, kSize) < 0 && memcmp(y, kPrime, kSize) < 0;
}

bool is_good(LaneMask mask, size_t lane) {
    return (mask >> lane & 1U) != 0;
}

}  // namespace

LaneMask make_p256_pairs(const CryptoMb& mb, P256Pair* pairs, size_t count) {
    Number keys[kLanes];
    Number xs[kLanes];
    Number ys[kLanes];
    const uint64_t* key[kLanes] = {};
    uint64_t* x[kLanes] = {};
    uint64_t* y[kLanes] = {};
    LaneMask good = 0;
    for (size_t lane = 0; lane < count; ++lane) {
        if (make_private_key(&pairs[lane].private_key)) {
            std::copy(pairs[lane].private_key.begin(), pairs[lane].private_key.end(), bytes_of(keys[lane]));
            key[lane] = keys[lane];
            x[lane] = xs[lane];
            y[lane] = ys[lane];
            good = static_cast<LaneMask>(good | 1U << lane);
        }
    }
    good = good & good_lanes(mb.p256_public(x, y, nullptr, key, nullptr), count);
    OPENSSL_cleanse(keys, sizeof(keys));
    for (size_t lane = 0; lane < count; ++lane) {
        if (!is_good(good, lane)) {
            OPENSSL_cleanse(&pairs[lane], sizeof(pairs[lane]));
            continue;
        }
        P256Point& point = pairs[lane].public_key;
        point[0] = kUncompressed;
        std::reverse_copy(bytes_of(xs[lane]), bytes_of(xs[lane]) + kSize, point.begin() + 1);
        std::reverse_copy(bytes_of(ys[lane]), bytes_of(ys[lane]) + kSize, point.begin() + 1 + kSize);
    }
    return good;
}

LaneMask derive_p256(const CryptoMb& mb, P256Exchange* exchanges, size_t count) {
    Number keys[kLanes];
    Number xs[kLanes];
    Number ys[kLanes];
    const uint64_t* key[kLanes] = {};
    const uint64_t* x[kLanes] = {};
    const uint64_t* y[kLanes] = {};
    uint8_t* secret[kLanes] = {};
    LaneMask good = 0;
    for (size_t lane = 0; lane < count; ++lane) {
        const P256Point& point = *exchanges[lane].peer;
        if (!may_be_point(point)) {
            continue;
        }
        std::copy(exchanges[lane].private_key->begin(), exchanges[lane].private_key->end(),
                  bytes_of(keys[lane]));
        std::reverse_copy(point.begin() + 1, point.begin() + 1 + kSize, bytes_of(xs[lane]));
        std::reverse_copy(point.begin() + 1 + kSize, point.end(), bytes_of(ys[lane]));
        key[lane] = keys[lane];
        x[lane] = xs[lane];
        y[lane] = ys[lane];
        secret[lane] = exchanges[lane].secret.data();
        good = static_cast<LaneMask>(good | 1U << lane);
    }
    good = good & good_lanes(mb.p256_derive(secret, key, x, y, nullptr, nullptr), count);
    OPENSSL_cleanse(keys, sizeof(keys));
    for (size_t lane = 0; lane < count; ++lane) {
        if (!is_good(good, lane)) {
            OPENSSL_cleanse(exchanges[lane].secret.data(), exchanges[lane].secret.size());
        }
    }
    return good;
}

}  // namespace tls

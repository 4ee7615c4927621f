// ECDH on P-256 (SEC 1 section 3.3.1, RFC 8446 section 7.4.2) for up to eight key exchanges at a time.
//
// Used by the pair pool and for the hellos of one turn. Private keys are OpenSSL's random numbers; all other
// arithmetic is crypto_mb's, in constant time.
#pragma once

#include <array>
#include <cstdint>

#include "keys/crypto_mb.h"

namespace tls {

// Below the curve's order, the lowest byte first.
using P256Number = std::array<uint8_t, 32>;
// As it is on the wire: 4, then both coordinates with the highest byte first.
using P256Point = std::array<uint8_t, 65>;
using P256Secret = std::array<uint8_t, 32>;

// Wiped by whoever took it, once it was used.
struct P256Pair {
    P256Number private_key;
    P256Point public_key;
};

struct P256Exchange {
    const P256Number* private_key = nullptr;
    const P256Point* peer = nullptr;
    P256Secret secret{};  // the answer; zero where the lane is not good
};

// Fills the first `count` (at most kLanes) pairs; returns which are good. Others are wiped.
LaneMask make_p256_pairs(const CryptoMb& mb, P256Pair* pairs, size_t count);

// The shared secrets of `count` exchanges; returns which are good. The others, points that are not on the
// curve among them, are for OpenSSL to judge.
LaneMask derive_p256(const CryptoMb& mb, P256Exchange* exchanges, size_t count);

}  // namespace tls

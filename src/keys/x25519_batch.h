// X25519 (RFC 7748) for up to eight key exchanges at a time.
//
// Used by the pair pool and for the hellos of one turn. All arithmetic is crypto_mb's, in constant time.
#pragma once

#include <array>
#include <cstdint>

#include "keys/crypto_mb.h"

namespace tls {

using X25519Key = std::array<uint8_t, 32>;

// Wiped by whoever took it, once it was used.
struct X25519Pair {
    X25519Key private_key;
    X25519Key public_key;
};

struct X25519Exchange {
    const X25519Key* private_key = nullptr;
    const X25519Key* peer = nullptr;
    X25519Key secret{};  // the answer; zero where the lane is not good
};

// Fills the first `count` (at most kLanes) pairs from fresh randomness; returns which are good. Others are
// wiped.
LaneMask make_x25519_pairs(const CryptoMb& mb, X25519Pair* pairs, size_t count);

// The shared secrets of `count` exchanges; returns which are good. The others are for OpenSSL to judge, one
// by one: odd points, which the library is not trusted with, and those of small order, which make an all-zero
// secret (RFC 8446 section 7.4.2).
LaneMask derive_x25519(const CryptoMb& mb, X25519Exchange* exchanges, size_t count);

}  // namespace tls

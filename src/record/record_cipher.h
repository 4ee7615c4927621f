// AEAD of records, by libcrypto, or AES-GCM by libipsec-mb for keys that say so.
//
// Used by sealing and opening. A few contexts for each suite and direction serve all connections of a worker
// and take a connection's key when it needs one: between two records of one connection nothing is set up
// again, and no connection owns a context.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "record/traffic_keys.h"

namespace tls {

constexpr size_t kTagSize = 16;

using Nonce = std::array<uint8_t, 12>;

// Encrypts `size` bytes at `data` in place and writes the tag behind them. False when libcrypto failed.
bool encrypt(const TrafficKeys& keys, const Nonce& nonce, ByteView authenticated, uint8_t* data, size_t size);

// Decrypts `size` bytes at `data`, behind which the tag stands, to `out`; the two are the same or do not
// overlap. False when they are not authentic; what is at `out` then must not be looked at.
bool decrypt(const TrafficKeys& keys, const Nonce& nonce, ByteView authenticated, const uint8_t* data,
             size_t size, uint8_t* out);

}  // namespace tls

// SipHash-2-4 (Aumasson, Bernstein 2012) under a random key of its own: a hash whose collisions nobody
// outside can find.
//
// Used for tables over what clients send. Not for signatures, and different in every object.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tls {

class KeyedHash {
  public:
    // A random key.
    KeyedHash();
    explicit KeyedHash(std::array<uint64_t, 2> key) : key_(key) {}

    uint64_t operator()(std::string_view text) const;

  private:
    std::array<uint64_t, 2> key_{};
};

}  // namespace tls

// Intel's multi-buffer library (libcrypto_mb): eight operations of one kind by one call, on processors with
// AVX-512 IFMA.
//
// Used by the batches of this room only. Found when the program runs, so that the module loads on machines
// without it; the functions are therefore known by pointer, with the library's own prototypes. Never
// unloaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tls {

constexpr size_t kLanes = 8;

// Which lanes of a call are good, one bit each.
using LaneMask = uint8_t;

// A lane that is not in use has null pointers. Numbers are 64-bit words, the lowest first; `buffer` is unused
// and null. The answer has four bits for each lane, 0 for success.
struct CryptoMb {
    using Bytes = const uint8_t* const*;
    using Words = const uint64_t* const*;

    uint32_t (*x25519_public)(uint8_t* const* out, Bytes private_key);
    uint32_t (*x25519)(uint8_t* const* secret, Bytes private_key, Bytes peer);
    // A point is its two coordinates; the third, of projective ones, is null. The secret is the shared x, the
    // highest byte first.
    uint32_t (*p256_public)(uint64_t* const* x, uint64_t* const* y, uint64_t* const* z, Words private_key,
                            uint8_t* buffer);
    uint32_t (*p256_derive)(uint8_t* const* secret, Words private_key, Words x, Words y, Words z,
                            uint8_t* buffer);
    uint32_t (*p256_sign_setup)(uint64_t** inverse, uint64_t** r, Words nonce, uint8_t* buffer);
    uint32_t (*p384_sign_setup)(uint64_t** inverse, uint64_t** r, Words nonce, uint8_t* buffer);
    // x^d modulo n by the Chinese remainder theorem (RFC 8017 section 5.1.2). `bits` of the modulus: 2048,
    // 3072 or 4096; factors, exponents and coefficient have half as many. `in` and `out` have the lowest byte
    // last.
    uint32_t (*rsa_private_crt)(Bytes in, uint8_t* const* out, Words p, Words q, Words dp, Words dq,
                                Words q_inverse, int bits, const void* method, uint8_t* buffer);
};

// A call's answer as a mask of its first `count` lanes.
LaneMask good_lanes(uint32_t status, size_t count);

struct CryptoMbAnswer {
    std::shared_ptr<const CryptoMb> library;  // null: not here, or not for this processor
    std::string name;                         // the file that was loaded, or tried
    std::string reason;                       // when `library` is null: why, in words
};

// Looks in the system's places, then in `folder` when it is not empty.
CryptoMbAnswer load_crypto_mb(const std::string& folder);

// The same, once a process, with the folder of the module itself.
const CryptoMbAnswer& crypto_mb();

}  // namespace tls

// HMAC (RFC 2104) over SHA-256 and SHA-384, the hashes of TLS 1.3 and of TLS 1.2's PRF.
//
// Used by the key schedules, for tickets, and by the keys room's provider. libcrypto's hash functions are
// called directly: finding an HMAC and a digest by name costs more than what they compute.
#pragma once

#include <openssl/sha.h>

#include "base/bytes.h"

namespace tls {

enum class HashKind : uint8_t { Sha256, Sha384 };

constexpr size_t kMaxHash = 48;

// Bytes of a digest, and of the blocks that it is made of.
inline size_t size_of(HashKind hash) {
    return hash == HashKind::Sha256 ? 32 : 48;
}
inline size_t block_of(HashKind hash) {
    return hash == HashKind::Sha256 ? 64 : 128;
}

// By one of the names that OpenSSL has for it. False for others; null is one of them.
bool find_hash(const char* name, HashKind* hash);

// `out`: size_of(hash) bytes.
void hash_of(HashKind hash, ByteView bytes, uint8_t* out);

// One MAC. A copy goes on from where it was made, so that a keyed one serves for many. Wiped when it goes.
class Hmac {
  public:
    Hmac(HashKind hash, ByteView key);

    HashKind hash() const { return inner_.hash(); }
    void add(ByteView bytes) { inner_.add(bytes); }
    // size_of(hash()) bytes. Nothing may be added afterwards.
    void finish(uint8_t* out);

  private:
    friend void hash_of(HashKind hash, ByteView bytes, uint8_t* out);

    class Digest {
      public:
        explicit Digest(HashKind hash);
        ~Digest();
        Digest(const Digest&) = default;
        Digest& operator=(const Digest&) = default;

        HashKind hash() const { return hash_; }
        void add(ByteView bytes);
        void finish(uint8_t* out);

      private:
        HashKind hash_;
        union {
            SHA256_CTX sha256;
            SHA512_CTX sha512;
        } state_;
    };

    Digest inner_;
    Digest outer_;
};

}  // namespace tls

// The keys of one direction of a connection, as the handshake left them, and where its counting stands.
//
// Used by sealing and opening. A value: no OpenSSL object, so that an idle connection costs these bytes and
// no more. Wiped when it goes.
#pragma once

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace tls {

enum class RecordVersion : uint8_t { Tls12, Tls13 };
enum class RecordSuite : uint8_t { Aes128Gcm, Aes256Gcm, ChaCha20Poly1305 };

struct TrafficKeys {
    std::array<uint8_t, 32> key{};  // 16 of them count for Aes128Gcm
    // RFC 8446 section 5.3, RFC 7905 section 2; GCM in TLS 1.2 (RFC 5288 section 3): the first four bytes,
    // behind which the explicit nonce of a record with the sequence 0 would stand.
    std::array<uint8_t, 12> iv{};
    RecordVersion version = RecordVersion::Tls13;
    RecordSuite suite = RecordSuite::Aes128Gcm;
    uint8_t ipsec_mb = 0;    // the number of what seals and opens AES-GCM, see enroll(); 0: libcrypto does
    uint64_t sequence = 0;   // of the next record
    uint64_t id = new_id();  // no other keys of this process have it; copies do

    TrafficKeys() = default;
    TrafficKeys(const TrafficKeys&) = default;
    TrafficKeys& operator=(const TrafficKeys&) = default;
    ~TrafficKeys() { OPENSSL_cleanse(key.data(), key.size()); }

    size_t key_size() const { return suite == RecordSuite::Aes128Gcm ? 16 : 32; }
    // True when each record carries a part of its nonce.
    bool has_explicit_nonce() const {
        return version == RecordVersion::Tls12 && suite != RecordSuite::ChaCha20Poly1305;
    }
    // Where there is one: of the next record that is sealed. It counts with the sequence, which is set first.
    uint64_t explicit_nonce() const {
        uint64_t first = 0;
        for (size_t i = 4; i < iv.size(); ++i) {
            first = first << 8 | iv[i];
        }
        return first + sequence;
    }
    void set_explicit_nonce(uint64_t next) {
        uint64_t first = next - sequence;
        for (size_t i = iv.size(); i > 4; first >>= 8) {
            iv[--i] = static_cast<uint8_t>(first);
        }
    }

  private:
    static uint64_t new_id() {
        static uint64_t last = 0;
        return ++last;
    }
};

// A TLS 1.3 traffic secret (RFC 8446 section 7.2), from which keys are made anew.
struct TrafficSecret {
    std::array<uint8_t, 48> bytes{};
    uint8_t size = 0;  // 32 for SHA-256, 48 for SHA-384; 0: none

    TrafficSecret() = default;
    TrafficSecret(const TrafficSecret&) = default;
    TrafficSecret& operator=(const TrafficSecret&) = default;
    ~TrafficSecret() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

}  // namespace tls

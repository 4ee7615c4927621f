#include "server/handed_keys.h"

#include <linux/tls.h>

#include <cstring>

namespace tls {

namespace {

uint64_t number(const unsigned char* bytes) {
    uint64_t value = 0;
    for (int i = 0; i < 8; ++i) {
        value = value << 8 | bytes[i];
    }
    return value;
}

template <class Gcm>
void read_gcm(const void* info, RecordSuite suite, TrafficKeys* keys) {
    const auto* from = static_cast<const Gcm*>(info);
    keys->suite = suite;
    std::memcpy(keys->key.data(), from->key, sizeof(from->key));
    std::memcpy(keys->iv.data(), from->salt, sizeof(from->salt));
    std::memcpy(keys->iv.data() + sizeof(from->salt), from->iv, sizeof(from->iv));
    keys->sequence = number(from->rec_seq);
    if (keys->has_explicit_nonce()) {
        keys->set_explicit_nonce(number(from->iv));
    }
}

void read_chacha(const void* info, TrafficKeys* keys) {
    const auto* from = static_cast<const tls12_crypto_info_chacha20_poly1305*>(info);
    keys->suite = RecordSuite::ChaCha20Poly1305;
    std::memcpy(keys->key.data(), from->key, sizeof(from->key));
    std::memcpy(keys->iv.data(), from->iv, sizeof(from->iv));
    keys->sequence = number(from->rec_seq);
}

}  // namespace

bool read_handed_keys(const void* info, TrafficKeys* keys) {
    const auto* head = static_cast<const tls_crypto_info*>(info);
    if (head->version != TLS_1_2_VERSION && head->version != TLS_1_3_VERSION) {
        return false;
    }
    keys->version = head->version == TLS_1_3_VERSION ? RecordVersion::Tls13 : RecordVersion::Tls12;
    switch (head->cipher_type) {
        case TLS_CIPHER_AES_GCM_128:
            read_gcm<tls12_crypto_info_aes_gcm_128>(info, RecordSuite::Aes128Gcm, keys);
            return true;
        case TLS_CIPHER_AES_GCM_256:
            read_gcm<tls12_crypto_info_aes_gcm_256>(info, RecordSuite::Aes256Gcm, keys);
            return true;
        case TLS_CIPHER_CHACHA20_POLY1305:
            read_chacha(info, keys);
            return true;
        default:
            return false;
    }
}

}  // namespace tls

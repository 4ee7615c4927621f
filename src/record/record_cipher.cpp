#include "record/record_cipher.h"

#include <openssl/evp.h>

#include <climits>

#include "record/ipsec_mb.h"

namespace tls {

namespace {

enum class Direction { Decrypt = 0, Encrypt = 1 };

// A context, and whose key is in it.
struct Slot {
    EVP_CIPHER_CTX* context = nullptr;
    uint64_t keys = 0;
};

// Of each suite and direction: so many connections may take turns before one finds another's key.
constexpr size_t kSlots = 16;

const char* cipher_name(RecordSuite suite) {
    switch (suite) {
        case RecordSuite::Aes128Gcm:
            return "AES-128-GCM";
        case RecordSuite::Aes256Gcm:
            return "AES-256-GCM";
        default:
            return "ChaCha20-Poly1305";
    }
}

bool prepare(Slot* slot, RecordSuite suite, Direction direction) {
    if (slot->context != nullptr) {
        return true;
    }
    EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, cipher_name(suite), nullptr);
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    if (cipher != nullptr && context != nullptr &&
        EVP_CipherInit_ex2(context, cipher, nullptr, nullptr, static_cast<int>(direction), nullptr) == 1) {
        slot->context = context;
    } else {
        EVP_CIPHER_CTX_free(context);
    }
    EVP_CIPHER_free(cipher);
    return slot->context != nullptr;
}

// The context of the suite with the keys in it and the nonce set; null when libcrypto failed.
EVP_CIPHER_CTX* ready_context(const TrafficKeys& keys, const Nonce& nonce, Direction direction) {
    static Slot slots[2][3][kSlots];
    Slot* slot = &slots[static_cast<int>(direction)][static_cast<int>(keys.suite)][keys.id % kSlots];
    if (!prepare(slot, keys.suite, direction)) {
        return nullptr;
    }
    const uint8_t* key = slot->keys != keys.id ? keys.key.data() : nullptr;
    slot->keys = 0;
    if (EVP_CipherInit_ex2(slot->context, nullptr, key, nonce.data(), static_cast<int>(direction), nullptr) !=
        1) {
        return nullptr;
    }
    slot->keys = keys.id;
    return slot->context;
}

bool run(EVP_CIPHER_CTX* context, ByteView authenticated, const uint8_t* data, size_t size, uint8_t* out) {
    int count = 0;
    return size <= INT_MAX &&
           EVP_CipherUpdate(context, nullptr, &count, authenticated.data(),
                            static_cast<int>(authenticated.size())) == 1 &&
           (size == 0 || EVP_CipherUpdate(context, out, &count, data, static_cast<int>(size)) == 1);
}

// A key made ready by libipsec-mb, and whose it is.
struct alignas(kGcmAlignment) ReadyKey {
    uint8_t expanded[kGcmKeySize];
    uint8_t scratch[kGcmScratchSize];
    uint64_t keys;
};

const GcmFunctions& functions_of(const TrafficKeys& keys) {
    const IpsecMb& library = enrolled(keys.ipsec_mb);
    return keys.suite == RecordSuite::Aes128Gcm ? library.aes128 : library.aes256;
}

ReadyKey* ready_key(const TrafficKeys& keys, Direction direction) {
    static ReadyKey slots[2][2][kSlots];
    const size_t size = keys.suite == RecordSuite::Aes128Gcm ? 0 : 1;
    ReadyKey* slot = &slots[static_cast<int>(direction)][size][keys.id % kSlots];
    if (slot->keys != keys.id) {
        functions_of(keys).expand(keys.key.data(), slot->expanded);
        slot->keys = keys.id;
    }
    return slot;
}

bool by_ipsec_mb(const TrafficKeys& keys) {
    return keys.ipsec_mb != 0 && keys.suite != RecordSuite::ChaCha20Poly1305;
}

}  // namespace

bool encrypt(const TrafficKeys& keys, const Nonce& nonce, ByteView authenticated, uint8_t* data,
             size_t size) {
    if (by_ipsec_mb(keys)) {
        ReadyKey* key = ready_key(keys, Direction::Encrypt);
        functions_of(keys).seal(key->expanded, key->scratch, data, data, size, nonce.data(),
                                authenticated.data(), authenticated.size(), data + size, kTagSize);
        return true;
    }
    EVP_CIPHER_CTX* context = ready_context(keys, nonce, Direction::Encrypt);
    int count = 0;
    return context != nullptr && run(context, authenticated, data, size, data) &&
           EVP_CipherFinal_ex(context, data + size, &count) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, data + size) == 1;
}

bool decrypt(const TrafficKeys& keys, const Nonce& nonce, ByteView authenticated, const uint8_t* data,
             size_t size, uint8_t* out) {
    if (by_ipsec_mb(keys)) {
        ReadyKey* key = ready_key(keys, Direction::Decrypt);
        uint8_t tag[kTagSize];
        functions_of(keys).open(key->expanded, key->scratch, out, data, size, nonce.data(),
                                authenticated.data(), authenticated.size(), tag, kTagSize);
        return CRYPTO_memcmp(tag, data + size, kTagSize) == 0;
    }
    EVP_CIPHER_CTX* context = ready_context(keys, nonce, Direction::Decrypt);
    uint8_t rest[kTagSize];
    int count = 0;
    return context != nullptr &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, const_cast<uint8_t*>(data + size)) ==
               1 &&
           run(context, authenticated, data, size, out) && EVP_CipherFinal_ex(context, rest, &count) == 1;
}

}  // namespace tls

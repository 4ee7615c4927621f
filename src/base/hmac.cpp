// The low-level hash calls are deprecated, and are what this file is for.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hmac.h"

#include <openssl/crypto.h>
#include <strings.h>

#include <cstring>

namespace tls {

namespace {

constexpr size_t kMaxBlock = 128;

void mask(uint8_t* bytes, size_t size, uint8_t value) {
    for (size_t i = 0; i < size; ++i) {
        bytes[i] ^= value;
    }
}

}  // namespace

bool find_hash(const char* name, HashKind* hash) {
    if (name == nullptr) {
        return false;
    }
    if (strcasecmp(name, "SHA256") == 0 || strcasecmp(name, "SHA2-256") == 0) {
        *hash = HashKind::Sha256;
        return true;
    }
    *hash = HashKind::Sha384;
    return strcasecmp(name, "SHA384") == 0 || strcasecmp(name, "SHA2-384") == 0;
}

void hash_of(HashKind hash, ByteView bytes, uint8_t* out) {
    Hmac::Digest digest(hash);
    digest.add(bytes);
    digest.finish(out);
}

Hmac::Digest::Digest(HashKind hash) : hash_(hash) {
    if (hash_ == HashKind::Sha256) {
        SHA256_Init(&state_.sha256);
    } else {
        SHA384_Init(&state_.sha512);
    }
}

Hmac::Digest::~Digest() {
    OPENSSL_cleanse(&state_, sizeof(state_));
}

void Hmac::Digest::add(ByteView bytes) {
    if (bytes.empty()) {
        return;
    }
    if (hash_ == HashKind::Sha256) {
        SHA256_Update(&state_.sha256, bytes.data(), bytes.size());
    } else {
        SHA384_Update(&state_.sha512, bytes.data(), bytes.size());
    }
}

void Hmac::Digest::finish(uint8_t* out) {
    if (hash_ == HashKind::Sha256) {
        SHA256_Final(out, &state_.sha256);
    } else {
        SHA384_Final(out, &state_.sha512);
    }
}

Hmac::Hmac(HashKind hash, ByteView key) : inner_(hash), outer_(hash) {
    const size_t block = block_of(hash);
    uint8_t padded[kMaxBlock] = {};
    if (key.size() > block) {
        hash_of(hash, key, padded);
    } else if (!key.empty()) {
        std::memcpy(padded, key.data(), key.size());
    }
    mask(padded, block, 0x36);
    inner_.add(ByteView(padded, block));
    mask(padded, block, 0x36 ^ 0x5c);
    outer_.add(ByteView(padded, block));
    OPENSSL_cleanse(padded, sizeof(padded));
}

void Hmac::finish(uint8_t* out) {
    inner_.finish(out);
    outer_.add(ByteView(out, size_of(hash())));
    outer_.finish(out);
}

}  // namespace tls

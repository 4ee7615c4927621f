// The low-level hash calls are deprecated, and are what this file is for.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/key_schedule.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

namespace tls {

namespace {

constexpr size_t kMaxBlock = 128;

class Digest {
  public:
    explicit Digest(ScheduleHash hash) : hash_(hash) {
        if (hash_ == ScheduleHash::Sha256) {
            SHA256_Init(&state_.sha256);
        } else {
            SHA384_Init(&state_.sha512);
        }
    }
    ~Digest() { OPENSSL_cleanse(&state_, sizeof(state_)); }
    Digest(const Digest&) = default;
    Digest& operator=(const Digest&) = default;

    void add(ByteView bytes) {
        if (bytes.empty()) {
            return;
        }
        if (hash_ == ScheduleHash::Sha256) {
            SHA256_Update(&state_.sha256, bytes.data(), bytes.size());
        } else {
            SHA384_Update(&state_.sha512, bytes.data(), bytes.size());
        }
    }

    void finish(uint8_t* out) {
        if (hash_ == ScheduleHash::Sha256) {
            SHA256_Final(out, &state_.sha256);
        } else {
            SHA384_Final(out, &state_.sha512);
        }
    }

  private:
    ScheduleHash hash_;
    union {
        SHA256_CTX sha256;
        SHA512_CTX sha512;
    } state_;
};

// HMAC (RFC 2104). Copies begin with the same key.
class Mac {
  public:
    Mac(ScheduleHash hash, ByteView key) : hash_(hash), inner_(hash), outer_(hash) {
        const size_t block = hash == ScheduleHash::Sha256 ? 64 : 128;
        uint8_t padded[kMaxBlock] = {};
        if (key.size() > block) {
            Digest digest(hash);
            digest.add(key);
            digest.finish(padded);
        } else if (!key.empty()) {
            memcpy(padded, key.data(), key.size());
        }
        mask(padded, block, 0x36);
        inner_.add(ByteView(padded, block));
        mask(padded, block, 0x36 ^ 0x5c);
        outer_.add(ByteView(padded, block));
        OPENSSL_cleanse(padded, sizeof(padded));
    }

    void add(ByteView bytes) { inner_.add(bytes); }

    void finish(uint8_t* out) {
        inner_.finish(out);
        outer_.add(ByteView(out, size_of(hash_)));
        outer_.finish(out);
    }

  private:
    static void mask(uint8_t* bytes, size_t size, uint8_t value) {
        for (size_t i = 0; i < size; ++i) {
            bytes[i] ^= value;
        }
    }

    ScheduleHash hash_;
    Digest inner_;
    Digest outer_;
};

// HKDF-Expand (RFC 5869 section 2.3).
void expand(ScheduleHash hash, ByteView secret, ByteView info, uint8_t* out, size_t size) {
    const size_t step = size_of(hash);
    const Mac keyed(hash, secret);
    uint8_t block[kMaxScheduleHash];
    ByteView before;
    for (uint8_t counter = 1; size > 0; ++counter) {
        Mac mac = keyed;
        mac.add(before);
        mac.add(info);
        mac.add(ByteView(&counter, 1));
        mac.finish(block);
        before = ByteView(block, step);
        const size_t count = std::min(size, step);
        memcpy(out, block, count);
        out += count;
        size -= count;
    }
    OPENSSL_cleanse(block, sizeof(block));
}

uint8_t* put(uint8_t* out, ByteView bytes) {
    if (!bytes.empty()) {
        memcpy(out, bytes.data(), bytes.size());
    }
    return out + bytes.size();
}

}  // namespace

bool expand_label(ScheduleHash hash, ByteView secret, ByteView prefix, ByteView label, ByteView context,
                  uint8_t* out, size_t size) {
    constexpr size_t kMaxVector = 255;
    const size_t label_size = prefix.size() + label.size();
    if (label_size > kMaxVector || context.size() > kMaxVector || size > 255 * size_of(hash)) {
        return false;
    }
    uint8_t info[2 + 1 + kMaxVector + 1 + kMaxVector];
    uint8_t* end = info;
    *end++ = static_cast<uint8_t>(size >> 8);
    *end++ = static_cast<uint8_t>(size);
    *end++ = static_cast<uint8_t>(label_size);
    end = put(put(end, prefix), label);
    *end++ = static_cast<uint8_t>(context.size());
    end = put(end, context);
    expand(hash, secret, ByteView(info, static_cast<size_t>(end - info)), out, size);
    return true;
}

bool next_secret(ScheduleHash hash, const ByteView* before, const ByteView* material, ByteView prefix,
                 ByteView label, uint8_t* out) {
    constexpr uint8_t kZeros[kMaxScheduleHash] = {};
    const size_t size = size_of(hash);
    uint8_t salt[kMaxScheduleHash];
    if (before != nullptr) {
        uint8_t of_nothing[kMaxScheduleHash];
        Digest(hash).finish(of_nothing);
        if (!expand_label(hash, *before, prefix, label, ByteView(of_nothing, size), salt, size)) {
            return false;
        }
    }
    Mac mac(hash, before != nullptr ? ByteView(salt, size) : ByteView());
    mac.add(material != nullptr ? *material : ByteView(kZeros, size));
    mac.finish(out);
    OPENSSL_cleanse(salt, sizeof(salt));
    return true;
}

// P_hash: each block is the MAC of A(i) and the seed, and A(i) that of the one before.
void tls12_prf(ScheduleHash hash, ByteView secret, const ByteView* seeds, size_t seed_count, uint8_t* out,
               size_t size) {
    const size_t step = size_of(hash);
    const Mac keyed(hash, secret);
    const auto add_seeds = [&](Mac* mac) {
        for (size_t i = 0; i < seed_count; ++i) {
            mac->add(seeds[i]);
        }
    };
    uint8_t chain[kMaxScheduleHash];
    uint8_t block[kMaxScheduleHash];
    Mac first = keyed;
    add_seeds(&first);
    first.finish(chain);
    while (size > 0) {
        Mac mac = keyed;
        mac.add(ByteView(chain, step));
        add_seeds(&mac);
        mac.finish(block);
        const size_t count = std::min(size, step);
        memcpy(out, block, count);
        out += count;
        size -= count;
        if (size > 0) {
            Mac next = keyed;
            next.add(ByteView(chain, step));
            next.finish(chain);
        }
    }
    OPENSSL_cleanse(chain, sizeof(chain));
    OPENSSL_cleanse(block, sizeof(block));
}

}  // namespace tls

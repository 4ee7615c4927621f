#include "base/key_schedule.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

namespace tls {

namespace {

// HKDF-Expand (RFC 5869 section 2.3).
void expand(HashKind hash, ByteView secret, ByteView info, uint8_t* out, size_t size) {
    const size_t step = size_of(hash);
    const Hmac keyed(hash, secret);
    uint8_t block[kMaxHash];
    ByteView before;
    for (uint8_t counter = 1; size > 0; ++counter) {
        Hmac mac = keyed;
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

bool expand_label(HashKind hash, ByteView secret, ByteView prefix, ByteView label, ByteView context,
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

bool next_secret(HashKind hash, const ByteView* before, const ByteView* material, ByteView prefix,
                 ByteView label, uint8_t* out) {
    constexpr uint8_t kZeros[kMaxHash] = {};
    const size_t size = size_of(hash);
    uint8_t salt[kMaxHash];
    if (before != nullptr) {
        uint8_t of_nothing[kMaxHash];
        hash_of(hash, {}, of_nothing);
        if (!expand_label(hash, *before, prefix, label, ByteView(of_nothing, size), salt, size)) {
            return false;
        }
    }
    Hmac mac(hash, before != nullptr ? ByteView(salt, size) : ByteView());
    mac.add(material != nullptr ? *material : ByteView(kZeros, size));
    mac.finish(out);
    OPENSSL_cleanse(salt, sizeof(salt));
    return true;
}

// P_hash: each block is the MAC of A(i) and the seed, and A(i) that of the one before.
void tls12_prf(HashKind hash, ByteView secret, const ByteView* seeds, size_t seed_count, uint8_t* out,
               size_t size) {
    const size_t step = size_of(hash);
    const Hmac keyed(hash, secret);
    const auto add_seeds = [&](Hmac* mac) {
        for (size_t i = 0; i < seed_count; ++i) {
            mac->add(seeds[i]);
        }
    };
    uint8_t chain[kMaxHash];
    uint8_t block[kMaxHash];
    Hmac first = keyed;
    add_seeds(&first);
    first.finish(chain);
    while (size > 0) {
        Hmac mac = keyed;
        mac.add(ByteView(chain, step));
        add_seeds(&mac);
        mac.finish(block);
        const size_t count = std::min(size, step);
        memcpy(out, block, count);
        out += count;
        size -= count;
        if (size > 0) {
            Hmac next = keyed;
            next.add(ByteView(chain, step));
            next.finish(chain);
        }
    }
    OPENSSL_cleanse(chain, sizeof(chain));
    OPENSSL_cleanse(block, sizeof(block));
}

}  // namespace tls

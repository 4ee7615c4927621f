#include "base/keyed_hash.h"

#include <openssl/rand.h>

#include <cstddef>
#include <random>

namespace tls {

namespace {

uint64_t rotated(uint64_t value, int bits) {
    return value << bits | value >> (64 - bits);
}

struct State {
    uint64_t v0, v1, v2, v3;

    void rounds(int count) {
        while (count-- > 0) {
            v0 += v1;
            v2 += v3;
            v1 = rotated(v1, 13) ^ v0;
            v3 = rotated(v3, 16) ^ v2;
            v0 = rotated(v0, 32);
            v2 += v1;
            v0 += v3;
            v1 = rotated(v1, 17) ^ v2;
            v3 = rotated(v3, 21) ^ v0;
            v2 = rotated(v2, 32);
        }
    }

    void word(uint64_t value) {
        v3 ^= value;
        rounds(2);
        v0 ^= value;
    }
};

// Up to eight bytes, the first the lowest.
uint64_t little_endian(std::string_view bytes) {
    uint64_t value = 0;
    for (size_t i = bytes.size(); i-- > 0;) {
        value = value << 8 | static_cast<unsigned char>(bytes[i]);
    }
    return value;
}

}  // namespace

KeyedHash::KeyedHash() {
    if (RAND_bytes(reinterpret_cast<unsigned char*>(key_.data()), sizeof(key_)) != 1) {
        // libcrypto without randomness serves no TLS anyway; the system's will do for a table.
        std::random_device random;
        key_ = {static_cast<uint64_t>(random()) << 32 | random(),
                static_cast<uint64_t>(random()) << 32 | random()};
    }
}

uint64_t KeyedHash::operator()(std::string_view text) const {
    State state = {key_[0] ^ 0x736f6d6570736575, key_[1] ^ 0x646f72616e646f6d, key_[0] ^ 0x6c7967656e657261,
                   key_[1] ^ 0x7465646279746573};
    const uint64_t length = text.size();
    for (; text.size() >= 8; text.remove_prefix(8)) {
        state.word(little_endian(text.substr(0, 8)));
    }
    state.word(little_endian(text) | length << 56);
    state.v2 ^= 0xff;
    state.rounds(4);
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace tls

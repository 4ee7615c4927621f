// Bytes for tests: written in hex, put together in network byte order, and laid so that reading past them is
// caught.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace test {

// A type of this namespace, so that its operators are found.
struct Bytes : std::vector<uint8_t> {
    using std::vector<uint8_t>::vector;
};

inline tls::ByteView view(const Bytes& bytes) {
    return tls::ByteView(bytes.data(), bytes.size());
}

inline Bytes bytes_of(std::string_view text) {
    return Bytes(text.begin(), text.end());
}

inline Bytes bytes_of(tls::ByteView bytes) {
    return Bytes(bytes.begin(), bytes.end());
}

// Hex digits, in pairs; anything else between them is skipped.
inline Bytes hex(std::string_view digits) {
    Bytes bytes;
    int high = -1;
    for (const char digit : digits) {
        const char* found = digit == '\0' ? nullptr : std::strchr("0123456789abcdef", digit);
        if (found == nullptr) {
            continue;
        }
        const int value = static_cast<int>(found - "0123456789abcdef");
        if (high < 0) {
            high = value;
        } else {
            bytes.push_back(static_cast<uint8_t>(high << 4 | value));
            high = -1;
        }
    }
    return bytes;
}

inline void put(Bytes* to, size_t width, size_t value) {
    while (width-- > 0) {
        to->push_back(static_cast<uint8_t>(value >> (8 * width)));
    }
}

inline void put(Bytes* to, const Bytes& bytes) {
    to->insert(to->end(), bytes.begin(), bytes.end());
}

// A vector: `width` bytes of length, then the bytes.
inline Bytes prefixed(size_t width, const Bytes& bytes) {
    Bytes out;
    put(&out, width, bytes.size());
    put(&out, bytes);
    return out;
}

inline Bytes operator+(Bytes left, const Bytes& right) {
    put(&left, right);
    return left;
}

// A copy that ends where its allocation ends, so that AddressSanitizer and valgrind see a read behind it.
class Fenced {
  public:
    explicit Fenced(tls::ByteView bytes) : data_(new uint8_t[bytes.size()]), size_(bytes.size()) {
        if (size_ > 0) {
            std::memcpy(data_.get(), bytes.data(), size_);
        }
    }
    tls::ByteView view() const { return tls::ByteView(data_.get(), size_); }

  private:
    std::unique_ptr<uint8_t[]> data_;
    size_t size_;
};

}  // namespace test

// Bytes as lower-case hex digits.
//
// Used where a digest or a code point is shown. Reads no hex.
#pragma once

#include <string>

#include "base/bytes.h"

namespace tls {

// Two digits a byte, behind what `out` has.
inline void append_hex(std::string* out, ByteView bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    for (const uint8_t byte : bytes) {
        out->push_back(kDigits[byte >> 4]);
        out->push_back(kDigits[byte & 0xf]);
    }
}

// A code point: four digits.
inline void append_hex(std::string* out, uint16_t value) {
    const uint8_t bytes[] = {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
    append_hex(out, ByteView(bytes, sizeof(bytes)));
}

}  // namespace tls

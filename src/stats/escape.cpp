#include "stats/escape.h"

#include <cstdint>

namespace tls {

namespace {

constexpr const char* kReplacement = "\xef\xbf\xbd";  // U+FFFD

// How many bytes the character at the text's begin has; 0 when it is not UTF-8 (RFC 3629 section 4).
size_t character_size(std::string_view text) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
    const auto follows = [&](size_t i, uint8_t low, uint8_t high) {
        return i < text.size() && byte(i) >= low && byte(i) <= high;
    };
    const uint8_t first = byte(0);
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xc2 && first <= 0xdf) {
        return follows(1, 0x80, 0xbf) ? 2 : 0;
    }
    if (first >= 0xe0 && first <= 0xef) {
        const uint8_t low = first == 0xe0 ? 0xa0 : 0x80;   // no longer form than needed
        const uint8_t high = first == 0xed ? 0x9f : 0xbf;  // no surrogates
        return follows(1, low, high) && follows(2, 0x80, 0xbf) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const uint8_t low = first == 0xf0 ? 0x90 : 0x80;
        const uint8_t high = first == 0xf4 ? 0x8f : 0xbf;  // up to U+10FFFF
        return follows(1, low, high) && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
    }
    return 0;
}

// Each character through `one`, which gives its replacement or null.
template <class Replace>
std::string replaced(std::string_view text, Replace one) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const size_t size = character_size(text);
        if (size == 0) {
            out += kReplacement;
            text.remove_prefix(1);
            continue;
        }
        const char* replacement = size == 1 ? one(text[0]) : nullptr;
        if (replacement != nullptr) {
            out += replacement;
        } else {
            out += text.substr(0, size);
        }
        text.remove_prefix(size);
    }
    return out;
}

}  // namespace

std::string clean_utf8(std::string_view text) {
    return replaced(text, [](char) { return nullptr; });
}

std::string escape_label(std::string_view text) {
    return replaced(text, [](char c) -> const char* {
        switch (c) {
            case '\\':
                return "\\\\";
            case '"':
                return "\\\"";
            case '\n':
                return "\\n";
            default:
                return nullptr;
        }
    });
}

std::string escape_html(std::string_view text) {
    return replaced(text, [](char c) -> const char* {
        switch (c) {
            case '&':
                return "&amp;";
            case '<':
                return "&lt;";
            case '>':
                return "&gt;";
            case '"':
                return "&quot;";
            case '\'':
                return "&#39;";
            case '\0':
                return kReplacement;
            default:
                return nullptr;
        }
    });
}

}  // namespace tls

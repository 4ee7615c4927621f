#include "base/escape.h"

namespace tls {

namespace {

void append_hex(unsigned char byte, std::string* out) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    *out += kDigits[byte >> 4];
    *out += kDigits[byte & 0xf];
}

// The letter of a two-character escape in JSON, or 0.
char json_letter(char character) {
    switch (character) {
        case '"':
        case '\\':
            return character;
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        default:
            return 0;
    }
}

void append_json(char character, std::string* out) {
    const char letter = json_letter(character);
    const auto byte = static_cast<unsigned char>(character);
    if (letter != 0) {
        *out += '\\';
        *out += letter;
    } else if (byte < 0x20) {
        *out += "\\u00";
        append_hex(byte, out);
    } else {
        *out += character;
    }
}

bool is_plain(unsigned char byte, Escape escape) {
    return byte > 0x20 ? byte < 0x7f && byte != '"' && byte != '\\' : byte == ' ' && escape != Escape::Word;
}

}  // namespace

void append_escaped(std::string_view text, Escape escape, std::string* out) {
    if (escape == Escape::None) {
        *out += text;
        return;
    }
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (escape == Escape::Json) {
            append_json(character, out);
        } else if (is_plain(byte, escape)) {
            *out += character;
        } else {
            *out += "\\x";
            append_hex(byte, out);
        }
    }
}

std::string escaped(std::string_view text, Escape escape) {
    std::string out;
    out.reserve(text.size());
    append_escaped(text, escape, &out);
    return out;
}

std::string escaped_start(std::string_view text, size_t size) {
    std::string out = escaped(text.substr(0, size), Escape::Default);
    return text.size() > size ? out + "..." : out;
}

}  // namespace tls

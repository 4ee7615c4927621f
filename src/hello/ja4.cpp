#include "hello/ja4.h"

#include <algorithm>

#include "base/digest.h"
#include "base/hex.h"

namespace tls {

namespace {

// Extension types (RFC 6066 section 3, RFC 7301 section 3.1).
constexpr uint16_t kServerName = 0;
constexpr uint16_t kAlpn = 16;

constexpr size_t kPrefixSize = 10;    // "t13d1516h2"
constexpr size_t kDigestDigits = 12;  // of a digest's 64
constexpr size_t kMaxCount = 99;

const char* version_text(uint16_t version) {
    switch (version) {
        case 0x0304:
            return "13";
        case 0x0303:
            return "12";
        case 0x0302:
            return "11";
        case 0x0301:
            return "10";
        case 0x0300:
            return "s3";
        case 0x0002:
            return "s2";
        case 0xfeff:
            return "d1";
        case 0xfefd:
            return "d2";
        case 0xfefc:
            return "d3";
        default:
            return "00";
    }
}

void append_count(std::string* out, size_t count) {
    count = std::min(count, kMaxCount);
    out->push_back(static_cast<char>('0' + count / 10));
    out->push_back(static_cast<char>('0' + count % 10));
}

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// First and last character of the first protocol; of its hex digits, when either is no letter or digit. A
// GREASE protocol is a value like any other here, as in other programs that compute JA4.
void append_alpn(std::string* out, const std::string& protocol) {
    if (protocol.empty()) {
        out->append("00");
        return;
    }
    std::string shown{protocol.front(), protocol.back()};
    if (!is_alphanumeric(shown.front()) || !is_alphanumeric(shown.back())) {
        std::string digits;
        append_hex(&digits, ByteView::of(shown));
        shown = {digits.front(), digits.back()};
    }
    out->append(shown);
}

std::string prefix(const HelloOutline& hello) {
    std::string text;
    text.reserve(kPrefixSize);
    text.push_back('t');
    text.append(version_text(hello.highest_version));
    text.push_back(hello.has_server_name ? 'd' : 'i');
    append_count(&text, hello.cipher_suites.size());
    append_count(&text, hello.extensions.size());
    append_alpn(&text, hello.first_alpn);
    return text;
}

// Four digits each, with commas between.
void append_list(std::string* out, const std::vector<uint16_t>& list) {
    bool first = true;
    for (const uint16_t value : list) {
        if (!first) {
            out->push_back(',');
        }
        first = false;
        append_hex(out, value);
    }
}

std::vector<uint16_t> sorted(std::vector<uint16_t> list) {
    std::sort(list.begin(), list.end());
    return list;
}

std::string cipher_list(const HelloOutline& hello, Ja4Order order) {
    std::string text;
    text.reserve(5 * hello.cipher_suites.size());
    append_list(&text, order == Ja4Order::Sorted ? sorted(hello.cipher_suites) : hello.cipher_suites);
    return text;
}

// The extensions, then the signature algorithms, which are never sorted.
std::string extension_list(const HelloOutline& hello, Ja4Order order) {
    std::vector<uint16_t> extensions = hello.extensions;
    if (order == Ja4Order::Sorted) {
        const auto said_in_prefix = [](uint16_t type) { return type == kServerName || type == kAlpn; };
        extensions.erase(std::remove_if(extensions.begin(), extensions.end(), said_in_prefix),
                         extensions.end());
        extensions = sorted(std::move(extensions));
    }
    std::string text;
    text.reserve(5 * (extensions.size() + hello.signature_algorithms.size()));
    append_list(&text, extensions);
    if (!hello.signature_algorithms.empty()) {
        text.push_back('_');
        append_list(&text, hello.signature_algorithms);
    }
    return text;
}

// Twelve zeros for a list without anything in it.
std::string short_digest(const std::string& list) {
    if (list.empty()) {
        return std::string(kDigestDigits, '0');
    }
    return hex_digest(DigestKind::Sha256, list).substr(0, kDigestDigits);
}

}  // namespace

std::string ja4(const HelloOutline& hello, Ja4Order order) {
    const std::string ciphers = short_digest(cipher_list(hello, order));
    const std::string extensions = short_digest(extension_list(hello, order));
    if (ciphers.empty() || extensions.empty()) {
        return {};
    }
    return prefix(hello).append("_").append(ciphers).append("_").append(extensions);
}

std::string ja4_raw(const HelloOutline& hello, Ja4Order order) {
    return prefix(hello)
        .append("_")
        .append(cipher_list(hello, order))
        .append("_")
        .append(extension_list(hello, order));
}

}  // namespace tls

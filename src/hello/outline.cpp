#include "hello/outline.h"

#include <algorithm>

namespace tls {

namespace {

// Extension types (RFC 6066 section 3, RFC 8422 section 5.1, RFC 8446 section 4.2).
constexpr uint16_t kServerName = 0;
constexpr uint16_t kPointFormats = 11;
constexpr uint16_t kSupportedVersions = 43;

// RFC 8701 section 2: 0x0a0a, 0x1a1a, … 0xfafa.
bool is_grease(uint16_t value) {
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff);
}

std::vector<uint16_t> without_grease(const CodePoints& list) {
    std::vector<uint16_t> kept;
    kept.reserve(list.size());
    for (size_t i = 0; i < list.size(); ++i) {
        if (!is_grease(list[i])) {
            kept.push_back(list[i]);
        }
    }
    return kept;
}

uint16_t highest_version(const ClientHello& hello) {
    if (hello.find(kSupportedVersions) == nullptr) {
        return hello.legacy_version;
    }
    uint16_t highest = 0;
    for (size_t i = 0; i < hello.supported_versions.size(); ++i) {
        const uint16_t version = hello.supported_versions[i];
        if (!is_grease(version)) {
            highest = std::max(highest, version);
        }
    }
    return highest;
}

// The parser leaves this extension to libssl.
std::vector<uint8_t> point_formats(const ClientHello& hello) {
    const Extension* extension = hello.find(kPointFormats);
    if (extension == nullptr) {
        return {};
    }
    Reader reader(extension->body);
    ByteView formats;
    if (!reader.vector8(&formats) || !reader.done()) {
        return {};
    }
    return std::vector<uint8_t>(formats.begin(), formats.end());
}

}  // namespace

HelloOutline HelloOutline::of(const ClientHello& hello) {
    HelloOutline outline;
    outline.legacy_version = hello.legacy_version;
    outline.highest_version = tls::highest_version(hello);
    outline.has_server_name = hello.find(kServerName) != nullptr;
    if (!hello.alpn.empty()) {
        outline.first_alpn = std::string(hello.alpn.front());
    }
    outline.cipher_suites = without_grease(hello.cipher_suites);
    outline.extensions.reserve(hello.extensions.size());
    for (const Extension& extension : hello.extensions) {
        if (!is_grease(extension.type)) {
            outline.extensions.push_back(extension.type);
        }
    }
    outline.groups = without_grease(hello.supported_groups);
    outline.signature_algorithms = without_grease(hello.signature_algorithms);
    outline.point_formats = tls::point_formats(hello);
    return outline;
}

}  // namespace tls

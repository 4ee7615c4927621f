#include "hello/sniff.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "hello/http_token.h"

namespace tls {

namespace {

// ContentType (RFC 8446 section 5.1; heartbeat: RFC 6520), and the major byte of every legacy_record_version.
// The types lie side by side: change_cipher_spec, alert, handshake, application_data, heartbeat.
constexpr uint8_t kChangeCipherSpec = 0x14;
constexpr uint8_t kHandshake = 0x16;
constexpr uint8_t kHeartbeat = 0x18;
constexpr uint8_t kMajorVersion = 0x03;

// An SSLv2 record with a two-byte header has the high bit set; its message type comes third (RFC 6101
// appendix E.1).
constexpr uint8_t kSslv2HeaderBit = 0x80;
constexpr uint8_t kSslv2ClientHello = 0x01;

// RFC 9113 section 3.4.
constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// The most of a method that is waited for; the longest that is registered has 17 bytes.
constexpr size_t kMaxMethod = 32;

// SSH's identification string (RFC 4253 section 4.2), which is a token and a space as well.
constexpr std::string_view kSsh = "SSH-";

// RFC 9112 section 2.3.
constexpr std::string_view kVersion = "HTTP/";

// RFC 9110 section 4.2.
constexpr std::string_view kHttp = "http:";
constexpr std::string_view kHttps = "https:";

// The most of a line that is waited for, when its first two words say nothing.
constexpr size_t kMaxLine = 1024;

// A method and its space, or one of the empty lines that nginx skips before them (RFC 9112 sections 2.2 and
// 3).
Sniffed sniff_text(ByteView bytes) {
    if (bytes[0] == '\r' || bytes[0] == '\n') {
        return Sniffed::Http;
    }
    if (bytes.text().substr(0, kSsh.size()) == kSsh) {
        return Sniffed::Other;
    }
    size_t size = 0;
    while (size < bytes.size() && size < kMaxMethod && is_token_char(bytes[size])) {
        ++size;
    }
    if (size == bytes.size() && size < kMaxMethod) {
        return Sniffed::NeedMore;
    }
    const bool ended = size > 0 && size < kMaxMethod && bytes[size] == ' ';
    return ended ? Sniffed::Http : Sniffed::Other;
}

// origin-form and asterisk-form, or absolute-form of the schemes that are HTTP's own.
bool begins_target(std::string_view text) {
    if (text[0] == '/' || text[0] == '*') {
        return true;
    }
    std::string lower(text.substr(0, kHttps.size()));
    for (char& letter : lower) {
        letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    return lower == kHttps || lower.compare(0, kHttp.size(), kHttp) == 0;
}

}  // namespace

Sniffed sniff(ByteView bytes) {
    if (bytes.empty()) {
        return Sniffed::NeedMore;
    }
    const uint8_t first = bytes[0];
    if ((first & kSslv2HeaderBit) != 0) {
        if (bytes.size() < 3) {
            return Sniffed::NeedMore;
        }
        return bytes[2] == kSslv2ClientHello ? Sniffed::Sslv2Hello : Sniffed::Other;
    }
    if (first >= kChangeCipherSpec && first <= kHeartbeat) {
        if (bytes.size() < 2) {
            return Sniffed::NeedMore;
        }
        const bool version_known = bytes[1] == kMajorVersion;
        if (first == kHandshake) {
            return version_known ? Sniffed::ClientHello : Sniffed::WrongVersion;
        }
        return version_known ? Sniffed::UnexpectedTls : Sniffed::Other;
    }
    return sniff_text(bytes);
}

// RFC 9112 section 3: what is no target of HTTP as far as can be seen, a host of CONNECT for instance, needs
// the version behind it.
Sniffed sniff_request_line(ByteView bytes) {
    const std::string_view text = bytes.text().substr(0, kMaxLine);
    const Sniffed undecided = text.size() < kMaxLine ? Sniffed::NeedMore : Sniffed::Other;
    const size_t begin = text.find_first_not_of("\r\n");
    if (begin == std::string_view::npos) {
        return undecided;
    }
    const size_t end = text.find('\n', begin);
    const bool whole = end != std::string_view::npos;
    const std::string_view line = text.substr(begin, whole ? end - begin : end);
    const size_t space = line.find(' ');
    const size_t target = space == std::string_view::npos ? space : line.find_first_not_of(' ', space);
    if (target != std::string_view::npos && begins_target(line.substr(target))) {
        return Sniffed::Http;
    }
    if (!whole) {
        return undecided;
    }
    const size_t last = line.rfind(' ');
    const bool versioned =
        last != std::string_view::npos && line.substr(last + 1, kVersion.size()) == kVersion;
    return versioned ? Sniffed::Http : Sniffed::Other;
}

bool may_begin_hello(ByteView bytes) {
    return (bytes.empty() || bytes[0] == kHandshake) && (bytes.size() < 2 || bytes[1] == kMajorVersion);
}

Http2Preface find_http2_preface(ByteView bytes) {
    const std::string_view start = bytes.text().substr(0, kHttp2Preface.size());
    if (start != kHttp2Preface.substr(0, start.size())) {
        return Http2Preface::No;
    }
    return start.size() == kHttp2Preface.size() ? Http2Preface::Yes : Http2Preface::NeedMore;
}

}  // namespace tls

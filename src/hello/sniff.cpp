#include "hello/sniff.h"

#include <cstdint>
#include <string_view>

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

// tchar of RFC 9110 section 5.6.2, of which a method is made.
bool is_token_char(uint8_t byte) {
    if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z')) {
        return true;
    }
    return byte != 0 &&
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(byte)) != std::string_view::npos;
}

// A request line, or one of the empty lines that nginx skips before it (RFC 9112 section 2.2).
bool begins_request_line(uint8_t byte) {
    return byte == '\r' || byte == '\n' || is_token_char(byte);
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
    return begins_request_line(first) ? Sniffed::Http : Sniffed::Other;
}

}  // namespace tls

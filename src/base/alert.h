// TLS alerts: their numbers (RFC 8446 section 6, RFC 7301, RFC 6066) and the record that carries one in the
// clear.
//
// Used where a hello is refused before libssl knows of it, and where an alert is named in logs.
#pragma once

#include <array>
#include <cstdint>

namespace tls {

enum class Alert : uint8_t {
    CloseNotify = 0,
    UnexpectedMessage = 10,
    BadRecordMac = 20,
    RecordOverflow = 22,
    HandshakeFailure = 40,
    IllegalParameter = 47,
    DecodeError = 50,
    ProtocolVersion = 70,
    InternalError = 80,
    NoRenegotiation = 100,
    MissingExtension = 109,
    UnrecognizedName = 112,
    NoApplicationProtocol = 120,
};

// The name as RFC 8446 writes it, for any alert number known there or in TLS 1.2; "unknown" otherwise. Static
// memory.
const char* alert_name(uint8_t number);

// One fatal alert as a plaintext record. `record_version` is what the record's legacy_record_version says:
// the client's own legacy_version, at most 0x0303.
std::array<uint8_t, 7> encode_fatal_alert(Alert alert, uint16_t record_version);

}  // namespace tls

#include "base/alert.h"

namespace tls {

namespace {

struct NamedAlert {
    uint8_t number;
    const char* name;
};

// RFC 8446 appendix B.2, which lists those of TLS 1.2 and before as well. Its mark "_RESERVED" on alerts that
// TLS 1.3 no longer sends is left out: older clients still mean what the word says.
constexpr NamedAlert kAlerts[] = {
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
};

}  // namespace

const char* alert_name(uint8_t number) {
    for (const NamedAlert& alert : kAlerts) {
        if (alert.number == number) {
            return alert.name;
        }
    }
    return "unknown";
}

std::array<uint8_t, 7> encode_fatal_alert(Alert alert, uint16_t record_version) {
    constexpr uint8_t kContentTypeAlert = 21;
    constexpr uint8_t kLevelFatal = 2;
    constexpr uint16_t kTls10 = 0x0301;
    constexpr uint16_t kTls12 = 0x0303;

    uint16_t version = record_version;
    if (version > kTls12) {
        version = kTls12;
    } else if (version < 0x0300) {
        version = kTls10;  // a version that no TLS record has: the client's was garbage
    }
    return {kContentTypeAlert, static_cast<uint8_t>(version >> 8), static_cast<uint8_t>(version & 0xff), 0, 2,
            kLevelFatal,       static_cast<uint8_t>(alert)};
}

}  // namespace tls

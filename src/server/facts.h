// What a finished handshake agreed on, frozen when it ended.
//
// Made once by Tunnel::facts(), then read by variables, logs and counters. Holds nothing of libssl's: the
// connection may give its SSL back and the facts still answer. Nor anything that is one connection's own.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/openssl.h"
#include "certs/credential.h"
#include "hello/client_hello.h"

namespace tls {

// How far early data (RFC 8446 section 4.2.10) went.
enum class EarlyData : uint8_t { None, Rejected, Accepted };

// What of the ClientHello outlives it: the lists that variables show, as they were sent.
struct OfferedTerms {
    std::string cipher_suites;  // two bytes each, network order; so are the next two
    std::string groups;
    std::string signature_algorithms;
    std::string server_name;  // as sent
    uint16_t version = 0;     // the highest that is offered and known here, 0x0304; 0 for none

    static OfferedTerms of(const ClientHello& hello);
    CodePoints cipher_suite_list() const { return CodePoints(ByteView::of(cipher_suites)); }
    CodePoints group_list() const { return CodePoints(ByteView::of(groups)); }
    CodePoints signature_algorithm_list() const { return CodePoints(ByteView::of(signature_algorithms)); }
};

// A session's id, raw. Empty for none.
struct SessionId {
    std::array<uint8_t, 32> bytes{};
    uint8_t size = 0;

    static SessionId of(ByteView id);
    ByteView view() const { return ByteView(bytes.data(), size); }
};

struct Facts {
    std::shared_ptr<const Credential> credential;  // what the client was shown; null in odd cases
    UniqueX509 client_certificate;                 // null when none was sent
    const char* alpn = "";                         // the chosen protocol, or empty; static memory
    int32_t verify_result = 0;                     // X509_V_…, only meaningful with a certificate
    uint16_t version = 0;                          // 0x0303
    uint16_t cipher_suite = 0;                     // the cipher's number, 0x1301
    uint16_t group = 0;             // NamedGroup of the key exchange (RFC 8446 section 4.2.7); 0 without one
    uint16_t signature_scheme = 0;  // what the server signed with (section 4.2.3); 0 when it signed nothing
    uint16_t client_signature_scheme = 0;  // what the client signed with; 0 when it signed nothing
    bool session_reused = false;
    EarlyData early_data = EarlyData::None;

    // "TLSv1.3", and OpenSSL's name; empty for what OpenSSL does not know. Static memory.
    const char* protocol() const;
    const char* cipher() const;
    // What the client was shown; null in odd cases. The credential's.
    X509* server_certificate() const { return credential != nullptr ? credential->leaf.get() : nullptr; }
};

// OpenSSL's name of a cipher suite by its number, or null when it knows none. Static memory.
const char* cipher_suite_name(uint16_t number);

}  // namespace tls

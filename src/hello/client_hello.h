// A ClientHello as one immutable value (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2).
//
// Made once for each connection, before anything else is; choosing, fingerprints, logs and facts read it.
// Every view points into the message that was parsed. Whatever this parser accepts, libssl reads the same
// way: a hello in which the two could differ is refused here with the alert libssl would send.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "hello/assembler.h"

namespace tls {

struct Extension {
    uint16_t type = 0;
    ByteView body;
};

struct ClientHello {
    ByteView message;  // the whole handshake message, header included
    uint16_t legacy_version = 0;
    ByteView random;
    ByteView session_id;
    CodePoints cipher_suites;           // may be empty: libssl refuses that
    ByteView compression_methods;       // at least one
    std::vector<Extension> extensions;  // in the order in which they came

    // What the known extensions say; empty where one is absent.
    bool has_server_name = false;
    std::string_view server_name;     // RFC 6066 section 3, as sent: not checked, not lower-cased
    CodePoints supported_groups;      // RFC 8446 section 4.2.7
    CodePoints signature_algorithms;  // section 4.2.3
    CodePoints signature_algorithms_cert;
    CodePoints supported_versions;  // section 4.2.1
    bool has_alpn = false;
    std::vector<std::string_view> alpn;      // RFC 7301 section 3.1
    std::vector<uint16_t> key_share_groups;  // section 4.2.8; read if TLS 1.3 is offered
    bool has_pre_shared_key = false;         // section 4.2.11
    bool has_early_data = false;             // section 4.2.10; the same
    bool has_session_ticket = false;         // RFC 5077, not empty

    // The extension's body, or null.
    const Extension* find(uint16_t type) const;
    // True when the client would speak this version (0x0301 to 0x0304), by supported_versions or, without it,
    // by legacy_version.
    bool offers_version(uint16_t version) const;
};

struct ParsedHello {
    bool ok = false;
    ClientHello hello;  // when ok
    Refusal refusal;    // when not
};

// `message`: a whole handshake message of type client_hello. It must outlive the value.
ParsedHello parse_client_hello(ByteView message);

}  // namespace tls

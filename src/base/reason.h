// Why a connection to a TLS address ended the way it did: one closed vocabulary for logs, counters and
// variables.
//
// Used by every phase of a connection. One failure has one reason.
#pragma once

#include <cstdint>

namespace tls {

enum class Reason : uint8_t {
    Completed,            // the handshake finished
    NoSharedVersion,      // no_shared_version
    NoSharedCipher,       // no_shared_cipher
    NoSharedGroup,        // no_shared_group
    NoSharedSignature,    // no_shared_signature
    NoSharedApplication,  // no_shared_application: ALPN
    UpgradeAlpn,          // upgrade_alpn: ALPN after a 101, which no client that asked for it offers
    UnknownName,          // unknown_name: refused for its server name
    NoCertificate,        // no_certificate: the server has none for this client
    HelloTooLarge,        // hello_too_large
    HelloMalformed,       // hello_malformed
    NotTls,               // not_tls: neither TLS nor HTTP
    PlainHttp,            // plain_http: HTTP in the clear
    ProxyMalformed,       // proxy_malformed: broken PROXY protocol header
    HandshakeTimeout,     // handshake_timeout
    PeerClosed,           // peer_closed: it left
    PeerAlert,            // peer_alert
    PeerProtocol,         // peer_protocol: the client broke the protocol later in the handshake
    VerifyFailed,         // verify_failed
    Limited,              // limited: the worker had no room for it
    ShuttingDown,         // shutting_down: the worker ends
    Internal,             // internal: our fault or the library's
};

// The word of the vocabulary, for instance "no_shared_cipher". Static memory.
const char* reason_name(Reason reason);

// What it means, in a few plain words; a whole sentence's worth without its period. Static memory.
const char* reason_words(Reason reason);

}  // namespace tls

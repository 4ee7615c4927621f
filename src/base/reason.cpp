#include "base/reason.h"

namespace tls {

const char* reason_name(Reason reason) {
    switch (reason) {
        case Reason::Completed:
            return "completed";
        case Reason::NoSharedVersion:
            return "no_shared_version";
        case Reason::NoSharedCipher:
            return "no_shared_cipher";
        case Reason::NoSharedGroup:
            return "no_shared_group";
        case Reason::NoSharedSignature:
            return "no_shared_signature";
        case Reason::NoSharedApplication:
            return "no_shared_application";
        case Reason::UpgradeAlpn:
            return "upgrade_alpn";
        case Reason::UnknownName:
            return "unknown_name";
        case Reason::NoCertificate:
            return "no_certificate";
        case Reason::HelloTooLarge:
            return "hello_too_large";
        case Reason::HelloMalformed:
            return "hello_malformed";
        case Reason::NotTls:
            return "not_tls";
        case Reason::PlainHttp:
            return "plain_http";
        case Reason::ProxyMalformed:
            return "proxy_malformed";
        case Reason::HandshakeTimeout:
            return "handshake_timeout";
        case Reason::PeerClosed:
            return "peer_closed";
        case Reason::PeerAlert:
            return "peer_alert";
        case Reason::PeerProtocol:
            return "peer_protocol";
        case Reason::VerifyFailed:
            return "verify_failed";
        case Reason::Limited:
            return "limited";
        case Reason::ShuttingDown:
            return "shutting_down";
        case Reason::Internal:
            return "internal";
    }
    return "internal";  // not reached: -Wswitch names a word that is missing above
}

const char* reason_words(Reason reason) {
    switch (reason) {
        case Reason::Completed:
            return "the handshake was completed";
        case Reason::NoSharedVersion:
            return "client and server have no protocol version in common";
        case Reason::NoSharedCipher:
            return "client and server have no cipher in common";
        case Reason::NoSharedGroup:
            return "client and server have no group for the key exchange in common";
        case Reason::NoSharedSignature:
            return "no certificate of the server can sign in a way that the client verifies";
        case Reason::NoSharedApplication:
            return "client and server have no application protocol in common";
        case Reason::UpgradeAlpn:
            return "a hello that offers ALPN came after a change to TLS that its client did not ask for";
        case Reason::UnknownName:
            return "the name that the client asked for is not served";
        case Reason::NoCertificate:
            return "the server has no certificate for the client";
        case Reason::HelloTooLarge:
            return "the ClientHello is longer than allowed";
        case Reason::HelloMalformed:
            return "the ClientHello breaks the rules of TLS";
        case Reason::NotTls:
            return "the client sent neither TLS nor HTTP";
        case Reason::PlainHttp:
            return "the client sent HTTP without TLS";
        case Reason::ProxyMalformed:
            return "the PROXY protocol header is broken or missing";
        case Reason::HandshakeTimeout:
            return "the client was too slow";
        case Reason::PeerClosed:
            return "the client closed the connection";
        case Reason::PeerAlert:
            return "the client ended the handshake with an alert";
        case Reason::PeerProtocol:
            return "the client broke the rules of TLS during the handshake";
        case Reason::VerifyFailed:
            return "the client has no certificate that the server accepts";
        case Reason::Limited:
            return "the worker needed the connection for another client";
        case Reason::ShuttingDown:
            return "the worker process ended";
        case Reason::Internal:
            return "the server or its TLS library failed";
    }
    return "";  // not reached, as above
}

}  // namespace tls

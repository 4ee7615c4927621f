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
        case Reason::Internal:
            return "internal";
    }
    return "internal";  // not reached: -Wswitch names a word that is missing above
}

}  // namespace tls

#include "stats/advice.h"

namespace tls {

namespace {

Advice on_negotiation(Reason reason) {
    switch (reason) {
        case Reason::NoSharedVersion:
            return {Concern::Usual,
                    "Mostly scanners and very old software. If real clients are among them, tls_protocols "
                    "says which versions are taken, and tls_profile old takes most."};
        case Reason::NoSharedCipher:
            return {Concern::Look,
                    "See in the error log which names are asked for. tls_ciphers and tls_ciphersuites may be "
                    "too narrow, or the key of the certificate is of a type that older clients do not know."};
        case Reason::NoSharedGroup:
            return {Concern::Look,
                    "tls_groups may be too narrow: most clients need X25519 or prime256v1 in it."};
        case Reason::NoSharedSignature:
            return {
                Concern::Look,
                "A second certificate with a key of another type (RSA beside ECDSA) reaches such clients; "
                "if tls_signature_algorithms is set, it may be too narrow."};
        case Reason::NoSharedApplication:
            return {Concern::Look,
                    "The client speaks neither HTTP/2 nor HTTP/1.1 here, or only HTTP/2 where it is not on."};
        case Reason::UnknownName:
            return {Concern::Usual,
                    "Clients that ask for names which are not here: scanners, or a DNS record that points "
                    "here without a server block for its name."};
        case Reason::NoCertificate:
            return {Concern::Trouble,
                    "Give the server a tls_certificate, or put the name's files into its "
                    "tls_certificate_directory. The error log names files that could not be used."};
        default:
            return {Concern::Look, ""};
    }
}

Advice on_client(Reason reason) {
    switch (reason) {
        case Reason::HelloTooLarge:
            return {Concern::Look,
                    "If real clients are among them, raise tls_client_hello_max_size a little."};
        case Reason::UpgradeAlpn:
            return {Concern::Trouble,
                    "Somebody between clients and this server puts requests of his own in front of their TLS "
                    "connections (CVE-2025-49812). These were refused; clients that offer no ALPN cannot be "
                    "told apart: see tls_plain upgrade."};
        case Reason::HelloMalformed:
        case Reason::PeerProtocol:
            return {Concern::Usual, "Scanners, or broken software at the other end. Nothing to do here."};
        case Reason::NotTls:
            return {Concern::Usual,
                    "Scanners, or clients of another protocol; where those are wanted, tls_other passes them "
                    "on."};
        case Reason::PlainHttp:
            return {Concern::Usual,
                    "Somebody used http:// with this port. A link or a health check may be written wrong; "
                    "tls_plain redirect sends them to https."};
        case Reason::ProxyMalformed:
            return {Concern::Trouble,
                    "The load balancer in front must send the PROXY protocol, or listen must not expect it."};
        case Reason::HandshakeTimeout:
            return {
                Concern::Look,
                "Connections that are opened and say nothing, or a slow network. When many come from one "
                "address, limit_conn or a firewall helps; tls_handshake_timeout says how long they stay."};
        case Reason::PeerClosed:
            return {Concern::Usual,
                    "Health checks that only connect, port scanners, and people who went elsewhere."};
        case Reason::PeerAlert:
            return {Concern::Look,
                    "The client did not like what it got. The error log has its alert: unknown_ca and "
                    "bad_certificate mean that it does not trust the certificate, often for a missing "
                    "intermediate one; certificate_expired that it has ended."};
        case Reason::VerifyFailed:
            return {
                Concern::Look,
                "The error log says why each was refused. Certificates that expired, or an authority that "
                "is not in tls_client_certificate."};
        default:
            return {Concern::Look, ""};
    }
}

}  // namespace

Advice advice_for(Reason reason) {
    switch (reason) {
        case Reason::Completed:
            return {Concern::Usual, ""};
        case Reason::NoSharedVersion:
        case Reason::NoSharedCipher:
        case Reason::NoSharedGroup:
        case Reason::NoSharedSignature:
        case Reason::NoSharedApplication:
        case Reason::UnknownName:
        case Reason::NoCertificate:
            return on_negotiation(reason);
        case Reason::UpgradeAlpn:
        case Reason::HelloTooLarge:
        case Reason::HelloMalformed:
        case Reason::NotTls:
        case Reason::PlainHttp:
        case Reason::ProxyMalformed:
        case Reason::HandshakeTimeout:
        case Reason::PeerClosed:
        case Reason::PeerAlert:
        case Reason::PeerProtocol:
        case Reason::VerifyFailed:
            return on_client(reason);
        case Reason::Limited:
            return {Concern::Trouble, "Workers run out of connections: raise worker_connections."};
        case Reason::ShuttingDown:
            return {Concern::Usual, "A reload or the end of a worker while the handshake was under way."};
        case Reason::Internal:
            return {Concern::Trouble, "The error log has the library's own words at level crit."};
    }
    return {Concern::Look, ""};  // not reached: -Wswitch names a reason that is missing above
}

}  // namespace tls

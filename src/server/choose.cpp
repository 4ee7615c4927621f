#include "server/choose.h"

#include <algorithm>

namespace tls {

namespace {

// What is spoken here, most wanted first; the order is the server's, as in nginx.
constexpr const char* kApplicationProtocols[] = {"h2", "http/1.1", "http/1.0", "http/0.9"};

Choice refuse(const ServerTerms& terms, Alert alert, Reason reason, const char* text) {
    Choice choice;
    choice.matched_by = terms.matched_by;
    choice.refusal = Refusal{alert, reason, text};
    return choice;
}

bool shares_version(const ClientHello& hello, const Policy& policy) {
    // A command of the operator may have changed the versions; then libssl is asked.
    if (!policy.conf_commands.empty()) {
        return true;
    }
    for (uint16_t version = 0x0300; version <= 0x0304; ++version) {
        if (allows_version(policy, version) && hello.offers_version(version)) {
            return true;
        }
    }
    return false;
}

// RFC 7301 section 3.2: the server's most wanted protocol among the client's, or null.
const char* choose_application(const ClientHello& hello, bool http2) {
    for (const char* protocol : kApplicationProtocols) {
        if (!http2 && protocol == kApplicationProtocols[0]) {
            continue;
        }
        if (std::find(hello.alpn.begin(), hello.alpn.end(), protocol) != hello.alpn.end()) {
            return protocol;
        }
    }
    return nullptr;
}

// Why there is no certificate to answer with, or null when there is one. A server's own certificates are for
// its names; those of a folder are for the names they were found under.
const char* find_missing_certificate(const ServerTerms& terms) {
    if (terms.credentials != nullptr) {
        return nullptr;
    }
    if (terms.named && terms.refuses_unknown_name && terms.matched_by != MatchedBy::Name) {
        return "the name has no certificate";
    }
    if (!terms.named && terms.refuses_no_name) {
        return "the client sent no server name";
    }
    const bool has_own = terms.context != nullptr && terms.context->has_credentials();
    if (has_own) {
        return nullptr;
    }
    return terms.named ? "the name has no certificate"
                       : "the server has no certificate for clients without a name";
}

// RFC 6066 section 3 for a name, RFC 8446 section 9.2 for its absence.
Choice refuse_name(const ClientHello& hello, const ServerTerms& terms, const char* text) {
    if (terms.named) {
        return refuse(terms, Alert::UnrecognizedName, Reason::UnknownName, text);
    }
    const bool knows_alert = hello.offers_version(0x0304);
    return refuse(terms, knows_alert ? Alert::MissingExtension : Alert::HandshakeFailure,
                  Reason::NoCertificate, text);
}

// Whoever asks for TLS in the clear speaks HTTP/1.1 already and has no protocol to negotiate. A hello that
// offers ALPN is that of an ordinary connection which somebody else put behind a request of his own
// (CVE-2025-49812), so that its client takes the answer to that request for the answer to its own. The
// request also names the server (RFC 2817 section 1): a hello for another one is not by who sent it, or not
// meant so.
const char* find_foreign_hello(const ClientHello& hello, const ServerTerms& terms, Alert* alert,
                               Reason* reason) {
    if (!terms.after_upgrade) {
        return nullptr;
    }
    if (hello.has_alpn) {
        *alert = Alert::NoApplicationProtocol;
        *reason = Reason::UpgradeAlpn;
        return "the client offers ALPN behind a request for TLS";
    }
    if (terms.upgraded_elsewhere) {
        *alert = Alert::UnrecognizedName;
        *reason = Reason::UnknownName;
        return "the request for TLS was for another server";
    }
    return nullptr;
}

}  // namespace

const char* matched_by_name(MatchedBy matched_by) {
    switch (matched_by) {
        case MatchedBy::Name:
            return "name";
        case MatchedBy::Default:
            return "default";
        case MatchedBy::NoName:
            return "no_name";
    }
    return "default";
}

Choice choose(const ClientHello& hello, const ServerTerms& terms) {
    Alert alert = Alert::InternalError;
    Reason reason = Reason::Internal;
    if (const char* foreign = find_foreign_hello(hello, terms, &alert, &reason)) {
        return refuse(terms, alert, reason, foreign);
    }
    if (!terms.serves_tls) {
        return refuse(terms, Alert::UnrecognizedName, Reason::UnknownName, "the server does not serve TLS");
    }
    if (terms.rejects) {
        return refuse(terms, Alert::UnrecognizedName, Reason::UnknownName, "the server rejects handshakes");
    }
    if (const char* missing = find_missing_certificate(terms)) {
        return refuse_name(hello, terms, missing);
    }
    if (!shares_version(hello, terms.context->policy())) {
        // SSL 3.0 has no protocol_version alert; libssl sends it what it knows (RFC 6101 section 5.4.2).
        return refuse(
            terms, hello.legacy_version == 0x0300 ? Alert::HandshakeFailure : Alert::ProtocolVersion,
            Reason::NoSharedVersion, "the client offers no protocol version that the server allows");
    }
    Choice choice;
    if (hello.has_alpn) {
        const char* protocol = choose_application(hello, terms.http2);
        if (protocol == nullptr) {
            return refuse(terms, Alert::NoApplicationProtocol, Reason::NoSharedApplication,
                          "the client offers no application protocol that the server speaks");
        }
        choice.alpn = protocol;
    }
    choice.accepted = true;
    choice.context = terms.context;
    choice.credentials = terms.credentials;
    choice.matched_by = terms.matched_by;
    return choice;
}

}  // namespace tls

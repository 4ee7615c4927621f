// The decision on a hello: which server answers, under which terms, or why none does.
//
// Pure: the hello and what the glue found for its name go in, a choice that carries its reason comes out. No
// TLS object exists yet, so a refusal costs nothing but an alert.
#pragma once

#include <memory>
#include <string>

#include "certs/catalog.h"
#include "hello/client_hello.h"
#include "server/context.h"

namespace tls {

// How the server block was found.
enum class MatchedBy : uint8_t {
    Name,     // the server name is one of its names
    Default,  // the name is nobody's, or is no host name: the address's default server
    NoName,   // the client sent none
};

const char* matched_by_name(MatchedBy matched_by);

// What is known of the server block that a name leads to, and of the certificates for that name.
struct ServerTerms {
    const ServerContext* context = nullptr;            // null: not served over TLS, or without certificates
    std::shared_ptr<const CredentialSet> credentials;  // found for the name; null: those of the context
    bool named = false;                                // the client sent a name that is a host name
    bool refuses_unknown_name = false;                 // a name without credentials of its own is not served
    bool refuses_no_name = false;                      // nor is a client without a name
    bool serves_tls = false;                           // it says `tls on`
    bool rejects = false;                              // it says `tls_reject_handshake on`
    bool http2 = false;
    bool after_upgrade = false;       // the hello follows a request in the clear that asked for TLS
    bool upgraded_elsewhere = false;  // that request was for another server
    MatchedBy matched_by = MatchedBy::Default;
};

struct Choice {
    bool accepted = false;
    const ServerContext* context = nullptr;            // when accepted
    std::shared_ptr<const CredentialSet> credentials;  // when accepted and not those of the context
    const char* alpn = "";                             // the application protocol, or empty; static memory
    Refusal refusal;                                   // when not accepted
    MatchedBy matched_by = MatchedBy::Default;
};

// Never fails: what cannot be served is a refusal.
Choice choose(const ClientHello& hello, const ServerTerms& terms);

}  // namespace tls

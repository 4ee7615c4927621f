// The decision on a request that came in the clear to an address with TLS: what `tls_plain` makes of it.
//
// Pure: what the operator wants and what is known of the request go in, one answer comes out. The glue
// carries it out. Knows no HTTP beyond the few facts in PlainRequest.
#pragma once

namespace tls {

// tls_plain of the server that the request is for.
enum class PlainMode { Error, Serve, Redirect, Upgrade, UpgradeRequired };

struct PlainTerms {
    PlainMode mode = PlainMode::Error;
    bool any_method = false;  // requests=any
    bool serves_tls = true;   // the server says `tls on`
};

struct PlainRequest {
    bool options = false;       // the method is OPTIONS
    bool asterisk = false;      // the request-target is "*" (RFC 9112 section 3.2.4)
    bool can_upgrade = false;   // HTTP/1.1, not older
    bool http2 = false;         // a stream, where nothing can be upgraded (RFC 9113 section 8.6)
    bool asks_for_tls = false;  // by Upgrade and Connection
    bool has_body = false;
    bool excepted = false;  // below a path that is not redirected
};

enum class PlainAnswer {
    Error,           // 400 with nginx's code 497
    BadRequest,      // 400, as from nginx where nobody takes the request-target
    Serve,           // in the clear
    Redirect,        // to https
    Upgrade,         // 101, then TLS, then the answer
    RefuseBody,      // 413: it asks for TLS, but with a body
    RequireUpgrade,  // 426
};

// RFC 2817 sections 3 and 4, RFC 9110 sections 7.8 and 15.5.22.
PlainAnswer answer_plain(const PlainTerms& terms, const PlainRequest& request);

// True when answers in the clear say that TLS is spoken here as well.
bool offers_upgrade(const PlainTerms& terms);

}  // namespace tls

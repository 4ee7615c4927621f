// What a request in the clear says about changing to TLS (RFC 2817, RFC 9110 sections 7.6.1 and 7.8): its
// Connection and Upgrade fields, read into one value.
//
// Used by the glue for requests on addresses where an upgrade is offered. Pure, allocates nothing while it
// reads; whether the request is taken at its word is decided in plain_answer.
#pragma once

#include <string>
#include <string_view>

namespace tls {

// TLS 1.0 to 1.3 as a set of minor versions: bit n is TLS/1.n.
using TlsMinors = unsigned;

struct UpgradeRequest {
    bool connection_upgrade = false;  // Connection has the option "upgrade"
    TlsMinors offered = 0;            // the TLS/1.x in Upgrade

    // Upgrade counts only if Connection names it.
    bool asks_for_tls() const { return connection_upgrade && offered != 0; }
};

// Adds what one field line says; call for each line of that name. Elements that are none (RFC 9110 section
// 5.6.1) are passed over, the others count.
void read_connection(std::string_view value, UpgradeRequest* request);
void read_upgrade(std::string_view value, UpgradeRequest* request);

// The protocol for the 101, "TLS/1.2": the highest of those that were offered and are allowed, or the highest
// offered, since clients name an old version and then agree on a newer one. `offered` is not empty.
std::string switched_protocol(TlsMinors offered, TlsMinors allowed);

// The value of the Upgrade field that offers TLS, the best first: "TLS/1.3, TLS/1.2, HTTP/1.1".
std::string offered_protocols(TlsMinors allowed);

}  // namespace tls

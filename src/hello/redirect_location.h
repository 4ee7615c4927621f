// Where a request in the clear is sent: the same host, port and URI over https.
//
// Used by the glue for `tls_plain redirect`. Pure. What the client wrote comes out so that it can end neither
// the header nor the part of the URI that it stands in (RFC 3986).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tls {

struct RedirectTarget {
    std::string_view host;  // without port; an IPv6 address in brackets. Not empty
    uint16_t port = 0;      // 0 and 443 are left out
    std::string_view uri;   // path and query as they were sent
};

std::string redirect_location(const RedirectTarget& target);

// True for what can stand for a host in a redirect when the client named none: no pattern, no "_".
bool is_redirect_host(std::string_view server_name);

}  // namespace tls

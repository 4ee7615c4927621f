// The rules for a host name that a client sends (RFC 6066 section 3, RFC 1123, nginx's own for the Host
// header).
//
// Used for SNI before any lookup: what comes out may be looked up in a hash, what is invalid never is.
#pragma once

#include <string>
#include <string_view>

namespace tls {

struct HostName {
    enum class Kind {
        Valid,      // `text` is the name, lower case, without a trailing dot
        IpLiteral,  // an IPv4 or IPv6 address, which RFC 6066 forbids as a server name; `text` is it
        Invalid,    // not a host name; `text` is empty
    };
    Kind kind = Kind::Invalid;
    std::string text;
};

// Accepts what nginx's ngx_http_validate_host accepts (underscores included), except ports, brackets and
// paths.
HostName normalize_host_name(std::string_view sent);

}  // namespace tls

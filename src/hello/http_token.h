// What HTTP's tokens are made of: methods, field names, protocol names (RFC 9110 section 5.6.2).
//
// Used by whatever reads HTTP before nginx does. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace tls {

// tchar.
inline bool is_token_char(uint8_t byte) {
    if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z')) {
        return true;
    }
    return byte != 0 &&
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(byte)) != std::string_view::npos;
}

}  // namespace tls

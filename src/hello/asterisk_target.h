// Finds the request-target of `OPTIONS *` (RFC 9112 section 3.2.4) in the bytes of a request line, however
// they come. nginx's parser knows no such target; CUPS sends it to ask for TLS.
//
// Used by the glue on bytes that it is about to hand to nginx. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace tls {

constexpr size_t kNoAsterisk = static_cast<size_t>(-1);

// Where in `bytes` the "*" is, or kNoAsterisk. `before` is what came of the same request earlier; it may be
// empty. What follows the "*" is not looked at.
size_t find_asterisk_target(std::string_view before, std::string_view bytes);

}  // namespace tls

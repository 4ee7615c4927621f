// A handshake of libssl with itself in memory, and what the server's side of it takes.
//
// Used by costs as a yardstick. ECDSA P-256, X25519. Dies when libssl refuses.
#pragma once

#include <cstddef>

namespace bench {

enum class Resumption { Off, On };

// Nanoseconds, the median of `count` handshakes. `version`: as in the protocol, 0x0303 or 0x0304.
double server_handshake_ns(int version, Resumption resumption, size_t count);

}  // namespace bench

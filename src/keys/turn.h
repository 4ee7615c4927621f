// The key exchanges of one turn of the event loop, together.
//
// Used by the glue with the hellos that it has gathered, before libssl is entered for any of them.
#pragma once

#include "keys/prepared.h"

namespace tls {

// Gives each of `count` handshakes a pair, and the secret that it makes with `peer`, which the caller has
// set. What cannot be prepared stays empty, and is made on the spot.
void prepare_exchanges(Prepared* const* handshakes, size_t count);

}  // namespace tls

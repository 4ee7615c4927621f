// What the handshakes of one turn of the event loop need, made together.
//
// Used by the glue with the hellos that it has gathered, before libssl is entered for any of them.
#pragma once

#include "keys/prepared.h"

namespace tls {

// Gives each of `count` handshakes a pair, the secret that it makes with `peer`, and what a signature of
// `signer` for `hello` needs; the caller has set those. A signer whose handshakes take them is left more for
// later ones (HalfPool). What cannot be prepared, or is faster alone, stays
// empty and is made on the spot.
void prepare_handshakes(Prepared* const* handshakes, size_t count);

}  // namespace tls

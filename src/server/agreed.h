// Reads from a connection's SSL what its handshake agreed on.
//
// Used by Tunnel, once. The names and lists of the hello are not libssl's: the Tunnel adds them.
#pragma once

#include "server/context.h"
#include "server/facts.h"

namespace tls {

// Call when the handshake has ended, or early data is there.
Facts read_facts(SSL* ssl);

}  // namespace tls

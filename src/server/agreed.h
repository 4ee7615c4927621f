// Reads from a connection's SSL what its handshake agreed on.
//
// Used by Tunnel, once. The names and lists of the hello are not libssl's: the Tunnel adds them.
#pragma once

#include "server/context.h"
#include "server/facts.h"

namespace tls {

// True when version and cipher are chosen, whether the handshake ended or not.
bool has_chosen_cipher(const SSL* ssl);

// All of it when the handshake has ended, or early data is there; what is known by then before.
Facts read_facts(SSL* ssl);
SessionId read_session_id(SSL* ssl);

}  // namespace tls

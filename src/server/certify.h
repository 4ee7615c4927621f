// Gives one connection the certificates that were found for its name, in place of those of its server's
// context.
//
// Used by Tunnel between SSL_new and the handshake.
#pragma once

#include "certs/catalog.h"
#include "server/context.h"

namespace tls {

// False when libssl does not take one of them, or the name has no digest (memory). Sessions are bound to the
// name that the set was found under, not to its certificates: a renewed one goes on with them.
bool use_credentials(SSL* ssl, const ServerContext& context, const CredentialSet& set);

}  // namespace tls

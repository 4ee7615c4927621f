// What libssl asks during a handshake, answered from the connection's Tunnel and the context's session terms.
//
// Installed once a context. Every callback is guarded; none blocks.
#pragma once

#include <openssl/ssl.h>

namespace tls {

class ServerContext;
class Tunnel;

void install_callbacks(SSL_CTX* ctx, const ServerContext* context);

// Ties an SSL to its tunnel; null unties it. Tunnel::native() of an untied SSL answers to nobody.
bool bind_tunnel(SSL* ssl, Tunnel* tunnel);

// Lets every chain through the handshake: the verdict is given to the request, as in nginx (codes 495 and
// 496).
int accept_any_chain(int preverified, X509_STORE_CTX* store);

}  // namespace tls

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

// Lets the tunnel of an SSL hear the secrets that libssl makes, for as long as this lives: from the
// beginning, or from when the server's flight comes to those of its records. libssl writes each down, which
// costs more than making it.
class SecretWatch {
  public:
    // Does nothing when not `wanted`.
    SecretWatch(const SSL* ssl, bool wanted, bool from_the_beginning);
    ~SecretWatch();
    SecretWatch(const SecretWatch&) = delete;
    SecretWatch& operator=(const SecretWatch&) = delete;

  private:
    SSL_CTX* ctx_;
    SSL_CTX_keylog_cb_func before_ = nullptr;
};

// Lets every chain through the handshake: the verdict is given to the request, as in nginx (codes 495 and
// 496).
int accept_any_chain(int preverified, X509_STORE_CTX* store);

}  // namespace tls

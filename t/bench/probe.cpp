#include "probe.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "options.h"

namespace bench {
namespace {

class Socket {
  public:
    Socket() : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval time = {10, 0};
        const linger reset = {1, 0};
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
        setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
        setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    }
    ~Socket() { close(descriptor_); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

}  // namespace

Probe::Probe(const std::string& address) : context_(SSL_CTX_new(TLS_client_method())) {
    const size_t colon = address.rfind(':');
    address_.sin_family = AF_INET;
    if (!context_ || colon == std::string::npos ||
        inet_pton(AF_INET, address.substr(0, colon).c_str(), &address_.sin_addr) != 1) {
        die("\"" + address + "\" is no IPv4 address with a port");
    }
    address_.sin_port = htons(static_cast<uint16_t>(parse_number(address.substr(colon + 1), "port", 65535)));
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
    SSL_CTX_set1_groups_list(context_.get(), "X25519:P-256");
}

bool Probe::ask(const std::string& name, uint64_t* serial, std::string* failure) {
    const Socket socket;
    ERR_clear_error();
    if (connect(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address_), sizeof(address_)) == -1) {
        *failure = std::string("connect: ") + std::strerror(errno);
        return false;
    }
    const std::unique_ptr<SSL, tls::OpensslDeleter<SSL, SSL_free>> ssl(SSL_new(context_.get()));
    if (!ssl || SSL_set_fd(ssl.get(), socket.descriptor()) != 1 ||
        SSL_set_tlsext_host_name(ssl.get(), name.c_str()) != 1) {
        *failure = "SSL_new";
        return false;
    }
    errno = 0;
    if (SSL_connect(ssl.get()) != 1) {
        const char* reason = ERR_reason_error_string(ERR_peek_last_error());
        *failure = std::string("handshake: ") + (reason != nullptr ? reason : std::strerror(errno));
        return false;
    }
    const X509* certificate = SSL_get0_peer_certificate(ssl.get());
    if (certificate == nullptr || ASN1_INTEGER_get_uint64(serial, X509_get0_serialNumber(certificate)) != 1) {
        *failure = "no serial number";
        return false;
    }
    return true;
}

}  // namespace bench

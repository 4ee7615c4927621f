// Which certificate a server shows for a name right now: a handshake that blocks, and its serial number.
//
// Used by churn. Never resumes.
#pragma once

#include <netinet/in.h>
#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/openssl.h"

namespace bench {

class Probe {
  public:
    // Dies when the address is none. A handshake takes ten seconds at most.
    explicit Probe(const std::string& address);

    // True with the serial number, or false with what went wrong.
    bool ask(const std::string& name, uint64_t* serial, std::string* failure);

  private:
    sockaddr_in address_ = {};
    std::unique_ptr<SSL_CTX, tls::OpensslDeleter<SSL_CTX, SSL_CTX_free>> context_;
};

}  // namespace bench

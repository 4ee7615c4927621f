// What all connections of a run share: the SSL_CTX, the names, and the session of each name for resumption.
//
// Made once by the load client, used by its connections. One thread.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/openssl.h"
#include "load_options.h"

namespace bench {

using UniqueContext = std::unique_ptr<SSL_CTX, tls::OpensslDeleter<SSL_CTX, SSL_CTX_free>>;
using UniqueSsl = std::unique_ptr<SSL, tls::OpensslDeleter<SSL, SSL_free>>;
using UniqueSession = std::unique_ptr<SSL_SESSION, tls::OpensslDeleter<SSL_SESSION, SSL_SESSION_free>>;

class ClientSetup {
  public:
    // Dies when libssl refuses the options. They must outlive this.
    explicit ClientSetup(const LoadOptions& options);

    const LoadOptions& options() const { return options_; }
    // There is always one name; it is empty when the client shall send none.
    size_t name_count() const { return names_.size(); }
    const std::string& name(size_t index) const { return names_[index]; }
    bool has_session(size_t index) const { return sessions_[index] != nullptr; }

    // Connections that have more requests to make end at that time with the one under way.
    void set_until_us(uint64_t until_us) { until_us_ = until_us; }
    uint64_t until_us() const { return until_us_; }

    // A client's SSL for that name, with its session when `resume`; its fresh sessions are kept when `keep`.
    // Null when memory is short.
    UniqueSsl make_ssl(size_t index, bool resume, bool keep);

  private:
    static int on_new_session(SSL* ssl, SSL_SESSION* session);

    const LoadOptions& options_;
    std::vector<std::string> names_;
    std::vector<UniqueSession> sessions_;
    UniqueContext context_;
    uint64_t until_us_ = UINT64_MAX;
};

}  // namespace bench

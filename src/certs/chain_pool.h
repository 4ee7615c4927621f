// Intermediate certificates that many names share: one parsed copy of each, for as long as somebody uses it.
//
// Used by the sources that read files at run time. Single-threaded. Knows nothing of leaves, keeps nothing
// alive by itself.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/openssl.h"

namespace tls {

class ChainPool {
  public:
    // What keeps certificates known to the pool.
    using Hold = std::vector<std::shared_ptr<const void>>;

    // The next certificate of PEM text as PEM_read_bio_X509() gives it, or the copy that somebody else uses.
    // Null at the end and on failure, with OpenSSL's queue as that function leaves it.
    UniqueX509 read_next(BIO* bio, Hold* hold);

    // Certificates in use.
    size_t size() const { return known_->size(); }

  private:
    struct Shared;
    using Known = std::unordered_map<std::string, std::weak_ptr<Shared>>;  // by SHA-256 of the DER
    std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

}  // namespace tls

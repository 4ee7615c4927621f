#include "certs/chain_pool.h"

#include <openssl/sha.h>

#include <utility>

#include "certs/pem.h"

namespace tls {

// One certificate of the pool. Its end is its entry's end.
struct ChainPool::Shared {
    Shared(UniqueX509 made, std::string digest, const std::shared_ptr<Known>& known)
        : certificate(std::move(made)), digest_(std::move(digest)), known_(known) {}
    ~Shared() {
        if (const std::shared_ptr<Known> known = known_.lock()) {
            known->erase(digest_);
        }
    }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    const UniqueX509 certificate;

  private:
    const std::string digest_;
    const std::weak_ptr<Known> known_;
};

UniqueX509 ChainPool::read_next(BIO* bio, Hold* hold) {
    unsigned char* der = nullptr;
    long size = 0;
    if (PEM_bytes_read_bio(&der, &size, nullptr, PEM_STRING_X509, bio, answer_password, nullptr) != 1) {
        return nullptr;
    }
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> freed(
        der, [](unsigned char* bytes) { OPENSSL_free(bytes); });
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(der, static_cast<size_t>(size), reinterpret_cast<unsigned char*>(&digest[0]));

    const auto found = known_->find(digest);
    if (found != known_->end()) {
        if (std::shared_ptr<Shared> shared = found->second.lock()) {
            hold->push_back(shared);
            return share(shared->certificate.get());
        }
    }
    const unsigned char* at = der;
    UniqueX509 made(d2i_X509(nullptr, &at, size));
    if (made == nullptr) {
        return nullptr;
    }
    auto shared = std::make_shared<Shared>(share(made.get()), digest, known_);
    known_->insert_or_assign(std::move(digest), shared);
    hold->push_back(std::move(shared));
    return made;
}

}  // namespace tls

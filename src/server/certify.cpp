#include "server/certify.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <memory>

namespace tls {

namespace {

struct ChainDeleter {
    // The certificates in it stay their owners'.
    void operator()(STACK_OF(X509) * chain) const { sk_X509_free(chain); }
};
using UniqueChain = std::unique_ptr<STACK_OF(X509), ChainDeleter>;

bool use_credential(SSL* ssl, const Credential& credential) {
    UniqueChain chain(sk_X509_new_null());
    if (chain == nullptr) {
        return false;
    }
    for (const auto& link : credential.chain) {
        if (sk_X509_push(chain.get(), link.get()) == 0) {
            return false;
        }
    }
    constexpr int kReplace = 1;
    return SSL_use_cert_and_key(ssl, credential.leaf.get(), credential.key.get(), chain.get(), kReplace) == 1;
}

bool bind_sessions(SSL* ssl, const ServerContext& context, const CredentialSet& set) {
    const std::string& terms = context.session_scope();
    Sha256Digest scope{};
    if (!set.name_digest || terms.size() != scope.size()) {
        return false;
    }
    // Two digests, of which either decides: another name under the same terms gives another scope, and so do
    // other terms for the same name.
    std::transform(terms.begin(), terms.end(), set.name_digest->begin(), scope.begin(),
                   [](char one, uint8_t other) { return static_cast<uint8_t>(one) ^ other; });
    return SSL_set_session_id_context(ssl, scope.data(), scope.size()) == 1;
}

}  // namespace

bool use_credentials(SSL* ssl, const ServerContext& context, const CredentialSet& set) {
    SSL_certs_clear(ssl);
    for (const auto& credential : set.credentials) {
        if (!use_credential(ssl, *credential)) {
            return false;
        }
    }
    return bind_sessions(ssl, context, set);
}

}  // namespace tls

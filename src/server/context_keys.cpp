// The keys of a ServerContext as its handshakes use them: as they are, or as copies that take what was
// prepared or wait for others to sign.
#include "keys/library.h"
#include "server/context.h"

namespace tls {

namespace {

// Longer than a handshake without them. Keys in the hands of others may be at the end of a bus or a network.
bool takes_long(const EVP_PKEY* key) {
    constexpr int kShortRsa = 2048;  // bits
    return !fits_key_library(key) || (EVP_PKEY_is_a(key, "RSA") == 1 && EVP_PKEY_get_bits(key) > kShortRsa);
}

}  // namespace

bool ServerContext::uses_key_library() const {
    return terms_.library != nullptr && key_library().ok() && terms_.library == *key_library();
}

// A key that cannot be taken into the library can be wrapped for it.
bool ServerContext::can_leave_library(const Credential& credential) const {
    EVP_PKEY* key = credential.key.get();
    return fits_key_library(key) ||
           (terms_.threads && wrap_in_library(terms_.library, key, KeyWait::Thread) != nullptr);
}

EVP_PKEY* ServerContext::keep_wrapped(UniquePkey key) {
    wrapped_keys_.push_back(std::move(key));
    return wrapped_keys_.back().get();
}

EVP_PKEY* ServerContext::key_to_sign_with(const Credential& credential) {
    EVP_PKEY* key = credential.key.get();
    if (terms_.threads && takes_long(key)) {
        if (UniquePkey wrapped = wrap_in_library(terms_.library, key, KeyWait::Thread)) {
            threads_keys_ = true;
            return keep_wrapped(std::move(wrapped));
        }
        unthreaded_ = &credential;
    }
    if (uses_key_library() && has_batches()) {
        if (UniquePkey wrapped = wrap_in_library(terms_.library, key, KeyWait::Batch)) {
            batches_rsa_ = true;
            return keep_wrapped(std::move(wrapped));
        }
        auto copy = std::make_unique<SigningKey>(make_signing_key(key));
        drain_openssl_errors();
        if (copy->key != nullptr) {
            signing_keys_.push_back(std::move(copy));
            return signing_keys_.back()->key.get();
        }
    }
    return key;
}

}  // namespace tls

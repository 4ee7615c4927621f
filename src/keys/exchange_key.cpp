#include "keys/exchange_key.h"

#include <cstring>

#include "keys/prepared.h"

namespace tls {

namespace {

template <class Kind>
const DefaultExchange& fallback(const ProviderState* state) {
    if constexpr (std::is_same_v<Kind, P256Kind>) {
        return state->fallback.p256;
    } else {
        return state->fallback.x25519;
    }
}

}  // namespace

template <class Kind>
ExchangeKey<Kind>::~ExchangeKey() {
    OPENSSL_cleanse(private_key_.data(), private_key_.size());
    OPENSSL_cleanse(secret_.data(), secret_.size());
    fallback<Kind>(state_).free_key(native_);
}

template <class Kind>
void* ExchangeKey<Kind>::native() {
    if (native_ == nullptr && has_public_) {
        native_ = fallback<Kind>(state_).import_key(public_key_.data(),
                                                    has_private_ ? private_key_.data() : nullptr);
    }
    return native_;
}

template <class Kind>
void ExchangeKey<Kind>::copy_public(const ExchangeKey& other) {
    public_key_ = other.public_key_;
    has_public_ = other.has_public_;
}

// On the curve is a point that has been used for a secret already, or that OpenSSL takes.
template <class Kind>
bool ExchangeKey<Kind>::may_be_peer() {
    if constexpr (std::is_same_v<Kind, P256Kind>) {
        constexpr uint8_t kUncompressed = 4;
        if (public_key_[0] != kUncompressed) {
            return false;
        }
        const Prepared* prepared = PreparedScope::current();
        const bool used =
            prepared != nullptr && prepared->p256.has_secret && prepared->p256.peer == public_key_;
        return used || native() != nullptr;
    } else {
        return true;
    }
}

template <class Kind>
bool ExchangeKey<Kind>::set_share(const uint8_t* share) {
    memcpy(public_key_.data(), share, public_key_.size());
    has_public_ = true;
    has_public_ = may_be_peer();
    return has_public_;
}

// Moves this handshake's prepared pair into the key. Once: a second exchange gets another pair.
template <class Kind>
bool ExchangeKey<Kind>::take_prepared() {
    Prepared* handshake = PreparedScope::current();
    if (handshake == nullptr || !handshake->exchange<Kind>().has_pair) {
        return false;
    }
    PreparedExchange<Kind>& prepared = handshake->exchange<Kind>();
    public_key_ = prepared.pair.public_key;
    private_key_ = prepared.pair.private_key;
    has_secret_ = prepared.has_secret;
    peer_ = prepared.peer;
    secret_ = prepared.secret;
    prepared.wipe_exchange();
    return true;
}

template <class Kind>
bool ExchangeKey<Kind>::take_from_pool() {
    typename Kind::Pair pair;
    if (state_->mb == nullptr || !state_->template pairs<Kind>().take(*state_->mb, &pair)) {
        return false;
    }
    public_key_ = pair.public_key;
    private_key_ = pair.private_key;
    OPENSSL_cleanse(&pair, sizeof(pair));
    return true;
}

template <class Kind>
bool ExchangeKey<Kind>::fill() {
    is_pair_ = has_public_ = true;
    if (take_prepared() || take_from_pool()) {
        has_private_ = true;
        return true;
    }
    const DefaultExchange& openssl = fallback<Kind>(state_);
    native_ = openssl.make_pair();
    return native_ != nullptr && openssl.read_public(native_, public_key_.data());
}

template <class Kind>
bool ExchangeKey<Kind>::derive(ExchangeKey* peer, uint8_t* secret) {
    if (has_secret_ && peer_ == peer->public_key_) {
        memcpy(secret, secret_.data(), secret_.size());
        return true;
    }
    void* mine = native();
    void* theirs = peer->native();
    return mine != nullptr && theirs != nullptr && fallback<Kind>(state_).derive(mine, theirs, secret);
}

template class ExchangeKey<X25519Kind>;
template class ExchangeKey<P256Kind>;

}  // namespace tls

// A key of one of this room's exchanges as libssl holds it: ours with its private half, or a peer's.
//
// Used by the provider only. Belongs to one thread at a time. What was not made ahead or in a batch is made
// by OpenSSL's default provider, which also judges odd points.
#pragma once

#include <cstdint>

#include "keys/exchange_kind.h"
#include "keys/provider.h"

namespace tls {

template <class Kind>
class ExchangeKey {
  public:
    using Public = typename Kind::Public;

    explicit ExchangeKey(ProviderState* state) : state_(state) {}
    ExchangeKey(const ExchangeKey&) = delete;
    ExchangeKey& operator=(const ExchangeKey&) = delete;
    ~ExchangeKey();

    // Makes an empty key a pair of ours: the one that was prepared for this handshake, one that was made
    // ahead, or a new one. False, with OpenSSL's error in the queue, when none can be made.
    bool fill();
    // Makes an empty key a peer's, of Public's size as it is on the wire (RFC 8446 section 4.2.8.2). False
    // when it is refused: P-256's must be on the curve; of X25519's it is the secret that is judged.
    bool set_share(const uint8_t* share);
    // Only what is public; an empty key stays empty.
    void copy_public(const ExchangeKey& other);

    bool has_public() const { return has_public_; }
    bool is_pair() const { return is_pair_; }
    bool has_native() const { return native_ != nullptr; }  // its bytes are no longer to be changed
    const Public& public_key() const { return public_key_; }
    ProviderState* state() const { return state_; }

    // What this pair makes with `peer`; 32 bytes. False, with OpenSSL's error in the queue, when that is
    // refused.
    bool derive(ExchangeKey* peer, uint8_t* secret);

  private:
    bool take_prepared();
    bool take_from_pool();
    bool may_be_peer();
    void* native();

    ProviderState* state_;
    bool has_public_ = false;
    bool has_private_ = false;  // as bytes here; otherwise only `native_` may have it
    bool has_secret_ = false;   // `secret_` is what this key and `peer_` make
    bool is_pair_ = false;
    Public public_key_{};
    typename Kind::Private private_key_{};
    Public peer_{};
    typename Kind::Secret secret_{};
    void* native_ = nullptr;  // the default provider's copy, made when it is needed
};

}  // namespace tls

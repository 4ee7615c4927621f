// X25519 and P-256 for OpenSSL's key exchange.
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "base/guard.h"
#include "keys/dispatch.h"
#include "keys/exchange_key.h"
#include "keys/provider_keys.h"

namespace tls {

namespace {

constexpr int kSecurityBits = 128;

template <class Kind>
ExchangeKey<Kind>* key_of(void* key) {
    return static_cast<ExchangeKey<Kind>*>(key);
}

// --- keys

template <class Kind>
void* new_key(void* state) {
    return guarded(static_cast<void*>(nullptr),
                   [&]() -> void* { return new ExchangeKey<Kind>(static_cast<ProviderState*>(state)); });
}

template <class Kind>
void free_key(void* key) {
    delete key_of<Kind>(key);
}

template <class Kind>
int has(const void* data, int selection) {
    const auto* key = static_cast<const ExchangeKey<Kind>*>(data);
    if (key == nullptr) {
        return 0;
    }
    return has_parts(selection, key->has_public(), key->is_pair()) ? 1 : 0;
}

template <class Kind>
int match(const void* left, const void* right, int selection) {
    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0) {
        return 1;
    }
    const auto* one = static_cast<const ExchangeKey<Kind>*>(left);
    const auto* other = static_cast<const ExchangeKey<Kind>*>(right);
    return one->has_public() && other->has_public() && one->public_key() == other->public_key() ? 1 : 0;
}

// libssl copies parameters only, of which there are none: a private half is never in two keys.
template <class Kind>
void* duplicate(const void* from, int selection) {
    const auto* key = static_cast<const ExchangeKey<Kind>*>(from);
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) {
        return nullptr;
    }
    auto* copy = key_of<Kind>(new_key<Kind>(key->state()));
    if (copy != nullptr && (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0) {
        copy->copy_public(*key);
    }
    return copy;
}

template <class Kind>
int get_params(void* data, OSSL_PARAM* parameters) {
    const ExchangeKey<Kind>* key = key_of<Kind>(data);
    const bool told =
        tell_sizes(parameters, Kind::kBits, kSecurityBits, std::tuple_size_v<typename Kind::Secret>);
    OSSL_PARAM* p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);
    if (p == nullptr) {
        return told ? 1 : 0;
    }
    const auto& share = key->public_key();
    return told && key->has_public() && OSSL_PARAM_set_octet_string(p, share.data(), share.size()) == 1 ? 1
                                                                                                        : 0;
}

// The peer's share, which must have its size (RFC 8446 section 4.2.8.2).
template <class Kind>
int set_params(void* data, const OSSL_PARAM* parameters) {
    ExchangeKey<Kind>* key = key_of<Kind>(data);
    const OSSL_PARAM* p = OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);
    if (p == nullptr) {
        return 1;
    }
    if (p->data_type != OSSL_PARAM_OCTET_STRING || p->data_size != key->public_key().size() ||
        key->is_pair() || key->has_native()) {
        return 0;
    }
    return key->set_share(static_cast<const uint8_t*>(p->data)) ? 1 : 0;
}

// --- generation

template <class Kind>
void* generate(void* data, OSSL_CALLBACK*, void*) {
    const auto* generation = static_cast<const Generation*>(data);
    ExchangeKey<Kind>* key = key_of<Kind>(new_key<Kind>(generation->state));
    if (key != nullptr && generation->pair && !key->fill()) {
        delete key;
        return nullptr;
    }
    return key;
}

// --- exchange

// The keys are libssl's, and outlive it.
template <class Kind>
struct Exchange {
    ExchangeKey<Kind>* key = nullptr;
    ExchangeKey<Kind>* peer = nullptr;
};

template <class Kind>
void* new_exchange(void*) {
    return guarded(static_cast<void*>(nullptr), []() -> void* { return new Exchange<Kind>(); });
}

template <class Kind>
void free_exchange(void* data) {
    delete static_cast<Exchange<Kind>*>(data);
}

template <class Kind>
int start_exchange(void* data, void* key, const OSSL_PARAM*) {
    static_cast<Exchange<Kind>*>(data)->key = key_of<Kind>(key);
    return key != nullptr ? 1 : 0;
}

template <class Kind>
int set_peer(void* data, void* key) {
    static_cast<Exchange<Kind>*>(data)->peer = key_of<Kind>(key);
    return key != nullptr ? 1 : 0;
}

// Asked twice: without a place for its size, then for the secret.
template <class Kind>
int derive(void* data, unsigned char* secret, size_t* size, size_t capacity) {
    const auto* exchange = static_cast<const Exchange<Kind>*>(data);
    constexpr size_t kSecretSize = std::tuple_size_v<typename Kind::Secret>;
    *size = kSecretSize;
    if (secret == nullptr) {
        return 1;
    }
    if (capacity < kSecretSize || exchange->key == nullptr || exchange->peer == nullptr ||
        !exchange->key->is_pair() || !exchange->peer->has_public()) {
        return 0;
    }
    return exchange->key->derive(exchange->peer, secret) ? 1 : 0;
}

}  // namespace

template <class Kind>
const OSSL_DISPATCH* exchange_key_functions() {
    static const OSSL_DISPATCH kFunctions[] = {
        entry(OSSL_FUNC_KEYMGMT_NEW, new_key<Kind>),
        entry(OSSL_FUNC_KEYMGMT_FREE, free_key<Kind>),
        entry(OSSL_FUNC_KEYMGMT_HAS, has<Kind>),
        entry(OSSL_FUNC_KEYMGMT_MATCH, match<Kind>),
        entry(OSSL_FUNC_KEYMGMT_DUP, duplicate<Kind>),
        entry(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params<Kind>),
        entry(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable_params),
        entry(OSSL_FUNC_KEYMGMT_SET_PARAMS, set_params<Kind>),
        entry(OSSL_FUNC_KEYMGMT_SETTABLE_PARAMS, settable_params),
        entry(OSSL_FUNC_KEYMGMT_GEN_INIT, start_generation),
        entry(OSSL_FUNC_KEYMGMT_GEN_SET_PARAMS, set_generation),
        entry(OSSL_FUNC_KEYMGMT_GEN_SETTABLE_PARAMS, settable_generation),
        entry(OSSL_FUNC_KEYMGMT_GEN, generate<Kind>),
        entry(OSSL_FUNC_KEYMGMT_GEN_CLEANUP, end_generation),
        {0, nullptr},
    };
    return kFunctions;
}

template <class Kind>
const OSSL_DISPATCH* exchange_functions() {
    static const OSSL_DISPATCH kFunctions[] = {
        entry(OSSL_FUNC_KEYEXCH_NEWCTX, new_exchange<Kind>),
        entry(OSSL_FUNC_KEYEXCH_FREECTX, free_exchange<Kind>),
        entry(OSSL_FUNC_KEYEXCH_INIT, start_exchange<Kind>),
        entry(OSSL_FUNC_KEYEXCH_SET_PEER, set_peer<Kind>),
        entry(OSSL_FUNC_KEYEXCH_DERIVE, derive<Kind>),
        {0, nullptr},
    };
    return kFunctions;
}

template const OSSL_DISPATCH* exchange_key_functions<X25519Kind>();
template const OSSL_DISPATCH* exchange_key_functions<P256Kind>();
template const OSSL_DISPATCH* exchange_functions<X25519Kind>();
template const OSSL_DISPATCH* exchange_functions<P256Kind>();

}  // namespace tls

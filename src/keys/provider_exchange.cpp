// X25519 and P-256 for OpenSSL's key exchange: keys whose pair was made ahead, and secrets that were derived
// in a batch. Every secret that was not is derived by the default provider, which also judges odd points.
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <cstring>

#include "base/guard.h"
#include "keys/prepared.h"
#include "keys/provider.h"

namespace tls {

namespace {

constexpr int kSecurityBits = 128;

template <class Kind>
const DefaultExchange& fallback(const ProviderState* state) {
    if constexpr (std::is_same_v<Kind, P256Kind>) {
        return state->fallback.p256;
    } else {
        return state->fallback.x25519;
    }
}

// A key as libssl holds it: ours with its private half, or a peer's.
template <class Kind>
struct ExchangeKey {
    explicit ExchangeKey(ProviderState* owner) : state(owner) {}
    ExchangeKey(const ExchangeKey&) = delete;
    ExchangeKey& operator=(const ExchangeKey&) = delete;
    ~ExchangeKey() {
        OPENSSL_cleanse(private_key.data(), private_key.size());
        OPENSSL_cleanse(secret.data(), secret.size());
        fallback<Kind>(state).free_key(native);
    }

    ProviderState* state;
    bool has_public = false;
    bool has_private = false;  // as bytes here; otherwise only `native` may have it
    bool has_secret = false;   // `secret` is what this key and `peer` make
    bool is_pair = false;
    typename Kind::Public public_key{};
    typename Kind::Private private_key{};
    typename Kind::Public peer{};
    typename Kind::Secret secret{};
    void* native = nullptr;  // the default provider's copy, made when it is needed
};

template <class Kind>
ExchangeKey<Kind>* key_of(void* key) {
    return static_cast<ExchangeKey<Kind>*>(key);
}

template <class Kind>
void* native_of(ExchangeKey<Kind>* key) {
    if (key->native == nullptr && key->has_public) {
        key->native =
            fallback<Kind>(key->state)
                .import_key(key->public_key.data(), key->has_private ? key->private_key.data() : nullptr);
    }
    return key->native;
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
    const bool wants_public = (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0;
    const bool wants_private = (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
    return (!wants_public || key->has_public) && (!wants_private || key->is_pair) ? 1 : 0;
}

template <class Kind>
int match(const void* left, const void* right, int selection) {
    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0) {
        return 1;
    }
    const auto* one = static_cast<const ExchangeKey<Kind>*>(left);
    const auto* other = static_cast<const ExchangeKey<Kind>*>(right);
    return one->has_public && other->has_public && one->public_key == other->public_key ? 1 : 0;
}

// libssl copies parameters only, of which there are none: a private half is never in two keys.
template <class Kind>
void* duplicate(const void* from, int selection) {
    const auto* key = static_cast<const ExchangeKey<Kind>*>(from);
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) {
        return nullptr;
    }
    auto* copy = key_of<Kind>(new_key<Kind>(key->state));
    if (copy != nullptr && (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0) {
        copy->public_key = key->public_key;
        copy->has_public = key->has_public;
    }
    return copy;
}

template <class Kind>
int get_params(void* data, OSSL_PARAM* parameters) {
    const ExchangeKey<Kind>* key = key_of<Kind>(data);
    OSSL_PARAM* p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_BITS);
    bool set = p == nullptr || OSSL_PARAM_set_int(p, Kind::kBits) == 1;
    p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_SECURITY_BITS);
    set = set && (p == nullptr || OSSL_PARAM_set_int(p, kSecurityBits) == 1);
    p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_MAX_SIZE);
    set = set && (p == nullptr || OSSL_PARAM_set_int(p, std::tuple_size_v<typename Kind::Secret>) == 1);
    p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);
    set = set &&
          (p == nullptr || (key->has_public && OSSL_PARAM_set_octet_string(p, key->public_key.data(),
                                                                           key->public_key.size()) == 1));
    return set ? 1 : 0;
}

const OSSL_PARAM* gettable_params(void*) {
    static const OSSL_PARAM kGettable[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, nullptr), OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, nullptr),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, nullptr),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0), OSSL_PARAM_END};
    return kGettable;
}

// X25519 makes something of any share, and judges the secret. On the curve is a point that has been used for
// a secret already, or that OpenSSL takes.
bool may_be_peer(ExchangeKey<X25519Kind>*) {
    return true;
}
bool may_be_peer(ExchangeKey<P256Kind>* key) {
    constexpr uint8_t kUncompressed = 4;
    if (key->public_key[0] != kUncompressed) {
        return false;
    }
    const Prepared* prepared = PreparedScope::current();
    const bool used =
        prepared != nullptr && prepared->p256.has_secret && prepared->p256.peer == key->public_key;
    return used || native_of(key) != nullptr;
}

// The peer's share, which must have its size (RFC 8446 section 4.2.8.2).
template <class Kind>
int set_params(void* data, const OSSL_PARAM* parameters) {
    ExchangeKey<Kind>* key = key_of<Kind>(data);
    const OSSL_PARAM* p = OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);
    if (p == nullptr) {
        return 1;
    }
    if (p->data_type != OSSL_PARAM_OCTET_STRING || p->data_size != key->public_key.size() || key->is_pair ||
        key->native != nullptr) {
        return 0;
    }
    memcpy(key->public_key.data(), p->data, p->data_size);
    key->has_public = true;
    key->has_public = may_be_peer(key);
    return key->has_public ? 1 : 0;
}

const OSSL_PARAM* settable_params(void*) {
    static const OSSL_PARAM kSettable[] = {
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, nullptr, 0), OSSL_PARAM_END};
    return kSettable;
}

// --- generation

struct Generation {
    ProviderState* state;
    bool pair;  // else an empty key that waits for a peer's share
};

void* start_generation(void* state, int selection, const OSSL_PARAM*) {
    return guarded(static_cast<void*>(nullptr), [&]() -> void* {
        return new Generation{static_cast<ProviderState*>(state),
                              (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0};
    });
}

// The group's name, which can only be this one.
int set_generation(void*, const OSSL_PARAM*) {
    return 1;
}

const OSSL_PARAM* settable_generation(void*, void*) {
    static const OSSL_PARAM kSettable[] = {OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, nullptr, 0),
                                           OSSL_PARAM_END};
    return kSettable;
}

// Moves this handshake's prepared pair into the key. Once: a second exchange gets another pair.
template <class Kind>
bool take_prepared(ExchangeKey<Kind>* key) {
    Prepared* handshake = PreparedScope::current();
    if (handshake == nullptr || !handshake->exchange<Kind>().has_pair) {
        return false;
    }
    PreparedExchange<Kind>& prepared = handshake->exchange<Kind>();
    key->public_key = prepared.pair.public_key;
    key->private_key = prepared.pair.private_key;
    key->has_secret = prepared.has_secret;
    key->peer = prepared.peer;
    key->secret = prepared.secret;
    prepared.wipe_exchange();
    return true;
}

template <class Kind>
bool take_from_pool(ExchangeKey<Kind>* key) {
    typename Kind::Pair pair;
    if (key->state->mb == nullptr || !key->state->template pairs<Kind>().take(*key->state->mb, &pair)) {
        return false;
    }
    key->public_key = pair.public_key;
    key->private_key = pair.private_key;
    OPENSSL_cleanse(&pair, sizeof(pair));
    return true;
}

template <class Kind>
bool fill(ExchangeKey<Kind>* key) {
    key->is_pair = key->has_public = true;
    if (take_prepared(key) || take_from_pool(key)) {
        key->has_private = true;
        return true;
    }
    const DefaultExchange& openssl = fallback<Kind>(key->state);
    key->native = openssl.make_pair();
    return key->native != nullptr && openssl.read_public(key->native, key->public_key.data());
}

template <class Kind>
void* generate(void* data, OSSL_CALLBACK*, void*) {
    const auto* generation = static_cast<const Generation*>(data);
    ExchangeKey<Kind>* key = key_of<Kind>(new_key<Kind>(generation->state));
    if (key != nullptr && generation->pair && !fill(key)) {
        delete key;
        return nullptr;
    }
    return key;
}

void end_generation(void* data) {
    delete static_cast<Generation*>(data);
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

template <class Kind>
bool derive_into(ExchangeKey<Kind>* key, ExchangeKey<Kind>* peer, uint8_t* secret) {
    if (key->has_secret && key->peer == peer->public_key) {
        memcpy(secret, key->secret.data(), key->secret.size());
        return true;
    }
    void* mine = native_of(key);
    void* theirs = native_of(peer);
    return mine != nullptr && theirs != nullptr && fallback<Kind>(key->state).derive(mine, theirs, secret);
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
        !exchange->key->is_pair || !exchange->peer->has_public) {
        return 0;
    }
    return derive_into(exchange->key, exchange->peer, secret) ? 1 : 0;
}

template <class Function>
OSSL_DISPATCH entry(int id, Function* function) {
    return OSSL_DISPATCH{id, reinterpret_cast<void (*)()>(function)};
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

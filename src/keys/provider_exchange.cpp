// X25519 for OpenSSL's key exchange: keys whose pair was made ahead, and secrets that were derived in a
// batch. Every secret that was not is derived by the default provider, which also judges odd points.
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <cstring>

#include "base/guard.h"
#include "keys/prepared.h"
#include "keys/provider.h"

namespace tls {

namespace {

// A key as libssl holds it: ours with its private half, or a peer's.
struct ExchangeKey {
    explicit ExchangeKey(ProviderState* owner) : state(owner) {}
    ExchangeKey(const ExchangeKey&) = delete;
    ExchangeKey& operator=(const ExchangeKey&) = delete;
    ~ExchangeKey() {
        OPENSSL_cleanse(private_key.data(), private_key.size());
        OPENSSL_cleanse(secret.data(), secret.size());
        state->fallback.free_key(native);
    }

    ProviderState* state;
    bool has_public = false;
    bool has_private = false;  // as bytes here; otherwise only `native` may have it
    bool has_secret = false;   // `secret` is what this key and `peer` make
    bool is_pair = false;
    X25519Key public_key{};
    X25519Key private_key{};
    X25519Key peer{};
    X25519Key secret{};
    void* native = nullptr;  // the default provider's copy, made when it is needed
};

ExchangeKey* key_of(void* key) {
    return static_cast<ExchangeKey*>(key);
}

void* native_of(ExchangeKey* key) {
    if (key->native == nullptr && key->has_public) {
        key->native = key->state->fallback.import_key(key->public_key.data(),
                                                      key->has_private ? key->private_key.data() : nullptr);
    }
    return key->native;
}

// --- keys

void* new_key(void* state) {
    return guarded(static_cast<void*>(nullptr),
                   [&]() -> void* { return new ExchangeKey(static_cast<ProviderState*>(state)); });
}

void free_key(void* key) {
    delete key_of(key);
}

int has(const void* data, int selection) {
    const auto* key = static_cast<const ExchangeKey*>(data);
    if (key == nullptr) {
        return 0;
    }
    const bool wants_public = (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0;
    const bool wants_private = (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
    return (!wants_public || key->has_public) && (!wants_private || key->is_pair) ? 1 : 0;
}

int match(const void* left, const void* right, int selection) {
    if ((selection & OSSL_KEYMGMT_SELECT_KEYPAIR) == 0) {
        return 1;
    }
    const auto* one = static_cast<const ExchangeKey*>(left);
    const auto* other = static_cast<const ExchangeKey*>(right);
    return one->has_public && other->has_public && one->public_key == other->public_key ? 1 : 0;
}

// libssl copies parameters only, of which there are none: a private half is never in two keys.
void* duplicate(const void* from, int selection) {
    const auto* key = static_cast<const ExchangeKey*>(from);
    if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) {
        return nullptr;
    }
    auto* copy = key_of(new_key(key->state));
    if (copy != nullptr && (selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY) != 0) {
        copy->public_key = key->public_key;
        copy->has_public = key->has_public;
    }
    return copy;
}

int get_params(void* data, OSSL_PARAM* parameters) {
    const ExchangeKey* key = key_of(data);
    OSSL_PARAM* p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_BITS);
    bool set = p == nullptr || OSSL_PARAM_set_int(p, 253) == 1;
    p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_SECURITY_BITS);
    set = set && (p == nullptr || OSSL_PARAM_set_int(p, 128) == 1);
    p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_MAX_SIZE);
    set = set && (p == nullptr || OSSL_PARAM_set_int(p, 32) == 1);
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

// The peer's share, which must be 32 bytes (RFC 8446 section 4.2.8.2).
int set_params(void* data, const OSSL_PARAM* parameters) {
    ExchangeKey* key = key_of(data);
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
    return 1;
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
bool take_prepared(ExchangeKey* key) {
    Prepared* prepared = PreparedScope::current();
    if (prepared == nullptr || !prepared->has_pair) {
        return false;
    }
    key->public_key = prepared->pair.public_key;
    key->private_key = prepared->pair.private_key;
    key->has_secret = prepared->has_secret;
    key->peer = prepared->peer;
    key->secret = prepared->secret;
    prepared->wipe_exchange();
    return true;
}

bool take_from_pool(ExchangeKey* key) {
    X25519Pair pair;
    if (key->state->mb == nullptr || !key->state->pairs.take(*key->state->mb, &pair)) {
        return false;
    }
    key->public_key = pair.public_key;
    key->private_key = pair.private_key;
    OPENSSL_cleanse(&pair, sizeof(pair));
    return true;
}

bool fill(ExchangeKey* key) {
    key->is_pair = key->has_public = true;
    if (take_prepared(key) || take_from_pool(key)) {
        key->has_private = true;
        return true;
    }
    key->native = key->state->fallback.make_pair();
    return key->native != nullptr && key->state->fallback.read_public(key->native, key->public_key.data());
}

void* generate(void* data, OSSL_CALLBACK*, void*) {
    const auto* generation = static_cast<const Generation*>(data);
    ExchangeKey* key = key_of(new_key(generation->state));
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
struct Exchange {
    ExchangeKey* key = nullptr;
    ExchangeKey* peer = nullptr;
};

void* new_exchange(void*) {
    return guarded(static_cast<void*>(nullptr), []() -> void* { return new Exchange(); });
}

void free_exchange(void* data) {
    delete static_cast<Exchange*>(data);
}

int start_exchange(void* data, void* key, const OSSL_PARAM*) {
    static_cast<Exchange*>(data)->key = key_of(key);
    return key != nullptr ? 1 : 0;
}

int set_peer(void* data, void* key) {
    static_cast<Exchange*>(data)->peer = key_of(key);
    return key != nullptr ? 1 : 0;
}

bool derive_into(ExchangeKey* key, ExchangeKey* peer, uint8_t* secret) {
    if (key->has_secret && key->peer == peer->public_key) {
        memcpy(secret, key->secret.data(), key->secret.size());
        return true;
    }
    void* mine = native_of(key);
    void* theirs = native_of(peer);
    return mine != nullptr && theirs != nullptr && key->state->fallback.derive(mine, theirs, secret);
}

// Asked twice: without a place for its size, then for the secret.
int derive(void* data, unsigned char* secret, size_t* size, size_t capacity) {
    const auto* exchange = static_cast<const Exchange*>(data);
    constexpr size_t kSecretSize = 32;
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

const OSSL_DISPATCH kExchangeKeyFunctions[] = {
    entry(OSSL_FUNC_KEYMGMT_NEW, new_key),
    entry(OSSL_FUNC_KEYMGMT_FREE, free_key),
    entry(OSSL_FUNC_KEYMGMT_HAS, has),
    entry(OSSL_FUNC_KEYMGMT_MATCH, match),
    entry(OSSL_FUNC_KEYMGMT_DUP, duplicate),
    entry(OSSL_FUNC_KEYMGMT_GET_PARAMS, get_params),
    entry(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, gettable_params),
    entry(OSSL_FUNC_KEYMGMT_SET_PARAMS, set_params),
    entry(OSSL_FUNC_KEYMGMT_SETTABLE_PARAMS, settable_params),
    entry(OSSL_FUNC_KEYMGMT_GEN_INIT, start_generation),
    entry(OSSL_FUNC_KEYMGMT_GEN_SET_PARAMS, set_generation),
    entry(OSSL_FUNC_KEYMGMT_GEN_SETTABLE_PARAMS, settable_generation),
    entry(OSSL_FUNC_KEYMGMT_GEN, generate),
    entry(OSSL_FUNC_KEYMGMT_GEN_CLEANUP, end_generation),
    {0, nullptr},
};

const OSSL_DISPATCH kExchangeFunctions[] = {
    entry(OSSL_FUNC_KEYEXCH_NEWCTX, new_exchange), entry(OSSL_FUNC_KEYEXCH_FREECTX, free_exchange),
    entry(OSSL_FUNC_KEYEXCH_INIT, start_exchange), entry(OSSL_FUNC_KEYEXCH_SET_PEER, set_peer),
    entry(OSSL_FUNC_KEYEXCH_DERIVE, derive),       {0, nullptr},
};

}  // namespace tls

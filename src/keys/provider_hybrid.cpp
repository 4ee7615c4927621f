// X25519MLKEM768 for OpenSSL's key encapsulation (draft-ietf-tls-ecdhe-mlkem): X25519 as in
// provider_exchange.cpp, ML-KEM-768 by the default provider's functions.
//
// The default provider's own makes the X25519 half by OpenSSL's calls for any key of that name, anew for each
// handshake.
#include <openssl/core_names.h>
#include <openssl/params.h>

#include <algorithm>

#include "base/guard.h"
#include "keys/dispatch.h"
#include "keys/exchange_key.h"
#include "keys/provider_keys.h"

namespace tls {

namespace {

// As the default provider tells them: those of ML-KEM-768 (FIPS 203 section 8), for which X25519 counts
// nothing.
constexpr int kBits = 768;
constexpr int kSecurityBits = 192;

// In both shares and in the secret ML-KEM's part is the first (section 4 of the draft). In bytes.
constexpr size_t kCiphertext = 1088;
constexpr size_t kSecretPart = 32;
constexpr size_t kX25519Share = std::tuple_size_v<X25519Key>;
constexpr size_t kClientShare = kMlKem768Key + kX25519Share;
constexpr size_t kServerShare = kCiphertext + kX25519Share;
constexpr size_t kSecret = 2 * kSecretPart;

struct HybridKey {
    explicit HybridKey(ProviderState* state) : x25519(state) {}
    HybridKey(const HybridKey&) = delete;
    HybridKey& operator=(const HybridKey&) = delete;
    ~HybridKey() { kem().free_key(mlkem); }

    const DefaultKem& kem() const { return x25519.state()->fallback.mlkem768; }
    bool has_public() const { return mlkem != nullptr && x25519.has_public(); }

    ExchangeKey<X25519Kind> x25519;
    void* mlkem = nullptr;  // the default provider's
};

HybridKey* key_of(void* key) {
    return static_cast<HybridKey*>(key);
}

// --- keys

void* new_key(void* state) {
    return guarded(static_cast<void*>(nullptr),
                   [&]() -> void* { return new HybridKey(static_cast<ProviderState*>(state)); });
}

void free_key(void* key) {
    delete key_of(key);
}

int has(const void* data, int selection) {
    const auto* key = static_cast<const HybridKey*>(data);
    if (key == nullptr) {
        return 0;
    }
    return has_parts(selection, key->has_public(), key->x25519.is_pair()) ? 1 : 0;
}

bool write_share(const HybridKey& key, OSSL_PARAM* p) {
    if (p->data_type != OSSL_PARAM_OCTET_STRING || !key.has_public()) {
        return false;
    }
    p->return_size = kClientShare;
    if (p->data == nullptr) {
        return true;
    }
    auto* out = static_cast<uint8_t*>(p->data);
    if (p->data_size < kClientShare || !key.kem().read_public(key.mlkem, out)) {
        return false;
    }
    std::copy(key.x25519.public_key().begin(), key.x25519.public_key().end(), out + kMlKem768Key);
    return true;
}

int get_params(void* data, OSSL_PARAM* parameters) {
    const bool told = tell_sizes(parameters, kBits, kSecurityBits, kServerShare);
    OSSL_PARAM* p = OSSL_PARAM_locate(parameters, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);
    return told && (p == nullptr || write_share(*key_of(data), p)) ? 1 : 0;
}

// The client's share, which must have its size and hold an encapsulation key (FIPS 203 section 7.2).
int set_params(void* data, const OSSL_PARAM* parameters) {
    HybridKey* key = key_of(data);
    const OSSL_PARAM* p = OSSL_PARAM_locate_const(parameters, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY);
    if (p == nullptr) {
        return 1;
    }
    if (p->data_type != OSSL_PARAM_OCTET_STRING || p->data_size != kClientShare || key->mlkem != nullptr) {
        return 0;
    }
    const auto* share = static_cast<const uint8_t*>(p->data);
    key->mlkem = key->kem().import_key(share, nullptr);
    return key->mlkem != nullptr && key->x25519.set_share(share + kMlKem768Key) ? 1 : 0;
}

// --- generation

void* generate(void* data, OSSL_CALLBACK*, void*) {
    const auto* generation = static_cast<const Generation*>(data);
    HybridKey* key = key_of(new_key(generation->state));
    if (key == nullptr || !generation->pair) {
        return key;
    }
    key->mlkem = key->kem().make_pair();
    if (key->mlkem == nullptr || !key->x25519.fill()) {
        delete key;
        return nullptr;
    }
    return key;
}

// --- encapsulation

// The key is libssl's, and outlives it.
struct Encapsulation {
    HybridKey* key = nullptr;
};

void* new_encapsulation(void*) {
    return guarded(static_cast<void*>(nullptr), []() -> void* { return new Encapsulation(); });
}

void free_encapsulation(void* data) {
    delete static_cast<Encapsulation*>(data);
}

int start_encapsulation(void* data, void* key, const OSSL_PARAM*) {
    static_cast<Encapsulation*>(data)->key = key_of(key);
    return key != nullptr && key_of(key)->has_public() ? 1 : 0;
}

int start_decapsulation(void* data, void* key, const OSSL_PARAM*) {
    static_cast<Encapsulation*>(data)->key = key_of(key);
    return key != nullptr && key_of(key)->x25519.is_pair() ? 1 : 0;
}

bool encapsulate_for(HybridKey* client, uint8_t* share, uint8_t* secret) {
    ExchangeKey<X25519Kind> mine(client->x25519.state());
    if (!client->kem().encapsulate(client->mlkem, share, kCiphertext, secret) || !mine.fill() ||
        !mine.derive(&client->x25519, secret + kSecretPart)) {
        return false;
    }
    std::copy(mine.public_key().begin(), mine.public_key().end(), share + kCiphertext);
    return true;
}

// Asked twice: without a place for the sizes, then for the share and the secret.
int encapsulate(void* data, unsigned char* share, size_t* share_size, unsigned char* secret,
                size_t* secret_size) {
    if (share_size == nullptr || secret_size == nullptr) {
        return 0;
    }
    const bool fits = *share_size >= kServerShare && *secret_size >= kSecret;
    *share_size = kServerShare;
    *secret_size = kSecret;
    if (share == nullptr) {
        return 1;
    }
    return secret != nullptr && fits && encapsulate_for(static_cast<Encapsulation*>(data)->key, share, secret)
               ? 1
               : 0;
}

bool decapsulate_with(HybridKey* key, const uint8_t* share, uint8_t* secret) {
    ExchangeKey<X25519Kind> server(key->x25519.state());
    return key->kem().decapsulate(key->mlkem, share, kCiphertext, secret) &&
           server.set_share(share + kCiphertext) && key->x25519.derive(&server, secret + kSecretPart);
}

// The client's side: contexts of this library are clients in tests only.
int decapsulate(void* data, unsigned char* secret, size_t* size, const unsigned char* share,
                size_t share_size) {
    const bool fits = size != nullptr && (secret == nullptr || *size >= kSecret);
    if (!fits) {
        return 0;
    }
    *size = kSecret;
    if (secret == nullptr) {
        return 1;
    }
    return share_size == kServerShare &&
                   decapsulate_with(static_cast<Encapsulation*>(data)->key, share, secret)
               ? 1
               : 0;
}

}  // namespace

const OSSL_DISPATCH* hybrid_key_functions() {
    static const OSSL_DISPATCH kFunctions[] = {
        entry(OSSL_FUNC_KEYMGMT_NEW, new_key),
        entry(OSSL_FUNC_KEYMGMT_FREE, free_key),
        entry(OSSL_FUNC_KEYMGMT_HAS, has),
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
    return kFunctions;
}

const OSSL_DISPATCH* hybrid_functions() {
    static const OSSL_DISPATCH kFunctions[] = {
        entry(OSSL_FUNC_KEM_NEWCTX, new_encapsulation),
        entry(OSSL_FUNC_KEM_FREECTX, free_encapsulation),
        entry(OSSL_FUNC_KEM_ENCAPSULATE_INIT, start_encapsulation),
        entry(OSSL_FUNC_KEM_ENCAPSULATE, encapsulate),
        entry(OSSL_FUNC_KEM_DECAPSULATE_INIT, start_decapsulation),
        entry(OSSL_FUNC_KEM_DECAPSULATE, decapsulate),
        {0, nullptr},
    };
    return kFunctions;
}

}  // namespace tls

#include "keys/default_provider.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <strings.h>

#include <cstring>

#include "keys/exchange_kind.h"

namespace tls {

namespace {

constexpr size_t kSize = 32;  // of a private key and of a secret
constexpr DefaultKeys::Kind kX25519 = {"X25519", "X25519", nullptr, 32};
constexpr DefaultKeys::Kind kP256 = {"EC", "ECDH", "P-256", 65};
constexpr DefaultKeys::Kind kMlKem768 = {"ML-KEM-768", "ML-KEM-768", nullptr, kMlKem768Key};

// Names are a list with colons between them, compared without case.
bool has_name(const char* names, const char* name) {
    const size_t length = strlen(name);
    for (const char* at = names; at != nullptr; at = strchr(at, ':')) {
        at += *at == ':' ? 1 : 0;
        if (strncasecmp(at, name, length) == 0 && (at[length] == '\0' || at[length] == ':')) {
            return true;
        }
    }
    return false;
}

const OSSL_DISPATCH* find_algorithm(const OSSL_PROVIDER* provider, int operation, const char* name) {
    int no_cache = 0;
    const OSSL_ALGORITHM* algorithms = OSSL_PROVIDER_query_operation(provider, operation, &no_cache);
    for (; algorithms != nullptr && algorithms->algorithm_names != nullptr; ++algorithms) {
        if (has_name(algorithms->algorithm_names, name)) {
            return algorithms->implementation;
        }
    }
    return nullptr;
}

template <class Function>
bool find(const OSSL_DISPATCH* dispatch, int id, Function** function) {
    for (; dispatch != nullptr && dispatch->function_id != 0; ++dispatch) {
        if (dispatch->function_id == id) {
            *function = reinterpret_cast<Function*>(dispatch->function);
            return true;
        }
    }
    return false;
}

OSSL_PARAM group_parameter(const char* group) {
    return OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(group), 0);
}

// Numbers are in the machine's order, which is the lowest byte first wherever crypto_mb is.
OSSL_PARAM private_parameter(const DefaultKeys::Kind& kind, uint8_t* key) {
    return kind.group != nullptr ? OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, key, kSize)
                                 : OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PRIV_KEY, key, kSize);
}

}  // namespace

bool DefaultProvider::attach(const OSSL_PROVIDER* provider, const char* name, Kdf* kdf) {
    const OSSL_DISPATCH* functions = find_algorithm(provider, OSSL_OP_KDF, name);
    return find(functions, OSSL_FUNC_KDF_NEWCTX, &kdf->make) &&
           find(functions, OSSL_FUNC_KDF_FREECTX, &kdf->free) &&
           find(functions, OSSL_FUNC_KDF_DERIVE, &kdf->derive);
}

bool DefaultProvider::attach(const OSSL_PROVIDER* provider) {
    context_ = OSSL_PROVIDER_get0_provider_ctx(provider);
    mlkem768.attach(provider, kMlKem768);
    return x25519.attach(provider, kX25519) && p256.attach(provider, kP256) && hmac.attach(provider) &&
           attach(provider, "TLS13-KDF", &schedule_) && attach(provider, "TLS1-PRF", &prf_);
}

bool DefaultKeys::attach_keys(const OSSL_PROVIDER* provider, const Kind& kind) {
    kind_ = kind;
    context_ = OSSL_PROVIDER_get0_provider_ctx(provider);
    const OSSL_DISPATCH* keys = find_algorithm(provider, OSSL_OP_KEYMGMT, kind.keys);
    return find(keys, OSSL_FUNC_KEYMGMT_NEW, &new_) && find(keys, OSSL_FUNC_KEYMGMT_FREE, &free_) &&
           find(keys, OSSL_FUNC_KEYMGMT_IMPORT, &import_) &&
           find(keys, OSSL_FUNC_KEYMGMT_GEN_INIT, &gen_init_) && find(keys, OSSL_FUNC_KEYMGMT_GEN, &gen_) &&
           find(keys, OSSL_FUNC_KEYMGMT_GEN_CLEANUP, &gen_cleanup_) &&
           find(keys, OSSL_FUNC_KEYMGMT_GET_PARAMS, &get_params_);
}

bool DefaultExchange::attach(const OSSL_PROVIDER* provider, const Kind& kind) {
    const OSSL_DISPATCH* exchange = find_algorithm(provider, OSSL_OP_KEYEXCH, kind.operation);
    return attach_keys(provider, kind) && find(exchange, OSSL_FUNC_KEYEXCH_NEWCTX, &exchange_new_) &&
           find(exchange, OSSL_FUNC_KEYEXCH_FREECTX, &exchange_free_) &&
           find(exchange, OSSL_FUNC_KEYEXCH_INIT, &exchange_init_) &&
           find(exchange, OSSL_FUNC_KEYEXCH_SET_PEER, &exchange_set_peer_) &&
           find(exchange, OSSL_FUNC_KEYEXCH_DERIVE, &exchange_derive_);
}

bool DefaultKem::attach(const OSSL_PROVIDER* provider, const Kind& kind) {
    const OSSL_DISPATCH* kem = find_algorithm(provider, OSSL_OP_KEM, kind.operation);
    return attach_keys(provider, kind) && find(kem, OSSL_FUNC_KEM_NEWCTX, &kem_new_) &&
           find(kem, OSSL_FUNC_KEM_FREECTX, &kem_free_) &&
           find(kem, OSSL_FUNC_KEM_ENCAPSULATE_INIT, &encapsulate_init_) &&
           find(kem, OSSL_FUNC_KEM_ENCAPSULATE, &encapsulate_) &&
           find(kem, OSSL_FUNC_KEM_DECAPSULATE_INIT, &decapsulate_init_) &&
           find(kem, OSSL_FUNC_KEM_DECAPSULATE, &decapsulate_);
}

bool DefaultMac::attach(const OSSL_PROVIDER* provider) {
    context_ = OSSL_PROVIDER_get0_provider_ctx(provider);
    const OSSL_DISPATCH* mac = find_algorithm(provider, OSSL_OP_MAC, "HMAC");
    return find(mac, OSSL_FUNC_MAC_NEWCTX, &new_) && find(mac, OSSL_FUNC_MAC_DUPCTX, &duplicate_) &&
           find(mac, OSSL_FUNC_MAC_FREECTX, &free_) && find(mac, OSSL_FUNC_MAC_INIT, &begin_) &&
           find(mac, OSSL_FUNC_MAC_UPDATE, &add_) && find(mac, OSSL_FUNC_MAC_FINAL, &finish_) &&
           find(mac, OSSL_FUNC_MAC_SET_CTX_PARAMS, &set_) &&
           find(mac, OSSL_FUNC_MAC_GET_CTX_PARAMS, &tell_) &&
           find(mac, OSSL_FUNC_MAC_SETTABLE_CTX_PARAMS, &settable_) &&
           find(mac, OSSL_FUNC_MAC_GETTABLE_CTX_PARAMS, &tellable_);
}

void* DefaultKeys::make_pair() const {
    OSSL_PARAM parameters[2];
    OSSL_PARAM* end = parameters;
    int selection = OSSL_KEYMGMT_SELECT_KEYPAIR;
    if (kind_.group != nullptr) {
        *end++ = group_parameter(kind_.group);
        selection |= OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS;
    }
    *end = OSSL_PARAM_construct_end();
    void* generation = gen_init_(context_, selection, parameters);
    if (generation == nullptr) {
        return nullptr;
    }
    void* key = gen_(generation, nullptr, nullptr);
    gen_cleanup_(generation);
    return key;
}

// Both halves together: from the private one alone OpenSSL computes the public one again.
void* DefaultKeys::import_key(const uint8_t* public_key, const uint8_t* private_key) const {
    void* key = new_(context_);
    if (key == nullptr) {
        return nullptr;
    }
    OSSL_PARAM parameters[4];
    OSSL_PARAM* end = parameters;
    int selection = OSSL_KEYMGMT_SELECT_PUBLIC_KEY;
    if (kind_.group != nullptr) {
        *end++ = group_parameter(kind_.group);
        selection |= OSSL_KEYMGMT_SELECT_DOMAIN_PARAMETERS;
    }
    *end++ = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<uint8_t*>(public_key),
                                               kind_.public_size);
    if (private_key != nullptr) {
        *end++ = private_parameter(kind_, const_cast<uint8_t*>(private_key));
        selection |= OSSL_KEYMGMT_SELECT_PRIVATE_KEY;
    }
    *end = OSSL_PARAM_construct_end();
    if (import_(key, selection, parameters) != 1) {
        free_(key);
        return nullptr;
    }
    return key;
}

bool DefaultKeys::read_public(void* key, uint8_t* out) const {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, out, kind_.public_size),
        OSSL_PARAM_construct_end()};
    return get_params_(key, parameters) == 1 && parameters[0].return_size == kind_.public_size;
}

void DefaultKeys::free_key(void* key) const {
    if (key != nullptr) {
        free_(key);
    }
}

bool DefaultExchange::derive(void* key, void* peer, uint8_t* secret) const {
    void* exchange = exchange_new_(context_);
    if (exchange == nullptr) {
        return false;
    }
    size_t size = 0;
    const bool derived = exchange_init_(exchange, key, nullptr) == 1 &&
                         exchange_set_peer_(exchange, peer) == 1 &&
                         exchange_derive_(exchange, secret, &size, kSize) == 1 && size == kSize;
    exchange_free_(exchange);
    return derived;
}

bool DefaultKem::encapsulate(void* peer, uint8_t* ciphertext, size_t size, uint8_t* secret) const {
    void* kem = kem_new_(context_);
    if (kem == nullptr) {
        return false;
    }
    size_t told = size;
    size_t made = kSize;
    const bool done = encapsulate_init_(kem, peer, nullptr) == 1 &&
                      encapsulate_(kem, ciphertext, &told, secret, &made) == 1 && told == size &&
                      made == kSize;
    kem_free_(kem);
    return done;
}

bool DefaultKem::decapsulate(void* key, const uint8_t* ciphertext, size_t size, uint8_t* secret) const {
    void* kem = kem_new_(context_);
    if (kem == nullptr) {
        return false;
    }
    size_t made = kSize;
    const bool done = decapsulate_init_(kem, key, nullptr) == 1 &&
                      decapsulate_(kem, secret, &made, ciphertext, size) == 1 && made == kSize;
    kem_free_(kem);
    return done;
}

bool DefaultProvider::derive(const Kdf& kdf, uint8_t* out, size_t size, const OSSL_PARAM* parameters) const {
    void* context = kdf.make(context_);
    if (context == nullptr) {
        return false;
    }
    const bool derived = kdf.derive(context, out, size, parameters) == 1;
    kdf.free(context);
    return derived;
}

}  // namespace tls

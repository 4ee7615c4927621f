// The functions of OpenSSL's default provider, called directly: what this room's provider does not do itself
// goes there, without the locks and look-ups of EVP.
//
// Used by the provider only. Belongs to one library context and lives as long as it.
#pragma once

#include <openssl/core_dispatch.h>
#include <openssl/provider.h>

#include <cstdint>

namespace tls {

// Keys of one of its algorithms.
class DefaultKeys {
  public:
    // What its private keys are made of, and its public ones, in bytes.
    struct Kind {
        const char* keys;       // names of its algorithms
        const char* operation;  // the exchange, or the encapsulation
        const char* group;      // null: its keys have no parameters
        size_t public_size;
    };

    // A key; free with free_key. Null when it cannot be made.
    void* make_pair() const;
    // `private_key` may be null; then the key is a peer's, and null, with OpenSSL's error in the queue, when
    // it is refused. 32 bytes, the lowest first, and the public key as it is on the wire.
    void* import_key(const uint8_t* public_key, const uint8_t* private_key) const;
    bool read_public(void* key, uint8_t* out) const;
    void free_key(void* key) const;

  protected:
    bool attach_keys(const OSSL_PROVIDER* provider, const Kind& kind);

    Kind kind_{};
    void* context_ = nullptr;

  private:
    OSSL_FUNC_keymgmt_new_fn* new_ = nullptr;
    OSSL_FUNC_keymgmt_free_fn* free_ = nullptr;
    OSSL_FUNC_keymgmt_import_fn* import_ = nullptr;
    OSSL_FUNC_keymgmt_gen_init_fn* gen_init_ = nullptr;
    OSSL_FUNC_keymgmt_gen_fn* gen_ = nullptr;
    OSSL_FUNC_keymgmt_gen_cleanup_fn* gen_cleanup_ = nullptr;
    OSSL_FUNC_keymgmt_get_params_fn* get_params_ = nullptr;
};

// One of its key exchanges.
class DefaultExchange : public DefaultKeys {
  public:
    // False when a function that is needed is not there.
    bool attach(const OSSL_PROVIDER* provider, const Kind& kind);

    // 32 bytes. False, with OpenSSL's error in the queue, when the peer's point is refused.
    bool derive(void* key, void* peer, uint8_t* secret) const;

  private:
    OSSL_FUNC_keyexch_newctx_fn* exchange_new_ = nullptr;
    OSSL_FUNC_keyexch_freectx_fn* exchange_free_ = nullptr;
    OSSL_FUNC_keyexch_init_fn* exchange_init_ = nullptr;
    OSSL_FUNC_keyexch_set_peer_fn* exchange_set_peer_ = nullptr;
    OSSL_FUNC_keyexch_derive_fn* exchange_derive_ = nullptr;
};

// One of its key encapsulations.
class DefaultKem : public DefaultKeys {
  public:
    // False when a function that is needed is not there: before OpenSSL 3.5 none is.
    bool attach(const OSSL_PROVIDER* provider, const Kind& kind);
    bool attached() const { return decapsulate_ != nullptr; }

    // A secret of 32 bytes, and the `size` bytes that tell it to `peer`. False, with OpenSSL's error in the
    // queue, when that fails.
    bool encapsulate(void* peer, uint8_t* ciphertext, size_t size, uint8_t* secret) const;
    bool decapsulate(void* key, const uint8_t* ciphertext, size_t size, uint8_t* secret) const;

  private:
    OSSL_FUNC_kem_newctx_fn* kem_new_ = nullptr;
    OSSL_FUNC_kem_freectx_fn* kem_free_ = nullptr;
    OSSL_FUNC_kem_encapsulate_init_fn* encapsulate_init_ = nullptr;
    OSSL_FUNC_kem_encapsulate_fn* encapsulate_ = nullptr;
    OSSL_FUNC_kem_decapsulate_init_fn* decapsulate_init_ = nullptr;
    OSSL_FUNC_kem_decapsulate_fn* decapsulate_ = nullptr;
};

// Its HMAC. Contexts are made with make() and freed with free(); the calls are EVP_MAC's.
class DefaultMac {
  public:
    // False when a function that is needed is not there.
    bool attach(const OSSL_PROVIDER* provider);

    void* make() const { return new_(context_); }
    void* duplicate(void* mac) const { return duplicate_(mac); }
    void free(void* mac) const { free_(mac); }
    bool set(void* mac, const OSSL_PARAM* parameters) const { return set_(mac, parameters) == 1; }
    bool tell(void* mac, OSSL_PARAM* parameters) const { return tell_(mac, parameters) == 1; }
    bool begin(void* mac, const uint8_t* key, size_t size) const {
        return begin_(mac, key, size, nullptr) == 1;
    }
    bool add(void* mac, const uint8_t* bytes, size_t size) const { return add_(mac, bytes, size) == 1; }
    bool finish(void* mac, uint8_t* out, size_t* size, size_t capacity) const {
        return finish_(mac, out, size, capacity) == 1;
    }
    const OSSL_PARAM* settable() const { return settable_(nullptr, context_); }
    const OSSL_PARAM* tellable() const { return tellable_(nullptr, context_); }

  private:
    void* context_ = nullptr;
    OSSL_FUNC_mac_newctx_fn* new_ = nullptr;
    OSSL_FUNC_mac_dupctx_fn* duplicate_ = nullptr;
    OSSL_FUNC_mac_freectx_fn* free_ = nullptr;
    OSSL_FUNC_mac_init_fn* begin_ = nullptr;
    OSSL_FUNC_mac_update_fn* add_ = nullptr;
    OSSL_FUNC_mac_final_fn* finish_ = nullptr;
    OSSL_FUNC_mac_set_ctx_params_fn* set_ = nullptr;
    OSSL_FUNC_mac_get_ctx_params_fn* tell_ = nullptr;
    OSSL_FUNC_mac_settable_ctx_params_fn* settable_ = nullptr;
    OSSL_FUNC_mac_gettable_ctx_params_fn* tellable_ = nullptr;
};

class DefaultProvider {
  public:
    // False when a function that is needed is not there.
    bool attach(const OSSL_PROVIDER* provider);

    DefaultExchange x25519;
    DefaultExchange p256;
    DefaultMac hmac;
    DefaultKem mlkem768;  // may be without functions; nothing else depends on it

    // TLS13-KDF and TLS1-PRF, whatever their parameters are.
    bool derive_schedule(uint8_t* out, size_t size, const OSSL_PARAM* parameters) const {
        return derive(schedule_, out, size, parameters);
    }
    bool derive_prf(uint8_t* out, size_t size, const OSSL_PARAM* parameters) const {
        return derive(prf_, out, size, parameters);
    }

  private:
    struct Kdf {
        OSSL_FUNC_kdf_newctx_fn* make = nullptr;
        OSSL_FUNC_kdf_freectx_fn* free = nullptr;
        OSSL_FUNC_kdf_derive_fn* derive = nullptr;
    };

    static bool attach(const OSSL_PROVIDER* provider, const char* name, Kdf* kdf);
    bool derive(const Kdf& kdf, uint8_t* out, size_t size, const OSSL_PARAM* parameters) const;

    void* context_ = nullptr;
    Kdf schedule_;
    Kdf prf_;
};

}  // namespace tls

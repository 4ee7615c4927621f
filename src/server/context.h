// Everything that the handshakes of one server block share: its policy, credentials and trust applied to an
// SSL_CTX.
//
// Built when the configuration is read, immutable afterwards, shared by all connections that chose it. Never
// looks at a connection, never logs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/client_trust.h"
#include "base/result.h"
#include "certs/credential.h"
#include "keys/signing_key.h"
#include "policy/policy.h"
#include "record/ipsec_mb.h"
#include "server/key_sink.h"
#include "server/session_store.h"

// libssl's objects, known by name only outside this room.
typedef struct ssl_st SSL;
typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_session_st SSL_SESSION;
typedef struct ossl_lib_ctx_st OSSL_LIB_CTX;

namespace tls {

enum class CacheMode {
    Off,      // sessions are not resumed, and clients are told so
    None,     // clients are told that they may be, but none is kept
    Builtin,  // libssl's own, one a worker
    Shared,   // SessionStore
};

struct SessionTerms {
    CacheMode mode = CacheMode::None;
    long builtin_size =
        0;  // sessions; 0: libssl's default. Beside Shared, > 0 or -1 keeps a builtin cache too
    bool builtin_beside_shared = false;
    SessionStore* store = nullptr;       // for Shared; outlives the context
    TicketKeySource* tickets = nullptr;  // null: keys of the context's own, that libssl makes
    long timeout = 300;                  // seconds
    unsigned ticket_count = 1;           // that a TLS 1.3 client gets after a full handshake
};

struct ContextTerms {
    Policy policy;
    std::vector<std::shared_ptr<const Credential>> credentials;  // empty when they are found by name
    std::shared_ptr<const ClientTrust> trust;                    // null without client verification
    SessionTerms sessions;
    bool own_records = true;  // after the handshake, where libssl hands its keys over; else libssl's
    const IpsecMb* ipsec_mb = nullptr;  // what AES-GCM of our own records is made by; null: libcrypto
    KeySink* keys = nullptr;  // where secrets go, for those connections that ask; outlives the context
    // Where the algorithms come from: key_library(), or null for OpenSSL's own context. The latter is taken
    // all the same when a key does not fit the former.
    OSSL_LIB_CTX* library = nullptr;
    // Signatures that take long are another thread's: those of RSA keys above 2048 bits, and of keys in the
    // hands of another provider. Needs a library.
    bool threads = false;
};

class ServerContext {
  public:
    // The error is nginx's sentence for what OpenSSL did not take, for example
    // `SSL_CTX_set_cipher_list("x") failed (SSL: …)`.
    static Result<std::unique_ptr<ServerContext>> build(ContextTerms terms);
    ~ServerContext();
    ServerContext(const ServerContext&) = delete;
    ServerContext& operator=(const ServerContext&) = delete;

    const Policy& policy() const { return terms_.policy; }
    const ClientTrust* trust() const { return terms_.trust.get(); }
    const SessionTerms& sessions() const { return terms_.sessions; }
    bool own_records() const { return terms_.own_records; }
    // Its number; 0: libcrypto.
    uint8_t ipsec_mb() const { return ipsec_mb_; }
    KeySink* keys() const { return terms_.keys; }
    SSL_CTX* native() const { return ctx_; }
    // True when clients hold their sessions themselves, false when they get references to a cache at most.
    bool gives_tickets() const;
    // Its own certificates; none for a server whose certificates are all found by name.
    const std::vector<std::shared_ptr<const Credential>>& credentials() const { return terms_.credentials; }
    // True when handshakes use key_library().
    bool uses_key_library() const;
    size_t credential_count() const { return terms_.credentials.size(); }
    // Of its credentials, those whose signatures can be prepared; none outside of key_library().
    const std::vector<std::unique_ptr<SigningKey>>& signing_keys() const { return signing_keys_; }
    // What there is to wait for in handshakes with its credentials.
    bool batches_rsa() const { return batches_rsa_; }
    bool threads_keys() const { return threads_keys_; }
    // Of its credentials' keys, one that `threads` is for and that has no wrapping; null when there is none.
    const Credential* unthreaded() const { return unthreaded_; }
    // Key exchange groups that it would take, as far as its own list says.
    bool takes_x25519() const { return takes_x25519_; }
    bool takes_p256() const { return takes_p256_; }
    bool takes_hybrid() const { return takes_hybrid_; }
    // False for a server whose certificates are all found by name.
    bool has_credentials() const { return !terms_.credentials.empty(); }

    // What sessions of this context are bound to, 32 bytes.
    const std::string& session_scope() const { return session_scope_; }

    // True when whoever may speak under this context may also under `other`: same terms, same client
    // verification.
    bool same_policy(const ServerContext& other) const;
    // True when client certificates are asked for in the same way and judged by the same authorities.
    bool same_verification(const ServerContext& other) const;

  private:
    explicit ServerContext(ContextTerms terms)
        : terms_(std::move(terms)), ipsec_mb_(enroll(terms_.ipsec_mb)) {}
    Result<void> apply();
    Result<void> apply_protocols();
    Result<void> apply_credentials();
    bool can_leave_library(const Credential& credential) const;
    EVP_PKEY* key_to_sign_with(const Credential& credential);
    EVP_PKEY* keep_wrapped(UniquePkey key);
    Result<void> apply_negotiation();
    Result<void> apply_dh_parameters();
    Result<void> apply_verification();
    Result<void> apply_sessions();
    void take_own_ticket_keys();
    void apply_records();
    Result<void> apply_conf_commands();
    std::string session_id_context() const;

    ContextTerms terms_;
    std::string session_scope_;
    std::unique_ptr<FixedTicketKeys> own_ticket_keys_;
    SSL_CTX* ctx_ = nullptr;
    std::vector<std::unique_ptr<SigningKey>> signing_keys_;
    std::vector<UniquePkey> wrapped_keys_;
    const Credential* unthreaded_ = nullptr;
    bool batches_rsa_ = false;
    bool threads_keys_ = false;
    bool takes_x25519_ = false;
    bool takes_p256_ = false;
    bool takes_hybrid_ = false;
    uint8_t ipsec_mb_;
};

// True when the libssl in use knows a key exchange group of that name.
bool supports_group(const char* name);

// True when the value of that `tls_conf_command` is the path of a file or folder.
bool takes_path(const std::string& conf_command);

}  // namespace tls

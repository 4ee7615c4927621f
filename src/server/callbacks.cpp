#include "server/callbacks.h"

#include <openssl/err.h>
#include <openssl/rand.h>

#include <cstring>
#include <utility>
#include <vector>

#include "base/guard.h"
#include "base/providers.h"
#include "server/context.h"
#include "server/tunnel.h"
#include "session/ticket_seal.h"

namespace tls {

namespace {

const ServerContext* context_of(const SSL_CTX* ctx) {
    return static_cast<const ServerContext*>(SSL_CTX_get_app_data(ctx));
}

const ServerContext* context_of(const SSL* ssl) {
    return context_of(SSL_get_SSL_CTX(ssl));
}

Tunnel* tunnel_of(const SSL* ssl) {
    return static_cast<Tunnel*>(SSL_get_app_data(ssl));
}

// The name was judged before libssl was entered; acknowledging it is all that is left (RFC 6066 section 3).
int on_server_name(SSL*, int*, void*) {
    return SSL_TLSEXT_ERR_OK;
}

// The protocol was chosen from the hello. libssl keeps the pointer only until it has copied the name.
int on_alpn(SSL* ssl, const unsigned char** out, unsigned char* out_size, const unsigned char*, unsigned,
            void*) {
    const Tunnel* tunnel = tunnel_of(ssl);
    const std::string_view alpn = tunnel != nullptr ? tunnel->alpn() : "";
    if (alpn.empty()) {
        return SSL_TLSEXT_ERR_NOACK;
    }
    *out = ByteView::of(alpn).data();
    *out_size = static_cast<unsigned char>(alpn.size());
    return SSL_TLSEXT_ERR_OK;
}

void on_secret(const SSL* ssl, const char* line) {
    Tunnel* tunnel = tunnel_of(ssl);
    if (tunnel != nullptr) {
        guarded([&] { tunnel->on_secret(line); });
    }
}

void on_info(const SSL* ssl, int where, int value) {
    if ((where & SSL_CB_LOOP) != 0) {
        // The secrets of the handshake have been made, those of the records are the next. The SecretWatch of
        // this step takes it back.
        if (SSL_get_state(ssl) == TLS_ST_SW_ENCRYPTED_EXTENSIONS) {
            const Tunnel* tunnel = tunnel_of(ssl);
            if (tunnel != nullptr && tunnel->wants_secrets()) {
                SSL_CTX_set_keylog_callback(SSL_get_SSL_CTX(ssl), on_secret);
            }
        }
        return;
    }
    // The upper byte is the level; warnings end nothing.
    if ((where & SSL_CB_ALERT) == 0 || value >> 8 != SSL3_AL_FATAL) {
        return;
    }
    Tunnel* tunnel = tunnel_of(ssl);
    if (tunnel != nullptr) {
        tunnel->on_alert((where & SSL_CB_WRITE) != 0, value & 0xff);
    }
}

void on_key_line(const SSL* ssl, const char* line) {
    const Tunnel* tunnel = tunnel_of(ssl);
    if (tunnel != nullptr && tunnel->logs_keys()) {
        context_of(ssl)->keys()->write(line);
    }
}

template <class Outcome>
void note(const SSL* ssl, Outcome outcome) {
    Tunnel* tunnel = tunnel_of(ssl);
    if (tunnel != nullptr) {
        tunnel->on_session(outcome);
    }
}

// A session as libssl reads it again, with its secret: wiped with this. Empty when memory ran out.
class EncodedSession {
  public:
    explicit EncodedSession(const SSL_SESSION* session) {
        const int size = i2d_SSL_SESSION(session, nullptr);
        bytes_.resize(size > 0 ? static_cast<size_t>(size) : 0);
        unsigned char* end = bytes_.data();
        if (!bytes_.empty() && i2d_SSL_SESSION(session, &end) != size) {
            bytes_.clear();
        }
    }
    ~EncodedSession() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }
    EncodedSession(const EncodedSession&) = delete;
    EncodedSession& operator=(const EncodedSession&) = delete;

    ByteView view() const { return ByteView(bytes_.data(), bytes_.size()); }

  private:
    std::vector<unsigned char> bytes_;
};

void store_session(SessionStore* store, SSL_SESSION* session) {
    const EncodedSession encoded(session);
    if (encoded.view().empty() || encoded.view().size() > SessionCache::kMaxSession) {
        return;
    }
    unsigned id_size = 0;
    const unsigned char* id = SSL_SESSION_get_id(session, &id_size);
    store->insert(ByteView(id, id_size), encoded.view(), static_cast<long>(SSL_SESSION_get_timeout(session)));
}

// 1 when the reference to the session was taken over.
int on_new_session(SSL* ssl, SSL_SESSION* session) {
    const bool is_tls13 = SSL_version(ssl) == TLS1_3_VERSION;
    // libssl reports TLS 1.3 sessions also when the client holds all of them in its ticket.
    const ServerContext* context = context_of(ssl);
    if (is_tls13 && context->gives_tickets()) {
        return 0;
    }
    if (context->sessions().mode == CacheMode::Shared) {
        store_session(context->sessions().store, session);
        note(ssl, CacheOutcome::Stored);
    }
    // TLS 1.3 makes several; the SSL itself knows only the last, and the request's check may refuse them all.
    Tunnel* tunnel = tunnel_of(ssl);
    if (!is_tls13 || tunnel == nullptr || context->policy().verify == VerifyMode::Off) {
        return 0;
    }
    tunnel->keep_session(session);
    return 1;
}

SSL_SESSION* on_get_session(SSL* ssl, const unsigned char* id, int id_size, int* copy) {
    *copy = 0;
    uint8_t encoded[SessionCache::kMaxSession];
    const size_t size = context_of(ssl)->sessions().store->find(ByteView(id, static_cast<size_t>(id_size)),
                                                                encoded, sizeof(encoded));
    const unsigned char* start = encoded;
    // What cannot be read is not resumed; an error left in the queue would end the handshake instead.
    ERR_set_mark();
    SSL_SESSION* session = size != 0 ? d2i_SSL_SESSION(nullptr, &start, static_cast<long>(size)) : nullptr;
    ERR_pop_to_mark();
    note(ssl, session != nullptr ? CacheOutcome::Hit : CacheOutcome::Miss);
    return session;
}

void on_remove_session(SSL_CTX* ctx, SSL_SESSION* session) {
    const ServerContext* context = context_of(ctx);
    if (context == nullptr || context->sessions().store == nullptr) {
        return;
    }
    unsigned id_size = 0;
    const unsigned char* id = SSL_SESSION_get_id(session, &id_size);
    context->sessions().store->remove(ByteView(id, id_size));
}

// What the callback returns to libssl; SSL_CTX_set_tlsext_ticket_key_evp_cb(3).
constexpr int kTicketError = -1;
constexpr int kNoTicket = 0;
constexpr int kTicketTaken = 1;
constexpr int kTicketRenewed = 2;

int seal_ticket(TicketKeySource* source, TicketKey* key, unsigned char* name, unsigned char* iv,
                EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    if (!source->current(key)) {
        return kNoTicket;
    }
    const EVP_CIPHER* algorithm = ticket_cipher(*key);
    if (algorithm == nullptr || RAND_bytes(iv, EVP_CIPHER_get_iv_length(algorithm)) != 1 ||
        EVP_EncryptInit_ex2(cipher, algorithm, key->aes.data(), iv, nullptr) != 1 ||
        !set_ticket_mac(mac, *key)) {
        return kTicketError;
    }
    std::memcpy(name, key->name.data(), key->name.size());
    return kTicketTaken;
}

int open_ticket(SSL* ssl, TicketKeySource* source, TicketKey* key, const unsigned char* name,
                const unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    const TicketKeySource::Match match = source->find(ByteView(name, key->name.size()), key);
    if (match == TicketKeySource::Match::None) {
        return kNoTicket;
    }
    const EVP_CIPHER* algorithm = ticket_cipher(*key);
    if (algorithm == nullptr || EVP_DecryptInit_ex2(cipher, algorithm, key->aes.data(), iv, nullptr) != 1 ||
        !set_ticket_mac(mac, *key)) {
        return kTicketError;
    }
    // A TLS 1.3 client should use each ticket once (RFC 8446 appendix C.4), so it always gets another.
    const bool renew = match == TicketKeySource::Match::Renew || SSL_version(ssl) == TLS1_3_VERSION;
    return renew ? kTicketRenewed : kTicketTaken;
}

int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
              int sealing) {
    TicketKeySource* source = context_of(ssl)->sessions().tickets;
    TicketKey key;
    const int answer = guarded(kTicketError, [&] {
        return sealing != 0 ? seal_ticket(source, &key, name, iv, cipher, mac)
                            : open_ticket(ssl, source, &key, name, iv, cipher, mac);
    });
    OPENSSL_cleanse(&key, sizeof(key));
    return answer;
}

// Whether libssl looks after a session of TLS 1.3 itself: not when the client holds it, in a ticket, and
// nothing in the process does.
bool is_only_in_ticket(const SSL* ssl) {
    const ServerContext* context = context_of(ssl);
    const CacheMode mode = context->sessions().mode;
    return SSL_version(ssl) == TLS1_3_VERSION && context->gives_tickets() && mode != CacheMode::Builtin &&
           (mode != CacheMode::Shared || !context->sessions().builtin_beside_shared);
}

// Such a session is known to nobody by its id, which is there to be logged: bytes that are random already do.
int on_session_id(SSL* ssl, unsigned char* id, unsigned* size) {
    return is_only_in_ticket(ssl) ? SSL_get_server_random(ssl, id, *size) == *size
                                  : RAND_bytes(id, static_cast<int>(*size)) == 1;
}

// A ticket has two bytes for its length, and is more than what it seals.
constexpr size_t kLargestSession = 0xff00;

// libssl writes a session twice for its ticket, reads that, writes it twice more, and sets a MAC up by its
// names. A reference to a session costs it nothing. So where the session is complete, in the callback that
// comes before either, the ticket is made here; libssl is told to write a reference, and that is replaced on
// its way out.
void make_ticket(SSL* ssl) {
    static auto* const kSealer = new TicketSealer;  // of the process, which nothing outlives
    Tunnel* tunnel = tunnel_of(ssl);
    TicketKeySource* keys = context_of(ssl)->sessions().tickets;
    SSL_clear_options(ssl, SSL_OP_NO_TICKET);
    if (tunnel == nullptr || !tunnel->seals_records() || keys == nullptr || !is_only_in_ticket(ssl) ||
        !usual_providers()) {
        return;
    }
    const EncodedSession session(SSL_get_session(ssl));
    std::vector<uint8_t> ticket;
    TicketKey key;
    const bool made = !session.view().empty() && session.view().size() <= kLargestSession &&
                      keys->current(&key) && kSealer->seal(key, session.view(), &ticket);
    OPENSSL_cleanse(&key, sizeof(key));
    if (made) {
        tunnel->put_ticket(std::move(ticket));
        SSL_set_options(ssl, SSL_OP_NO_TICKET);
    }
}

// Tickets are counted here, whoever has their keys. References to sessions in a cache are none.
int on_ticket_made(SSL* ssl, void*) {
    if (context_of(ssl)->gives_tickets()) {
        note(ssl, TicketOutcome::Issued);
        guarded([&] { make_ticket(ssl); });
    }
    return 1;
}

// Does what libssl would do without it.
SSL_TICKET_RETURN on_ticket_opened(SSL* ssl, SSL_SESSION*, const unsigned char*, size_t,
                                   SSL_TICKET_STATUS status, void*) {
    switch (status) {
        case SSL_TICKET_SUCCESS:
            note(ssl, TicketOutcome::Opened);
            return SSL_TICKET_RETURN_USE;
        case SSL_TICKET_SUCCESS_RENEW:
            note(ssl, TicketOutcome::Opened);
            return SSL_TICKET_RETURN_USE_RENEW;
        case SSL_TICKET_NO_DECRYPT:
            note(ssl, TicketOutcome::Unknown);
            return SSL_TICKET_RETURN_IGNORE_RENEW;
        default:
            return SSL_TICKET_RETURN_IGNORE_RENEW;
    }
}

}  // namespace

SecretWatch::SecretWatch(const SSL* ssl, bool wanted, bool from_the_beginning)
    : ctx_(wanted ? SSL_get_SSL_CTX(ssl) : nullptr) {
    if (ctx_ == nullptr) {
        return;
    }
    before_ = SSL_CTX_get_keylog_callback(ctx_);
    if (from_the_beginning) {
        SSL_CTX_set_keylog_callback(ctx_, on_secret);
    }
}

SecretWatch::~SecretWatch() {
    if (ctx_ != nullptr) {
        SSL_CTX_set_keylog_callback(ctx_, before_);
    }
}

void install_callbacks(SSL_CTX* ctx, const ServerContext* context) {
    SSL_CTX_set_app_data(ctx, const_cast<ServerContext*>(context));
    SSL_CTX_set_tlsext_servername_callback(ctx, on_server_name);
    SSL_CTX_set_alpn_select_cb(ctx, on_alpn, nullptr);
    SSL_CTX_set_info_callback(ctx, on_info);
    if (context->keys() != nullptr) {
        SSL_CTX_set_keylog_callback(
            ctx, [](const SSL* ssl, const char* line) { guarded([&] { on_key_line(ssl, line); }); });
    }
    SSL_CTX_sess_set_new_cb(ctx, [](SSL* ssl, SSL_SESSION* session) {
        return guarded(0, [&] { return on_new_session(ssl, session); });
    });
    SSL_CTX_set_generate_session_id(ctx, on_session_id);
    SSL_CTX_set_session_ticket_cb(ctx, on_ticket_made, on_ticket_opened, nullptr);
    if (context->sessions().store != nullptr && context->sessions().mode == CacheMode::Shared) {
        SSL_CTX_sess_set_get_cb(ctx, [](SSL* ssl, const unsigned char* id, int id_size, int* copy) {
            return guarded(static_cast<SSL_SESSION*>(nullptr),
                           [&] { return on_get_session(ssl, id, id_size, copy); });
        });
        SSL_CTX_sess_set_remove_cb(ctx, [](SSL_CTX* owner, SSL_SESSION* session) {
            guarded([&] { on_remove_session(owner, session); });
        });
    }
    if (context->sessions().tickets != nullptr) {
        SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, on_ticket);
    }
}

bool bind_tunnel(SSL* ssl, Tunnel* tunnel) {
    return SSL_set_app_data(ssl, tunnel) == 1;
}

int accept_any_chain(int, X509_STORE_CTX*) {
    return 1;
}

}  // namespace tls

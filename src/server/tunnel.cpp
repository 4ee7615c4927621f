#include "server/tunnel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>

#include "server/callbacks.h"
#include "server/certify.h"
#include "server/failure.h"
#include "server/names.h"

namespace tls {

namespace {

// libssl counts in int.
size_t clamp(size_t size) {
    return std::min(size, static_cast<size_t>(INT_MAX));
}

// The NamedGroup of the key exchange. libssl answers with a NID where it has one, else with the number under
// a flag.
uint16_t negotiated_group(SSL* ssl) {
    if (SSL_get0_session(ssl) == nullptr) {
        // After a HelloRetryRequest a cipher is chosen, but libssl would look here for the group.
        return 0;
    }
    const auto nid = static_cast<int>(SSL_get_negotiated_group(ssl));
    if ((nid & TLSEXT_nid_unknown) != 0) {
        return static_cast<uint16_t>(nid & 0xffff);
    }
    const char* name = nid == NID_undef ? nullptr : OBJ_nid2sn(nid);
    return name != nullptr ? group_by_name(name) : 0;
}

// The scheme of a signature that the key in `signer` made; 0 when libssl knows no signature, as in a resumed
// session.
uint16_t signature_scheme(int signature_type, int digest, const X509* signer) {
    const EVP_PKEY* key = signer != nullptr ? X509_get0_pubkey(signer) : nullptr;
    return signature_scheme_of(signature_type, digest,
                               key != nullptr ? EVP_PKEY_get_base_id(key) : NID_undef);
}

uint16_t server_signature(SSL* ssl) {
    int type = NID_undef;
    int digest = NID_undef;
    if (SSL_get_signature_type_nid(ssl, &type) != 1) {
        return 0;
    }
    SSL_get_signature_nid(ssl, &digest);
    return signature_scheme(type, digest, SSL_get_certificate(ssl));
}

uint16_t client_signature(SSL* ssl) {
    int type = NID_undef;
    int digest = NID_undef;
    if (SSL_get_peer_signature_type_nid(ssl, &type) != 1) {
        return 0;
    }
    SSL_get_peer_signature_nid(ssl, &digest);
    return signature_scheme(type, digest, SSL_get0_peer_certificate(ssl));
}

// The cipher in use, or, while the handshake lasts, the one that will be. Null before it is chosen.
const SSL_CIPHER* chosen_cipher(const SSL* ssl) {
    const SSL_CIPHER* current = SSL_get_current_cipher(ssl);
    return current != nullptr ? current : SSL_get_pending_cipher(ssl);
}

}  // namespace

Tunnel::Tunnel(const ServerContext* context, Opening opening)
    : context_(context),
      bio_(opening.fd, std::move(opening.replay)),
      credentials_(std::move(opening.credentials)),
      alpn_(std::move(opening.alpn)),
      logs_keys_(opening.logs_keys) {}

std::unique_ptr<Tunnel> Tunnel::open(Opening opening) {
    const ServerContext* context = opening.context;
    const bool takes_early_data = opening.takes_early_data && context->policy().early_data;
    std::unique_ptr<Tunnel> tunnel(new Tunnel(context, std::move(opening)));
    tunnel->ssl_ = SSL_new(context->native());
    BIO* bio = tunnel->bio_.make();
    if (tunnel->ssl_ == nullptr || bio == nullptr || !bind_tunnel(tunnel->ssl_, tunnel.get())) {
        BIO_free(bio);
        return nullptr;
    }
    SSL_set_bio(tunnel->ssl_, bio, bio);
    if (tunnel->credentials_ != nullptr && !use_credentials(tunnel->ssl_, *context, *tunnel->credentials_)) {
        return nullptr;
    }
    SSL_set_accept_state(tunnel->ssl_);
    if (takes_early_data) {
        tunnel->phase_ = Phase::Early;
    }
    return tunnel;
}

Tunnel::~Tunnel() {
    for (SSL_SESSION* session : kept_sessions_) {
        SSL_SESSION_free(session);
    }
    if (ssl_ != nullptr) {
        bind_tunnel(ssl_, nullptr);
        // Another owner may outlive this one, but not the socket's bytes that the BIO points to.
        SSL_set_bio(ssl_, nullptr, nullptr);
        // The end of a connection says nothing against its session: without this libssl would forget it.
        SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(ssl_);
    }
}

bool Tunnel::attach(int ex_data_index, void* owner) {
    return SSL_set_ex_data(ssl_, ex_data_index, owner) == 1;
}

SSL* Tunnel::share() {
    SSL_up_ref(ssl_);
    return ssl_;
}

void Tunnel::release(SSL* ssl) {
    SSL_free(ssl);
}

Tunnel::Step Tunnel::handshake() {
    ERR_clear_error();
    if (phase_ == Phase::Early) {
        return try_early_data();
    }
    return finish_step(SSL_do_handshake(ssl_));
}

Tunnel::Step Tunnel::try_early_data() {
    size_t size = 0;
    const int result = SSL_read_early_data(ssl_, &early_byte_, 1, &size);
    if (result == SSL_READ_EARLY_DATA_SUCCESS) {
        early_byte_waits_ = size == 1;
        return Step::Done;
    }
    if (result == SSL_READ_EARLY_DATA_FINISH) {
        phase_ = Phase::Handshake;
        return finish_step(SSL_do_handshake(ssl_));
    }
    return finish_step(0);
}

Tunnel::Step Tunnel::finish_step(int result) {
    if (result == 1) {
        phase_ = Phase::Established;
        return Step::Done;
    }
    const int ssl_error = SSL_get_error(ssl_, result);
    switch (ssl_error) {
        case SSL_ERROR_WANT_READ:
            return Step::WantRead;
        case SSL_ERROR_WANT_WRITE:
            return Step::WantWrite;
        default:
            fail(ssl_error);
            return Step::Failed;
    }
}

void Tunnel::fail(int ssl_error) {
    failure_ = explain_failure(ssl_error, bio_.error(), alert_received_, alert_sent_);
    phase_ = Phase::Failed;
}

Tunnel::Transfer Tunnel::read(uint8_t* data, size_t size) {
    if (phase_ == Phase::Failed) {
        return {Status::Failed, 0};
    }
    ERR_clear_error();
    if (phase_ == Phase::Early) {
        return read_early(data, clamp(size));
    }
    const int result = SSL_read(ssl_, data, static_cast<int>(clamp(size)));
    return result > 0 ? Transfer{Status::Ok, static_cast<size_t>(result)} : finish_transfer(result);
}

Tunnel::Transfer Tunnel::read_early(uint8_t* data, size_t size) {
    if (early_byte_waits_) {
        early_byte_waits_ = false;
        *data = early_byte_;
        return {Status::Ok, 1};
    }
    if (early_write_blocked_) {
        // libssl would mix up its state if early data were read while a write is unfinished.
        return {Status::WantWrite, 0};
    }
    size_t count = 0;
    switch (SSL_read_early_data(ssl_, data, size, &count)) {
        case SSL_READ_EARLY_DATA_SUCCESS:
            return {Status::Ok, count};
        case SSL_READ_EARLY_DATA_FINISH:
            phase_ = Phase::Established;
            return read(data, size);
        default:
            return finish_transfer(0);
    }
}

Tunnel::Transfer Tunnel::write(const uint8_t* data, size_t size) {
    if (phase_ == Phase::Failed) {
        return {Status::Failed, 0};
    }
    ERR_clear_error();
    if (phase_ == Phase::Early) {
        size_t count = 0;
        if (SSL_write_early_data(ssl_, data, clamp(size), &count) == 1) {
            early_write_blocked_ = false;
            return {Status::Ok, count};
        }
        const Transfer transfer = finish_transfer(0);
        early_write_blocked_ = transfer.status == Status::WantWrite;
        return transfer;
    }
    const int result = SSL_write(ssl_, data, static_cast<int>(clamp(size)));
    if (result > 0) {
        return {Status::Ok, static_cast<size_t>(result)};
    }
    const Transfer transfer = finish_transfer(result);
    if (transfer.status != Status::Closed) {
        return transfer;
    }
    // Writing after the peer's close_notify onto a socket that is gone.
    fail(SSL_ERROR_SYSCALL);
    return {Status::Failed, 0};
}

Tunnel::Transfer Tunnel::finish_transfer(int result) {
    const int ssl_error = SSL_get_error(ssl_, result);
    switch (ssl_error) {
        case SSL_ERROR_WANT_READ:
            return {Status::WantRead, 0};
        case SSL_ERROR_WANT_WRITE:
            return {Status::WantWrite, 0};
        case SSL_ERROR_ZERO_RETURN:
            return {Status::Closed, 0};
        default:
            fail(ssl_error);
            return {Status::Failed, 0};
    }
}

void Tunnel::close() {
    // Called again, libssl would not send a second close_notify but wait for the peer's.
    const bool said = (SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) != 0;
    if (phase_ == Phase::Failed || said || SSL_in_init(ssl_) != 0) {
        return;
    }
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
}

void Tunnel::forget_session() {
    SSL_CTX* ctx = SSL_get_SSL_CTX(ssl_);
    for (SSL_SESSION* session : kept_sessions_) {
        SSL_CTX_remove_session(ctx, session);
    }
    SSL_CTX_remove_session(ctx, SSL_get0_session(ssl_));
}

// libssl names the certificate that it chose; its credential is one of a few.
std::shared_ptr<const Credential> Tunnel::shown_credential() const {
    const X509* shown = SSL_get_certificate(ssl_);
    const auto& candidates = credentials_ != nullptr ? credentials_->credentials : context_->credentials();
    for (const auto& candidate : candidates) {
        if (candidate->leaf.get() == shown) {
            return candidate;
        }
    }
    return nullptr;
}

bool Tunnel::has_agreed() const {
    return chosen_cipher(ssl_) != nullptr;
}

Facts Tunnel::facts() const {
    Facts facts;
    facts.protocol = SSL_get_version(ssl_);
    facts.cipher = SSL_CIPHER_get_name(chosen_cipher(ssl_));
    facts.version = static_cast<uint16_t>(SSL_version(ssl_));
    const SSL_CIPHER* cipher = SSL_get_current_cipher(ssl_);
    facts.cipher_suite = cipher != nullptr ? SSL_CIPHER_get_protocol_id(cipher) : uint16_t{0};
    facts.group = negotiated_group(ssl_);
    facts.signature_scheme = server_signature(ssl_);
    facts.client_signature_scheme = client_signature(ssl_);
    facts.session_reused = SSL_session_reused(ssl_) == 1;
    switch (SSL_get_early_data_status(ssl_)) {
        case SSL_EARLY_DATA_ACCEPTED:
            facts.early_data = EarlyData::Accepted;
            break;
        case SSL_EARLY_DATA_REJECTED:
            facts.early_data = EarlyData::Rejected;
            break;
        default:
            break;
    }
    const SSL_SESSION* session = SSL_get0_session(ssl_);
    if (session != nullptr) {
        unsigned size = 0;
        const unsigned char* id = SSL_SESSION_get_id(session, &size);
        facts.session_id = std::string(ByteView(id, size).text());
    }
    facts.alpn = alpn_;
    facts.server_certificate = tls::share(SSL_get_certificate(ssl_));
    facts.credential = shown_credential();
    facts.client_certificate.reset(SSL_get1_peer_certificate(ssl_));
    facts.verify_result = SSL_get_verify_result(ssl_);
    return facts;
}

}  // namespace tls

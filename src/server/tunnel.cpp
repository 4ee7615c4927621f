#include "server/tunnel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <climits>

#include "keys/heard_secrets.h"
#include "server/agreed.h"
#include "server/callbacks.h"
#include "server/certify.h"
#include "server/failure.h"

namespace tls {

namespace {

// libssl counts in int.
size_t clamp(size_t size) {
    return std::min(size, static_cast<size_t>(INT_MAX));
}

void take(const HeardSecret& heard, TrafficSecret* secret) {
    if (heard.size > 0) {
        std::copy_n(heard.bytes.begin(), heard.size, secret->bytes.begin());
        secret->size = static_cast<uint8_t>(heard.size);
    }
}

}  // namespace

Tunnel::SslSide::SslSide(RecordReader* reader, RecordWriter* writer, const ServerContext& context,
                         Opening* opening)
    : bio(reader, writer, context.own_records() && !opening->logs_keys, context.ipsec_mb()),
      credentials(std::move(opening->credentials)),
      alpn(opening->alpn),
      logs_keys(opening->logs_keys),
      takes_keys(context.own_records() && !opening->logs_keys),
      prepared(std::move(opening->prepared)) {}

Tunnel::Tunnel(const ServerContext* context, Opening opening)
    : context_(context),
      writer_(opening.fd, opening.record_size),
      reader_(opening.fd, std::move(opening.replay)) {
    side_ = std::make_unique<SslSide>(&reader_, &writer_, *context, &opening);
}

std::unique_ptr<Tunnel> Tunnel::open(Opening opening) {
    const ServerContext* context = opening.context;
    const bool takes_early_data = opening.takes_early_data && context->policy().early_data;
    const bool waits = opening.waits_for_signature;
    std::unique_ptr<Tunnel> tunnel(new Tunnel(context, std::move(opening)));
    SslSide& side = *tunnel->side_;
    side.ssl = SSL_new(context->native());
    BIO* bio = side.bio.make();
    if (side.ssl == nullptr || bio == nullptr || !bind_tunnel(side.ssl, tunnel.get())) {
        BIO_free(bio);
        return nullptr;
    }
    SSL_set_bio(side.ssl, bio, bio);
    if (side.credentials != nullptr && !use_credentials(side.ssl, *context, *side.credentials)) {
        return nullptr;
    }
    SSL_set_accept_state(side.ssl);
    if (waits) {
        side.wait = std::make_unique<SignatureWait>();
        SSL_set_mode(side.ssl, SSL_MODE_ASYNC);
    }
    if (takes_early_data) {
        tunnel->phase_ = Phase::Early;
    }
    return tunnel;
}

Tunnel::~Tunnel() {
    for (SSL_SESSION* session : kept_sessions_) {
        SSL_SESSION_free(session);
    }
    free_ssl();
}

void Tunnel::free_ssl() {
    SSL* const ssl = native();
    if (ssl != nullptr) {
        bind_tunnel(ssl, nullptr);
        cancel_wait();
        // Another owner may outlive this one, but not the socket's bytes that the BIO points to.
        SSL_set_bio(ssl, nullptr, nullptr);
        // The end of a connection says nothing against its session: without this libssl would forget it.
        SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(ssl);
    }
    side_.reset();
}

bool Tunnel::attach(int ex_data_index, void* owner) {
    return SSL_set_ex_data(side_->ssl, ex_data_index, owner) == 1;
}

SSL* Tunnel::share(SSL* ssl) {
    SSL_up_ref(ssl);
    return ssl;
}

void Tunnel::release(SSL* ssl) {
    SSL_free(ssl);
}

Tunnel::Step Tunnel::handshake() {
    ERR_clear_error();
    if (writer_.blocked()) {
        const Step step = send_flight(Step::Done);
        if (step != Step::Done) {
            return step;
        }
    }
    const Step step = enter_handshake();
    // It was for the hello, which libssl has now read: what is left of it fits nothing else.
    side_->prepared.reset();
    // What ends the handshake waits for the first answer; the caller sends it if there is none. What waits
    // for a signature goes out with it.
    return step == Step::Done || step == Step::WantKey ? step : send_flight(step);
}

Tunnel::Step Tunnel::enter_handshake() {
    const PreparedScope scope(side_->prepared.get());
    const SignatureWait::Scope wait_scope(side_->wait.get());
    side_->bio.set_writing(SocketBio::Writing::Collect);
    Step step = phase_ == Phase::Early ? try_early_data() : finish_step(do_handshake());
    if (step == Step::WantKey && pending_signature() == nullptr) {
        // OpenSSL has no memory for a job: all that follows is done without.
        SSL_clear_mode(side_->ssl, SSL_MODE_ASYNC);
        step = phase_ == Phase::Early ? try_early_data() : finish_step(do_handshake());
    }
    if (side_->wait != nullptr && (step == Step::Done || step == Step::Failed || side_->wait->is_over())) {
        stop_waiting();
    }
    side_->bio.set_writing(SocketBio::Writing::Through);
    return step;
}

// Jobs are for the one signature: they cost time, and nothing later knows how to wait for one.
void Tunnel::stop_waiting() {
    SSL_clear_mode(side_->ssl, SSL_MODE_ASYNC);
    side_->wait.reset();
}

// A job that is left in the middle keeps its stack, and what is on it, for ever: it is entered once more, and
// finds that its signature failed. What libssl says then is for nobody.
void Tunnel::cancel_wait() {
    if (pending_signature() == nullptr) {
        return;
    }
    side_->wait->cancel();
    side_->bio.set_writing(SocketBio::Writing::Drop);
    {
        const SignatureWait::Scope scope(side_->wait.get());
        SSL_do_handshake(side_->ssl);
    }
    ERR_clear_error();
}

// All that libssl wrote goes out in one piece.
Tunnel::Step Tunnel::send_flight(Step step) {
    const OutputBuffer::Sent sent = writer_.flush();
    if (step == Step::Failed || sent == OutputBuffer::Sent::All) {
        return step;
    }
    if (sent == OutputBuffer::Sent::Blocked) {
        return Step::WantWrite;
    }
    fail(SSL_ERROR_SYSCALL);
    return Step::Failed;
}

// A step of libssl's with ears for the secrets of our records: where the key schedule is ours, it tells them,
// else libssl's key log. The client's are made when ours are in use.
template <class Call>
int Tunnel::listening(Call call) {
    const bool from_schedule = side_->takes_keys && context_->uses_key_library();
    HeardSecrets heard;
    const HearingScope scope(from_schedule ? &heard : nullptr);
    // A job that is entered again is past the place where the watch would begin.
    const bool from_the_beginning = writer_.sealing() || pending_signature() != nullptr;
    const SecretWatch watch(side_->ssl, wants_secrets(), from_the_beginning);
    const int result = call();
    take(heard.client, reader_.secret());
    take(heard.server, &sending_secret_);
    return result;
}

int Tunnel::do_handshake() {
    return listening([&] { return SSL_do_handshake(side_->ssl); });
}

Tunnel::Step Tunnel::try_early_data() {
    size_t size = 0;
    const int result =
        listening([&] { return SSL_read_early_data(side_->ssl, &side_->early_byte, 1, &size); });
    if (result == SSL_READ_EARLY_DATA_SUCCESS) {
        side_->early_byte_waits = size == 1;
        return Step::Done;
    }
    if (result == SSL_READ_EARLY_DATA_FINISH) {
        phase_ = Phase::Handshake;
        return finish_step(do_handshake());
    }
    return finish_step(0);
}

Tunnel::Step Tunnel::finish_step(int result) {
    if (result == 1) {
        phase_ = Phase::Established;
        if (!open_records()) {
            fail(SSL_ERROR_SSL);
            return Step::Failed;
        }
        return Step::Done;
    }
    const int ssl_error = SSL_get_error(side_->ssl, result);
    switch (ssl_error) {
        case SSL_ERROR_WANT_READ:
            return Step::WantRead;
        case SSL_ERROR_WANT_WRITE:
            return Step::WantWrite;
        case SSL_ERROR_WANT_ASYNC:
        case SSL_ERROR_WANT_ASYNC_JOB:
            return Step::WantKey;
        default:
            fail(ssl_error);
            return Step::Failed;
    }
}

void Tunnel::fail(int ssl_error) {
    const int error = reader_.error() != 0 ? reader_.error() : writer_.error();
    failure_ = std::make_unique<Failure>(explain_failure(ssl_error, error, alert_received_, alert_sent_));
    phase_ = Phase::Failed;
}

const Failure& Tunnel::failure() const {
    static const Failure kNone;
    return failure_ != nullptr ? *failure_ : kNone;
}

Tunnel::Transfer Tunnel::failed() {
    fail(SSL_ERROR_SSL);
    return {Status::Failed};
}

Tunnel::Transfer Tunnel::read(uint8_t* data, size_t size) {
    ERR_clear_error();
    switch (phase_) {
        case Phase::Failed:
            return {Status::Failed};
        case Phase::Early:
            return read_early(data, clamp(size));
        case Phase::Finishing:
            return read_finishing(data, size);
        default:
            break;
    }
    if (reader_.opening()) {
        return read_records(data, size);
    }
    const int result = SSL_read(side_->ssl, data, static_cast<int>(clamp(size)));
    return result > 0 ? Transfer{Status::Ok, static_cast<size_t>(result)} : finish_transfer(result);
}

Tunnel::Transfer Tunnel::read_early(uint8_t* data, size_t size) {
    if (side_->early_byte_waits) {
        side_->early_byte_waits = false;
        *data = side_->early_byte;
        return {Status::Ok, 1};
    }
    if (side_->early_write_blocked) {
        // libssl would mix up its state if early data were read while a write is unfinished.
        return {Status::WantWrite};
    }
    size_t count = 0;
    switch (listening([&] { return SSL_read_early_data(side_->ssl, data, size, &count); })) {
        case SSL_READ_EARLY_DATA_SUCCESS:
            return {Status::Ok, count};
        case SSL_READ_EARLY_DATA_FINISH:
            phase_ = Phase::Finishing;
            return read_finishing(data, size);
        default:
            return finish_transfer(0);
    }
}

Tunnel::Transfer Tunnel::read_finishing(uint8_t* data, size_t size) {
    const int result = do_handshake();
    if (result != 1) {
        return finish_transfer(result);
    }
    phase_ = Phase::Established;
    return open_records() ? read(data, size) : failed();
}

Tunnel::Transfer Tunnel::write(const uint8_t* data, size_t size) {
    if (phase_ == Phase::Failed) {
        return {Status::Failed};
    }
    ERR_clear_error();
    if (writer_.sealing()) {
        return write_records(data, size);
    }
    if (phase_ == Phase::Early) {
        return write_early(data, size);
    }
    const int result = SSL_write(side_->ssl, data, static_cast<int>(clamp(size)));
    if (result > 0) {
        return {Status::Ok, static_cast<size_t>(result)};
    }
    const Transfer transfer = finish_transfer(result);
    if (transfer.status != Status::Closed) {
        return transfer;
    }
    // Writing after the peer's close_notify onto a socket that is gone.
    fail(SSL_ERROR_SYSCALL);
    return {Status::Failed};
}

Tunnel::Transfer Tunnel::write_early(const uint8_t* data, size_t size) {
    size_t count = 0;
    if (SSL_write_early_data(side_->ssl, data, clamp(size), &count) == 1) {
        side_->early_write_blocked = false;
        return {Status::Ok, count};
    }
    const Transfer transfer = finish_transfer(0);
    side_->early_write_blocked = transfer.status == Status::WantWrite;
    return transfer;
}

Tunnel::Transfer Tunnel::finish_transfer(int result) {
    const int ssl_error = SSL_get_error(side_->ssl, result);
    switch (ssl_error) {
        case SSL_ERROR_WANT_READ:
            return {Status::WantRead};
        case SSL_ERROR_WANT_WRITE:
            return {Status::WantWrite};
        case SSL_ERROR_ZERO_RETURN:
            return {Status::Closed};
        default:
            fail(ssl_error);
            return {Status::Failed};
    }
}

void Tunnel::close() {
    if (reader_.opening()) {
        seal_goodbye();
        if (phase_ != Phase::Failed) {
            writer_.flush();
        }
        return;
    }
    // Called again, libssl would not send a second close_notify but wait for the peer's.
    const bool said = (SSL_get_shutdown(side_->ssl) & SSL_SENT_SHUTDOWN) != 0;
    if (phase_ == Phase::Failed || said || SSL_in_init(side_->ssl) != 0) {
        return;
    }
    ERR_clear_error();
    SSL_shutdown(side_->ssl);
    ERR_clear_error();
}

// libssl names the certificate that it chose; its credential is one of a few.
std::shared_ptr<const Credential> Tunnel::shown_credential() const {
    const X509* shown = SSL_get_certificate(side_->ssl);
    const CredentialSet* found = side_->credentials.get();
    const auto& candidates = found != nullptr ? found->credentials : context_->credentials();
    for (const auto& candidate : candidates) {
        if (candidate->leaf.get() == shown) {
            return candidate;
        }
    }
    return nullptr;
}

bool Tunnel::has_agreed() const {
    return native() == nullptr || has_chosen_cipher(side_->ssl);
}

SessionId Tunnel::session_id() const {
    return read_session_id(side_->ssl);
}

Facts Tunnel::facts() const {
    Facts facts = read_facts(side_->ssl);
    facts.alpn = side_->alpn;
    facts.credential = shown_credential();
    return facts;
}

}  // namespace tls

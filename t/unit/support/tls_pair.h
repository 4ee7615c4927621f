// libssl as the client of a Tunnel: a socket between them, and the test moves the bytes.
//
// Used by the tests of the server room. The client writes into memory, so that a test can hold its bytes
// back, cut them, break them or lose them; the Tunnel has a real socket.
#pragma once

#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hello/assembler.h"
#include "hello/client_hello.h"
#include "server/tunnel.h"
#include "support/cmocka.h"
#include "support/made_certificates.h"

namespace tls::test {

using UniqueSession = std::unique_ptr<SSL_SESSION, OpensslDeleter<SSL_SESSION, SSL_SESSION_free>>;
using Configure = std::function<void(SSL*)>;

inline std::shared_ptr<const Credential> credential_of(const Party& party) {
    auto credential = std::make_shared<Credential>();
    credential->certificate_source = "test.crt";
    credential->key_source = "test.key";
    credential->leaf = share(party.certificate.get());
    credential->key = share(party.key.get());
    return credential;
}

// One certificate for all contexts of a program that do not ask for another.
inline const Party& server_party() {
    static const Party party = make_leaf(make_ec_key());
    return party;
}

inline ContextTerms terms_of(const Policy& policy = {}) {
    ContextTerms terms;
    terms.policy = policy;
    terms.credentials.push_back(credential_of(server_party()));
    return terms;
}

inline std::unique_ptr<ServerContext> build(ContextTerms terms) {
    auto built = ServerContext::build(std::move(terms));
    if (!built.ok()) {
        print_error("%s\n", built.error().message.c_str());
    }
    assert_true(built.ok());
    return std::move(*built);
}

// Where nothing is said: TLS 1.3 alone, server name localhost, no certificate, no ALPN.
class Client {
  public:
    explicit Client(int version = TLS1_3_VERSION, const Configure& configure = nullptr)
        : ctx_(SSL_CTX_new(TLS_client_method())) {
        need(ctx_ != nullptr);
        SSL_CTX_set_min_proto_version(ctx_, version);
        SSL_CTX_set_max_proto_version(ctx_, version);
        SSL_CTX_set_session_cache_mode(ctx_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(ctx_, [](SSL* ssl, SSL_SESSION* session) {
            static_cast<Client*>(SSL_get_app_data(ssl))->sessions_.emplace_back(session);
            return 1;
        });
        ssl_ = SSL_new(ctx_);
        need(ssl_ != nullptr);
        SSL_set_app_data(ssl_, this);
        SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_tlsext_host_name(ssl_, "localhost");
        SSL_set_connect_state(ssl_);
        if (configure) {
            configure(ssl_);
        }
    }
    ~Client() {
        // Else libssl marks the session as one that must not be resumed, also for who has it by now.
        SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(ssl_);
        SSL_CTX_free(ctx_);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    SSL* ssl() const { return ssl_; }
    // What the server gave so far to resume by, oldest first.
    const std::vector<UniqueSession>& sessions() const { return sessions_; }

    // What libssl has written since.
    std::vector<uint8_t> take_output() const {
        char* data = nullptr;
        BIO* out = SSL_get_wbio(ssl_);
        const long size = BIO_get_mem_data(out, &data);
        std::vector<uint8_t> bytes(data, data + size);
        BIO_reset(out);
        return bytes;
    }
    void give(const uint8_t* data, size_t size) const {
        need(BIO_write(SSL_get_rbio(ssl_), data, static_cast<int>(size)) == static_cast<int>(size));
    }

  private:
    SSL_CTX* ctx_;
    SSL* ssl_;
    std::vector<UniqueSession> sessions_;
};

// A client, its socket to the server, and the Tunnel at the other end.
class Pair {
  public:
    explicit Pair(int version = TLS1_3_VERSION, const Configure& configure = nullptr)
        : client_(std::make_unique<Client>(version, configure)) {
        need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds_) == 0);
    }
    ~Pair() {
        tunnel_.reset();
        hang_up();
        ::close(fds_[1]);
    }
    Pair(const Pair&) = delete;
    Pair& operator=(const Pair&) = delete;

    Client& client() { return *client_; }
    Tunnel& tunnel() { return *tunnel_; }
    void drop_tunnel() { tunnel_.reset(); }
    int server_fd() const { return fds_[1]; }
    int client_fd() const { return fds_[0]; }

    // The client's end of the socket goes; bytes that it has not read make that a reset.
    void hang_up() {
        if (fds_[0] >= 0) {
            ::close(fds_[0]);
            fds_[0] = -1;
        }
    }

    // Lets the client go on with its handshake: true when it has ended well.
    bool client_goes_on() {
        const int result = SSL_do_handshake(client_->ssl());
        client_error_ = result == 1 ? SSL_ERROR_NONE : SSL_get_error(client_->ssl(), result);
        client_reason_ = ERR_GET_REASON(ERR_peek_error());
        ERR_clear_error();
        return result == 1;
    }
    // What the client's hello offered, once a Tunnel was opened for it.
    const OfferedTerms& offered() const { return offered_; }
    int client_error() const { return client_error_; }
    // libssl's reason for the last failure; SSL_AD_REASON_OFFSET + n when the server's alert n was it.
    int client_reason() const { return client_reason_; }

    void send(const std::vector<uint8_t>& bytes) const {
        need(::send(fds_[0], bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
    }
    // The secrets of Tunnels that are opened from now on go to their context's KeySink.
    void log_keys() { logs_keys_ = true; }
    // All that the client has written goes to the server.
    void deliver() { send(client_->take_output()); }
    // All that the server has sent, without the client seeing it.
    std::vector<uint8_t> take_answer() const {
        std::vector<uint8_t> bytes;
        uint8_t buffer[16384];
        ssize_t count;
        while ((count = recv(fds_[0], buffer, sizeof(buffer), 0)) > 0) {
            bytes.insert(bytes.end(), buffer, buffer + count);
        }
        return bytes;
    }
    // All that the server has sent goes to the client. The number of bytes.
    size_t collect() {
        const std::vector<uint8_t> bytes = take_answer();
        client_->give(bytes.data(), bytes.size());
        return bytes.size();
    }

    // A Tunnel for the client's first bytes, `hello`; all but the first `replayed` of them it finds in the
    // socket.
    void open(const ServerContext& context, const std::vector<uint8_t>& hello, size_t replayed = SIZE_MAX,
              const char* alpn = "") {
        Tunnel::Opening opening;
        opening.context = &context;
        opening.fd = fds_[1];
        opening.alpn = alpn;
        opening.logs_keys = logs_keys_;
        opening.takes_early_data = takes_early_data;
        opening.waits_for_signature = waits_for_signature;
        const auto cut = hello.begin() + static_cast<long>(std::min(replayed, hello.size()));
        opening.replay.assign(hello.begin(), cut);
        send(std::vector<uint8_t>(cut, hello.end()));
        HelloAssembler assembler(16384);
        assert_true(assembler.append(ByteView(hello.data(), hello.size())) ==
                    HelloAssembler::Status::Complete);
        const ParsedHello parsed = parse_client_hello(assembler.message());
        assert_true(parsed.ok);
        offered_ = OfferedTerms::of(parsed.hello);
        tunnel_ = Tunnel::open(std::move(opening));
        assert_non_null(tunnel_.get());
    }
    void open(const ServerContext& context) {
        client_goes_on();
        open(context, client_->take_output());
    }

    // Of the next Tunnel that is opened.
    bool takes_early_data = true;
    bool waits_for_signature = false;

    // One step of the server, and what it has said in it.
    Tunnel::Step server_goes_on() {
        const Tunnel::Step step = tunnel_->handshake();
        if (step == Tunnel::Step::Done) {
            tunnel_->flush();
        }
        return step;
    }

    // The whole handshake, from an opened Tunnel to its end on both sides; the server's last step.
    Tunnel::Step finish() {
        Tunnel::Step step = server_goes_on();
        bool client_done = false;
        for (int turn = 0; turn < 20; ++turn) {
            collect();
            client_done = client_done || client_goes_on();
            deliver();
            const bool waits = step != Tunnel::Step::Done && step != Tunnel::Step::Failed;
            if (!waits && (client_done || client_error_ != SSL_ERROR_WANT_READ)) {
                break;
            }
            if (waits) {
                step = server_goes_on();
            }
        }
        if (step == Tunnel::Step::Done && client_done) {
            take_sessions();
        }
        return step;
    }
    // Opens and finishes; both sides must end well.
    void connect(const ServerContext& context) {
        open(context);
        assert_int_equal(static_cast<int>(finish()), static_cast<int>(Tunnel::Step::Done));
        assert_int_equal(client_error_, SSL_ERROR_NONE);
    }
    // Lets the client read what is behind the handshake: TLS 1.3 sends its tickets there.
    void take_sessions() {
        collect();
        uint8_t none;
        SSL_peek(client_->ssl(), &none, 1);
        ERR_clear_error();
    }

  private:
    int fds_[2] = {-1, -1};
    std::unique_ptr<Client> client_;
    std::unique_ptr<Tunnel> tunnel_;
    OfferedTerms offered_;
    bool logs_keys_ = false;
    int client_error_ = SSL_ERROR_WANT_READ;
    int client_reason_ = 0;
};

inline void assert_step(Tunnel::Step got, Tunnel::Step wanted) {
    assert_int_equal(static_cast<int>(got), static_cast<int>(wanted));
}

inline void assert_status(Tunnel::Status got, Tunnel::Status wanted) {
    assert_int_equal(static_cast<int>(got), static_cast<int>(wanted));
}

inline ByteView bytes_view(const std::vector<uint8_t>& bytes) {
    return ByteView(bytes.data(), bytes.size());
}

// Sends a text through the client and the Tunnel; what the Tunnel reads.
inline std::string through_client(Pair* pair, const std::string& text) {
    assert_int_equal(SSL_write(pair->client().ssl(), text.data(), static_cast<int>(text.size())),
                     text.size());
    pair->deliver();
    std::string got;
    uint8_t buffer[16384];
    while (got.size() < text.size()) {
        const Tunnel::Transfer read = pair->tunnel().read(buffer, sizeof(buffer));
        assert_status(read.status, Tunnel::Status::Ok);
        got.append(reinterpret_cast<const char*>(buffer), read.size);
    }
    return got;
}

// The other way; what the client reads.
inline std::string through_tunnel(Pair* pair, const std::string& text) {
    const ByteView bytes = ByteView::of(text);
    const Tunnel::Transfer written = pair->tunnel().write(bytes.data(), bytes.size());
    assert_status(written.status, Tunnel::Status::Ok);
    pair->collect();
    std::string got(text.size(), '\0');
    const int count = SSL_read(pair->client().ssl(), got.data(), static_cast<int>(got.size()));
    got.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return got;
}

}  // namespace tls::test

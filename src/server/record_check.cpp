#include "server/record_check.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "certs/issuing.h"
#include "record/ipsec_mb.h"
#include "server/tunnel.h"

namespace tls {

namespace {

struct Case {
    int version;
    const char* suite;
};

constexpr Case kCases[] = {
    {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"},        {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"},
    {TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"},  {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"}, {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"},
};

void free_ssl(SSL* ssl) {
    SSL_free(ssl);
}
void free_context(SSL_CTX* ctx) {
    SSL_CTX_free(ctx);
}
using UniqueSsl = std::unique_ptr<SSL, OpensslDeleter<SSL, free_ssl>>;
using UniqueContext = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX, free_context>>;

std::unique_ptr<ServerContext> make_server_context(OSSL_LIB_CTX* library) {
    auto key = make_issuing_key();
    if (!key) {
        return nullptr;
    }
    const time_t now = time(nullptr);
    const auto authority = make_authority_certificate(key->get(), now);
    if (!authority) {
        return nullptr;
    }
    constexpr time_t kLife = 3600;
    auto certificate =
        make_leaf_certificate(key->get(), "localhost", false, now, kLife, authority->get(), key->get());
    if (!certificate) {
        return nullptr;
    }
    auto credential = std::make_shared<Credential>();
    credential->leaf = std::move(*certificate);
    credential->key = std::move(*key);
    ContextTerms terms;
    terms.library = library;
    terms.credentials.push_back(std::move(credential));
    terms.policy.ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
    terms.ipsec_mb = ipsec_mb().library.get();
    auto built = ServerContext::build(std::move(terms));
    return built ? std::move(*built) : nullptr;
}

// A client of libssl's own records at the other end of a pair of sockets.
class Trial {
  public:
    explicit Trial(const ServerContext& context) : context_(context) {}
    ~Trial() {
        tunnel_.reset();
        client_.reset();
        for (const int fd : fds_) {
            if (fd >= 0) {
                close(fd);
            }
        }
    }
    Trial(const Trial&) = delete;
    Trial& operator=(const Trial&) = delete;

    // The step that did not work; null when all did.
    const char* run(const Case& what) {
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds_) != 0 || !make_client(what)) {
            return "preparation";
        }
        if (!shake_hands()) {
            return "handshake";
        }
        if (!tunnel_->seals_records()) {
            return "handing over of keys";
        }
        if (!tunnel_->give_ssl_back()) {
            return "giving back of the connection";
        }
        if (!exchange() || !exchange()) {
            return "data";
        }
        if (what.version == TLS1_3_VERSION && !update_keys()) {
            return "KeyUpdate";
        }
        return say_goodbye() ? nullptr : "close_notify";
    }

  private:
    bool make_client(const Case& what) {
        UniqueContext ctx(SSL_CTX_new(TLS_client_method()));
        if (ctx == nullptr || SSL_CTX_set_min_proto_version(ctx.get(), what.version) != 1 ||
            SSL_CTX_set_max_proto_version(ctx.get(), what.version) != 1) {
            return false;
        }
        client_.reset(SSL_new(ctx.get()));
        const bool suite_set =
            client_ != nullptr &&
            (what.version == TLS1_3_VERSION ? SSL_set_ciphersuites(client_.get(), what.suite)
                                            : SSL_set_cipher_list(client_.get(), what.suite)) == 1;
        if (!suite_set || SSL_set_fd(client_.get(), fds_[0]) != 1) {
            return false;
        }
        SSL_clear_options(client_.get(), SSL_OP_ENABLE_KTLS);
        SSL_set_connect_state(client_.get());
        return true;
    }

    bool shake_hands() {
        bool client_done = SSL_do_handshake(client_.get()) == 1;
        if (!open_tunnel()) {
            return false;
        }
        Tunnel::Step step = Tunnel::Step::WantRead;
        for (int turn = 0; turn < 10 && !(client_done && step == Tunnel::Step::Done); ++turn) {
            if (step != Tunnel::Step::Done) {
                step = tunnel_->handshake();
                tunnel_->flush();
            }
            client_done = SSL_do_handshake(client_.get()) == 1;
        }
        return client_done && step == Tunnel::Step::Done;
    }

    bool open_tunnel() {
        uint8_t hello[4096];
        const ssize_t size = recv(fds_[1], hello, sizeof(hello), 0);
        if (size <= 0) {
            return false;
        }
        Tunnel::Opening opening;
        opening.context = &context_;
        opening.fd = fds_[1];
        opening.replay.assign(hello, hello + size);
        tunnel_ = Tunnel::open(std::move(opening));
        return tunnel_ != nullptr;
    }

    // Something in both directions.
    bool exchange() {
        uint8_t out[3000];
        uint8_t in[sizeof(out)];
        for (size_t i = 0; i < sizeof(out); ++i) {
            out[i] = static_cast<uint8_t>(i * 31 + ++rounds_);
        }
        size_t count = 0;
        if (SSL_write_ex(client_.get(), out, sizeof(out), &count) != 1 || !tunnel_reads(in, sizeof(in)) ||
            !std::equal(in, in + sizeof(in), out)) {
            return false;
        }
        const Tunnel::Transfer written = tunnel_->write(out, sizeof(out));
        return written.status == Tunnel::Status::Ok && written.size == sizeof(out) &&
               client_reads(in, sizeof(in)) && std::equal(in, in + sizeof(in), out);
    }

    bool tunnel_reads(uint8_t* to, size_t size) {
        size_t total = 0;
        while (total < size) {
            const Tunnel::Transfer read = tunnel_->read(to + total, size - total);
            if (read.status != Tunnel::Status::Ok) {
                return false;
            }
            total += read.size;
        }
        return true;
    }

    bool client_reads(uint8_t* to, size_t size) {
        size_t total = 0;
        size_t count = 0;
        while (total < size && SSL_read_ex(client_.get(), to + total, size - total, &count) == 1) {
            total += count;
        }
        return total == size;
    }

    // Ours are asked for as well, twice: the second follow from the first.
    bool update_keys() {
        for (int i = 0; i < 2; ++i) {
            if (SSL_key_update(client_.get(), SSL_KEY_UPDATE_REQUESTED) != 1 || !exchange() || !exchange()) {
                return false;
            }
        }
        return true;
    }

    bool say_goodbye() {
        uint8_t byte;
        tunnel_->close();
        if (SSL_read(client_.get(), &byte, 1) > 0 ||
            (SSL_get_shutdown(client_.get()) & SSL_RECEIVED_SHUTDOWN) == 0) {
            return false;
        }
        SSL_shutdown(client_.get());
        return tunnel_->read(&byte, 1).status == Tunnel::Status::Closed;
    }

    const ServerContext& context_;
    int fds_[2] = {-1, -1};
    UniqueSsl client_;
    std::unique_ptr<Tunnel> tunnel_;
    unsigned rounds_ = 0;
};

std::string check(OSSL_LIB_CTX* library) {
    const auto context = make_server_context(library);
    if (context == nullptr) {
        return "no context" + drain_openssl_errors();
    }
    for (const Case& what : kCases) {
        Trial trial(*context);
        const char* failed = trial.run(what);
        if (failed != nullptr) {
            return std::string(failed) + " with " + what.suite + drain_openssl_errors();
        }
    }
    return {};
}

}  // namespace

const std::string& check_own_records(OSSL_LIB_CTX* library) {
    static const std::string in_own = check(nullptr);
    ERR_clear_error();
    if (library == nullptr || !in_own.empty()) {
        return in_own;
    }
    static const std::string in_library = check(library);
    ERR_clear_error();
    return in_library;
}

}  // namespace tls

// A crowd of clients that come and go in every way: nothing sent, half a hello, garbage, broken off,
// complete, resumed, with early data, with a request, politely or by a reset. For t/leaks.t, which looks at
// what the server has left afterwards.
//
//     churn PORT CONNECTIONS [AT-ONCE]
//
// Prints what happened; exits with 1 when a client was not served as its kind must be.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

namespace {

enum class Kind {
    ConnectClose,
    ConnectReset,
    HalfHelloClose,
    HalfHelloReset,
    Garbage,
    Plain,
    Sslv2,
    HelloClose,
    HelloReset,
    FlightClose,
    RefusedName,
    Handshake13,
    Handshake12,
    HandshakeReset,
    Request13,
    Request12,
    RequestUnread,
    Resumed,
    EarlyData,
    Http2,
    Count
};

constexpr const char* kNames[] = {
    "connect, close", "connect, reset",    "half hello, close", "half hello, reset", "garbage",
    "plain HTTP",     "SSLv2 hello",       "hello, close",      "hello, reset",      "flight, close",
    "refused name",   "handshake 1.3",     "handshake 1.2",     "handshake, reset",  "request 1.3",
    "request 1.2",    "request, not read", "resumed",           "early data",        "HTTP/2"};

constexpr auto kKinds = static_cast<unsigned long>(Kind::Count);

// Whoever breaks off comes three times as often: that is cheap, and where leaks are.
Kind kind_of(unsigned long number) {
    constexpr auto kBrokenOff = static_cast<unsigned long>(Kind::Handshake13);
    const unsigned long place = number % (2 * kBrokenOff + kKinds);
    return static_cast<Kind>(place < 2 * kBrokenOff ? place % kBrokenOff : place - 2 * kBrokenOff);
}

constexpr char kRequest[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";

[[noreturn]] void die(const char* what) {
    std::perror(what);
    std::exit(2);
}

// What a ClientHello looks like, made once by libssl.
std::string make_hello(SSL_CTX* ctx) {
    SSL* ssl = SSL_new(ctx);
    BIO* out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
    SSL_set_tlsext_host_name(ssl, "localhost");
    SSL_connect(ssl);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string hello(data, static_cast<size_t>(size));
    SSL_free(ssl);
    return hello;
}

SSL_SESSION* last_session = nullptr;

int keep_session(SSL* ssl, SSL_SESSION* session) {
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &size);
    // Early data goes only to the protocol of before.
    if (SSL_SESSION_get_max_early_data(session) == 0 || size != 0) {
        return 0;
    }
    SSL_SESSION_free(last_session);
    // A copy: libssl spoils the session of a connection that ends without close_notify.
    last_session = SSL_SESSION_dup(session);
    return 0;
}

class Client {
  public:
    Client(Kind kind, int fd, SSL_CTX* ctx, const std::string& hello) : kind_(kind), fd_(fd), hello_(hello) {
        if (kind < Kind::FlightClose) {
            return;
        }
        ssl_ = SSL_new(ctx);
        SSL_set_fd(ssl_, fd);
        SSL_set_connect_state(ssl_);
        const char* name = kind == Kind::RefusedName ? "refused.test" : "localhost";
        SSL_set_tlsext_host_name(ssl_, name);
        if (kind == Kind::Handshake12 || kind == Kind::Request12) {
            SSL_set_max_proto_version(ssl_, TLS1_2_VERSION);
        }
        if (kind == Kind::Http2) {
            SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>("\2h2"), 3);
        }
        if ((kind == Kind::Resumed || kind == Kind::EarlyData) && last_session != nullptr) {
            SSL_SESSION* copy = SSL_SESSION_dup(last_session);
            SSL_set_session(ssl_, copy);
            SSL_SESSION_free(copy);
            offered_ = true;
        }
    }
    ~Client() {
        SSL_free(ssl_);
        const bool reset = kind_ == Kind::ConnectReset || kind_ == Kind::HalfHelloReset ||
                           kind_ == Kind::HelloReset || kind_ == Kind::HandshakeReset;
        if (reset) {
            const linger now{1, 0};
            setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        }
        close(fd_);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    int fd() const { return fd_; }
    Kind kind() const { return kind_; }
    bool good() const { return good_; }
    bool resumed() const { return resumed_; }
    bool early() const { return early_; }

    // True when this client is done. Called when the socket can be read or written.
    bool go_on() { return ssl_ == nullptr ? go_on_plain() : go_on_tls(); }

  private:
    bool go_on_plain() {
        static constexpr char kSslv2[] = "\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10\x00\x00\x16";
        switch (kind_) {
            case Kind::HalfHelloClose:
            case Kind::HalfHelloReset:
                say(hello_.data(), hello_.size() / 2);
                break;
            case Kind::HelloClose:
            case Kind::HelloReset:
                say(hello_.data(), hello_.size());
                break;
            case Kind::Garbage:
                return exchange("\1\2\3\4\5garbage\xff\xfe", 14, false);
            case Kind::Plain:
                return exchange(kRequest, sizeof(kRequest) - 1, true);
            case Kind::Sslv2:
                return exchange(kSslv2, sizeof(kSslv2) - 1, true);
            default:
                break;
        }
        good_ = true;
        return true;
    }

    void say(const char* data, size_t size) {
        if (send(fd_, data, size, MSG_NOSIGNAL) != static_cast<ssize_t>(size)) {
            die("send");
        }
    }

    // Says it once, then reads to the end.
    bool exchange(const char* data, size_t size, bool needs_answer) {
        if (!said_) {
            say(data, size);
            said_ = true;
        }
        char answer[4096];
        for (;;) {
            const ssize_t count = recv(fd_, answer, sizeof(answer), 0);
            if (count > 0) {
                answered_ = true;
                continue;
            }
            if (count < 0 && errno == EAGAIN) {
                return false;
            }
            good_ = answered_ || !needs_answer;
            return true;
        }
    }

    bool go_on_tls() {
        ERR_clear_error();
        if (kind_ == Kind::FlightClose && flights_ > 0) {
            return good_ = true;
        }
        if (!connected_) {
            const int result = kind_ == Kind::EarlyData && offered_ ? connect_early() : SSL_connect(ssl_);
            if (result != 1) {
                return stopped(result);
            }
            connected_ = true;
            resumed_ = SSL_session_reused(ssl_) == 1;
            early_ = SSL_get_early_data_status(ssl_) == SSL_EARLY_DATA_ACCEPTED;
            said_ = early_;
        }
        switch (kind_) {
            case Kind::Handshake13:
            case Kind::Handshake12:
                SSL_shutdown(ssl_);
                good_ = true;
                return true;
            case Kind::HandshakeReset:
                good_ = true;
                return true;
            case Kind::RequestUnread:
                good_ = SSL_write(ssl_, kRequest, sizeof(kRequest) - 1) > 0;
                return true;
            case Kind::Http2:
                return ask(kPreface, sizeof(kPreface) - 1);
            default:
                return ask(kRequest, sizeof(kRequest) - 1);
        }
    }

    int connect_early() {
        size_t written = 0;
        if (!said_ && SSL_write_early_data(ssl_, kRequest, sizeof(kRequest) - 1, &written) != 1) {
            return 0;
        }
        said_ = true;
        return SSL_connect(ssl_);
    }

    bool ask(const char* data, int size) {
        if (!said_) {
            if (SSL_write(ssl_, data, size) != size) {
                return true;
            }
            said_ = true;
        }
        char answer[4096];
        const int count = SSL_read(ssl_, answer, sizeof(answer));
        if (count <= 0) {
            return stopped(count);
        }
        good_ = kind_ == Kind::Http2 || std::strncmp(answer, "HTTP/1.1 200", 12) == 0;
        SSL_shutdown(ssl_);
        return true;
    }

    bool stopped(int result) {
        const int error = SSL_get_error(ssl_, result);
        if (error == SSL_ERROR_WANT_WRITE) {
            return false;
        }
        if (error == SSL_ERROR_WANT_READ) {
            ++flights_;
            return false;
        }
        const int reason = ERR_GET_REASON(ERR_peek_error());
        good_ = kind_ == Kind::RefusedName && reason == SSL_R_TLSV1_UNRECOGNIZED_NAME;
        return true;
    }

    Kind kind_;
    int fd_;
    const std::string& hello_;
    SSL* ssl_ = nullptr;
    bool offered_ = false;
    bool connected_ = false;
    bool said_ = false;
    bool answered_ = false;
    bool resumed_ = false;
    bool early_ = false;
    bool good_ = false;
    int flights_ = 0;
};

// From many addresses, or the ports would not last.
int connect_from(unsigned long number, int port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd == -1) {
        die("socket");
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(0x7f000002 + static_cast<uint32_t>(number % 250));
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        die("bind");
    }
    address.sin_addr.s_addr = htonl(0x7f000001);
    address.sin_port = htons(static_cast<uint16_t>(port));
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        die("connect");
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: churn PORT CONNECTIONS [AT-ONCE]\n", stderr);
        return 2;
    }
    const int port = std::atoi(argv[1]);
    const unsigned long total = std::strtoul(argv[2], nullptr, 10);
    const unsigned long at_once = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 50;
    std::signal(SIGPIPE, SIG_IGN);
    alarm(300);

    SSL_CTX* ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, keep_session);
    const std::string hello = make_hello(ctx);

    const int loop = epoll_create1(EPOLL_CLOEXEC);
    std::vector<unsigned long> bad(kKinds, 0);
    unsigned long started = 0;
    unsigned long running = 0;
    unsigned long good = 0;
    unsigned long resumed = 0;
    unsigned long early = 0;

    std::set<Client*> waiting;
    const auto finish = [&](Client* client) {
        waiting.erase(client);
        good += client->good() ? 1 : 0;
        resumed += client->resumed() ? 1 : 0;
        early += client->early() ? 1 : 0;
        bad[static_cast<unsigned long>(client->kind())] += client->good() ? 0 : 1;
        delete client;
        --running;
    };
    while (started < total || running > 0) {
        while (started < total && running < at_once) {
            const Kind kind = kind_of(started);
            auto* client = new Client(kind, connect_from(started, port), ctx, hello);
            ++started;
            ++running;
            waiting.insert(client);
            epoll_event event{};
            event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
            event.data.ptr = client;
            epoll_ctl(loop, EPOLL_CTL_ADD, client->fd(), &event);
            if (client->go_on()) {
                finish(client);
            }
        }
        epoll_event events[64];
        const int count = epoll_wait(loop, events, 64, running > 0 ? 5000 : 0);
        if (count == 0 && running > 0) {
            std::puts("the server is silent");
            for (const Client* client : waiting) {
                std::printf("waiting: %s\n", kNames[static_cast<unsigned long>(client->kind())]);
            }
            return 1;
        }
        for (int i = 0; i < count; ++i) {
            auto* client = static_cast<Client*>(events[i].data.ptr);
            if (client->go_on()) {
                finish(client);
            }
        }
    }
    for (unsigned long kind = 0; kind < kKinds; ++kind) {
        if (bad[kind] != 0) {
            std::printf("%s: %lu not served\n", kNames[kind], bad[kind]);
        }
    }
    // All but those that came before the first ticket.
    const unsigned long most = total / (3 * kKinds) * 9 / 10;
    std::printf("%lu connections, %s resumed, %s with early data\n", total,
                resumed >= 2 * most ? "many" : "few", early >= most ? "many" : "few");
    return good == total ? 0 : 1;
}

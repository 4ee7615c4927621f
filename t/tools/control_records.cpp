// A TLS 1.3 client that says more than data: new keys while the server cannot send, or floods of records that
// carry nothing.
//
// Used by t/control_records.t. One connection, no threads, ends after a minute at the latest.
//   control_records PORT PATH FILE EVERY ask|tell|stop
//       a download by HTTP/2, with a KeyUpdate after each EVERY bytes that asks for new keys of the server's,
//       or does not, or asks for them when the server's socket is full of a part of a record, since nobody
//       reads; then another request on the connection, for / . Prints what it counted, and ends badly when
//       that is not answered.
//   control_records PORT ask|tell|empty|warn
//       after one request: KeyUpdates that ask or do not, records without content, or warnings, until the
//       server refuses. Prints its alert.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

namespace {

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "%s failed\n", what);
    std::exit(1);
}

void must(bool good, const char* what) {
    if (!good) {
        fail(what);
    }
}

// Records of the client's that libssl would never send: its keys and counting, made from the key log. For
// TLS_AES_128_GCM_SHA256.
class Sealer {
  public:
    // RFC 8446 sections 7.1 and 7.3.
    explicit Sealer(const std::string& secret) {
        expand(secret, "key", key_.data(), key_.size());
        expand(secret, "iv", iv_.data(), iv_.size());
    }
    // RFC 8446 section 5.2.
    std::string seal(const std::string& content, uint8_t type) {
        const std::string inner = content + static_cast<char>(type);
        const size_t size = inner.size() + kTag;
        std::string record = {0x17, 3, 3, static_cast<char>(size >> 8), static_cast<char>(size)};
        std::array<uint8_t, 12> nonce = iv_;
        for (size_t i = 0; i < 8; ++i) {
            nonce[11 - i] ^= static_cast<uint8_t>(sequence_ >> (8 * i));
        }
        ++sequence_;
        EVP_CIPHER_CTX* ctx = EVP_CIPHER_CTX_new();
        int count = 0;
        std::string sealed(size, 0);
        auto* out = reinterpret_cast<uint8_t*>(&sealed[0]);
        must(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), nullptr, key_.data(), nonce.data()) == 1 &&
                 EVP_EncryptUpdate(ctx, nullptr, &count, bytes(record), 5) == 1 &&
                 EVP_EncryptUpdate(ctx, out, &count, bytes(inner), static_cast<int>(inner.size())) == 1 &&
                 EVP_EncryptFinal_ex(ctx, out + count, &count) == 1 &&
                 EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, kTag, out + inner.size()) == 1,
             "sealing");
        EVP_CIPHER_CTX_free(ctx);
        return record + sealed;
    }

  private:
    static constexpr int kTag = 16;
    static const uint8_t* bytes(const std::string& text) {
        return reinterpret_cast<const uint8_t*>(text.data());
    }
    static void expand(const std::string& secret, const char* name, uint8_t* out, size_t size) {
        const std::string label = std::string("tls13 ") + name;
        std::string info = {0, static_cast<char>(size), static_cast<char>(label.size())};
        info += label;
        info += '\0';
        EVP_PKEY_CTX* ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr);
        must(EVP_PKEY_derive_init(ctx) == 1 &&
                 EVP_PKEY_CTX_set_hkdf_mode(ctx, EVP_PKEY_HKDEF_MODE_EXPAND_ONLY) == 1 &&
                 EVP_PKEY_CTX_set_hkdf_md(ctx, EVP_sha256()) == 1 &&
                 EVP_PKEY_CTX_set1_hkdf_key(ctx, bytes(secret), static_cast<int>(secret.size())) == 1 &&
                 EVP_PKEY_CTX_add1_hkdf_info(ctx, bytes(info), static_cast<int>(info.size())) == 1 &&
                 EVP_PKEY_derive(ctx, out, &size) == 1,
             "HKDF");
        EVP_PKEY_CTX_free(ctx);
    }

    std::array<uint8_t, 16> key_{};
    std::array<uint8_t, 12> iv_{};
    uint64_t sequence_ = 0;
};

std::string client_secret;
int updates_received = 0;

void on_secret(const SSL*, const char* line) {
    const std::string text(line);
    if (text.rfind("CLIENT_TRAFFIC_SECRET_0 ", 0) == 0) {
        for (size_t at = text.rfind(' ') + 1; at + 1 < text.size(); at += 2) {
            client_secret += static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16));
        }
    }
}

void on_message(int sent, int, int type, const void* data, size_t size, SSL*, void*) {
    if (sent == 0 && type == SSL3_RT_HANDSHAKE && size > 0 &&
        *static_cast<const uint8_t*>(data) == SSL3_MT_KEY_UPDATE) {
        ++updates_received;
    }
}

// By HTTP/2 where there is a receive buffer of that size, or the kernel's (-1); by HTTP/1.1 without (0).
SSL* connect_to(int port, int receive_buffer) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer > 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "connect()");
    SSL_CTX* ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set_keylog_callback(ctx, on_secret);
    SSL_CTX_set_msg_callback(ctx, on_message);
    SSL* ssl = SSL_new(ctx);
    SSL_set_tlsext_host_name(ssl, "localhost");
    const uint8_t h2[] = {2, 'h', '2'};
    must(receive_buffer == 0 || SSL_set_alpn_protos(ssl, h2, sizeof(h2)) == 0, "ALPN");
    must(SSL_set_fd(ssl, fd) == 1 && SSL_connect(ssl) == 1, "SSL_connect()");
    return ssl;
}

bool update_keys(SSL* ssl, bool ask) {
    return SSL_key_update(ssl, ask ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) == 1 &&
           SSL_do_handshake(ssl) == 1;
}

int waiting(int fd) {
    int count = 0;
    ioctl(fd, FIONREAD, &count);
    return count;
}

// Until the server has filled what there is of buffers: nothing more comes for a while.
void wait_until_full(int fd) {
    for (int before = -1, now = waiting(fd); before != now; now = waiting(fd)) {
        before = now;
        poll(nullptr, 0, 50);
    }
}

void write_all(SSL* ssl, const std::string& bytes) {
    must(SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size())) > 0, "SSL_write()");
}

// RFC 9113 section 4.1.
std::string frame(uint8_t type, uint8_t flags, uint8_t stream, const std::string& payload) {
    const size_t size = payload.size();
    const std::string head = {0,
                              static_cast<char>(size >> 8),
                              static_cast<char>(size),
                              static_cast<char>(type),
                              static_cast<char>(flags),
                              0,
                              0,
                              0,
                              static_cast<char>(stream)};
    return head + payload;
}

// Windows that no file of the suite fills. RFC 9113 sections 3.4, 6.5, 6.9.
void begin_h2(SSL* ssl) {
    const std::string window = {0, 4, 0x7f, 0, 0, 0};
    const std::string more = {0x7f, 0, 0, 0};
    write_all(ssl, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, window) + frame(8, 0, 0, more));
}

// A GET. RFC 9113 section 6.2; RFC 7541.
void request_by_h2(SSL* ssl, uint8_t stream, const std::string& path) {
    std::string fields = {'\x82', '\x87', '\x04', static_cast<char>(path.size())};
    fields += path;
    fields += "\x41\x09localhost";
    write_all(ssl, frame(1, 5, stream, fields));
}

// The answer's body, taken out of the frames as they come.
class Body {
  public:
    explicit Body(const char* file) : out_(file, std::ios::binary) {}
    void on_bytes(const char* data, size_t size) {
        while (size > 0) {
            const size_t wanted = head_.size() < kHead ? kHead - head_.size() : left_;
            const size_t count = size < wanted ? size : wanted;
            if (head_.size() < kHead) {
                head_.append(data, count);
                left_ = head_.size() < kHead ? 0 : length();
            } else {
                if (type() == kData) {
                    out_.write(data, static_cast<std::streamsize>(count));
                    size_ += count;
                }
                left_ -= count;
            }
            if (head_.size() == kHead && left_ == 0) {
                ended_ = ended_ || (type() == kData && (head_[4] & 1) != 0);
                head_.clear();
            }
            data += count;
            size -= count;
        }
    }
    size_t size() const { return size_; }
    bool ended() const { return ended_; }

  private:
    static constexpr size_t kHead = 9;
    static constexpr uint8_t kData = 0;
    uint8_t byte(size_t at) const { return static_cast<uint8_t>(head_[at]); }
    uint8_t type() const { return byte(3); }
    size_t length() const { return size_t{byte(0)} << 16 | size_t{byte(1)} << 8 | byte(2); }

    std::ofstream out_;
    std::string head_;
    size_t left_ = 0;
    size_t size_ = 0;
    bool ended_ = false;
};

// New keys each EVERY bytes. nginx reads what a client says beside its requests while it answers only in
// HTTP/2.
void download(int port, const std::string& path, const char* file, size_t every, const std::string& how) {
    const bool stops = how == "stop";
    SSL* ssl = connect_to(port, stops ? 4096 : -1);
    begin_h2(ssl);
    request_by_h2(ssl, 1, path);
    Body body(file);
    int updates = 0;
    char buffer[16384];
    size_t count = 0;
    while (!body.ended() && SSL_read_ex(ssl, buffer, stops ? 1000 : sizeof(buffer), &count) == 1) {
        body.on_bytes(buffer, count);
        if (body.size() < (static_cast<size_t>(updates) + 1) * every) {
            continue;
        }
        ++updates;
        if (stops) {
            wait_until_full(SSL_get_fd(ssl));
        }
        // More than one before the server can answer: one answer is enough for them.
        for (int i = 0; i < (stops ? 3 : 1); ++i) {
            must(update_keys(ssl, how != "tell"), "SSL_key_update()");
        }
    }
    if (!body.ended()) {
        ERR_print_errors_fp(stderr);
        std::fprintf(stderr, "the answer broke off, errno %d\n", errno);
    }
    // Those that come while the socket is full share one (RFC 8446 section 4.6.3).
    const int enough = updates / (stops ? 2 : 4);
    const char* came = updates_received == 0        ? "none"
                       : updates_received >= enough ? "answered"
                                                    : "few answered";
    std::printf("%d updates, %s, %zu bytes\n", updates, came, body.size());
    Body other("/dev/null");
    request_by_h2(ssl, 3, "/");
    while (!other.ended()) {
        must(SSL_read_ex(ssl, buffer, sizeof(buffer), &count) == 1, "the other answer");
        other.on_bytes(buffer, count);
    }
    SSL_shutdown(ssl);
}

// What the server has to say by now: 0 for nothing, its alert, or -1 for an end without one.
int heard(SSL* ssl, int wait_ms) {
    pollfd event = {SSL_get_fd(ssl), POLLIN, 0};
    if (poll(&event, 1, wait_ms) == 0) {
        return 0;
    }
    char buffer[16384];
    for (;;) {
        ERR_clear_error();
        const int result = SSL_read(ssl, buffer, sizeof(buffer));
        const int error = SSL_get_error(ssl, result);
        if (result <= 0 && (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)) {
            return 0;
        }
        if (result <= 0) {
            const int reason = ERR_GET_REASON(ERR_peek_last_error());
            return error == SSL_ERROR_SSL && reason > SSL_AD_REASON_OFFSET ? reason - SSL_AD_REASON_OFFSET
                                                                           : -1;
        }
    }
}

// A batch of what the flood is made of; false when the connection does not take it.
bool send_batch(SSL* ssl, Sealer* sealer, const std::string& what, int count) {
    const std::string warning = {1, 90};
    for (int i = 0; i < count; ++i) {
        if (what == "ask" || what == "tell") {
            if (!update_keys(ssl, what == "ask")) {
                return false;
            }
            continue;
        }
        const std::string record = what == "empty" ? sealer->seal("", SSL3_RT_APPLICATION_DATA)
                                                   : sealer->seal(warning, SSL3_RT_ALERT);
        if (write(SSL_get_fd(ssl), record.data(), record.size()) != static_cast<ssize_t>(record.size())) {
            return false;
        }
    }
    return true;
}

// The alert that ended it; 0 when nothing did, -1 when none was heard, since a reset overtook it.
int flood(int port, const std::string& what, int wait_ms) {
    client_secret.clear();
    SSL* ssl = connect_to(port, 0);
    const int fd = SSL_get_fd(ssl);
    must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "fcntl()");
    Sealer sealer(client_secret);
    // By the sealer: its counting begins at the connection's first record. The answer brings the tickets
    // along.
    const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const std::string first = sealer.seal(request, SSL3_RT_APPLICATION_DATA);
    if (what == "ask" || what == "tell") {
        write_all(ssl, request);
    } else {
        must(write(fd, first.data(), first.size()) > 0, "write()");
    }
    must(heard(ssl, 10'000) == 0, "the answer");
    const auto cork = [fd](int on) { setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)); };
    constexpr int kBatch = 16;
    int alert = 0;
    for (int sent = 0; sent < 4096 && alert == 0; sent += kBatch) {
        // One segment, and then time for the server: what it has not read when it closes makes a reset.
        cork(1);
        const bool taken = send_batch(ssl, &sealer, what, kBatch);
        cork(0);
        alert = taken ? heard(ssl, wait_ms) : -1;
    }
    SSL_free(ssl);
    return alert;
}

}  // namespace

int main(int argc, char** argv) {
    alarm(60);
    signal(SIGPIPE, SIG_IGN);
    if (argc == 6) {
        download(std::atoi(argv[1]), argv[2], argv[3], std::strtoul(argv[4], nullptr, 10), argv[5]);
    } else if (argc == 3) {
        int alert = -1;
        for (int wait_ms = 30; wait_ms < 1000 && alert == -1; wait_ms *= 3) {
            alert = flood(std::atoi(argv[1]), argv[2], wait_ms);
        }
        std::printf("alert %d\n", alert);
    } else {
        fail("control_records PORT PATH FILE EVERY ask|tell|stop, or PORT ask|tell|empty|warn:");
    }
    return 0;
}

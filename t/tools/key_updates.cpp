// A TLS 1.3 client that changes its keys, or asks for new ones of the server's too, while it downloads or
// uploads.
//
// Used by t/records_own.t. Prints how many updates were made and how many bytes moved, and the body of a
// download to a file; but for "get" also whether the server changed its own keys: "answered", "few answered"
// or "not answered". Blocking, one connection.
//   key_updates PORT get PATH FILE EVERY ask|tell|turns
//   key_updates PORT put PATH FILE EVERY ask|tell|turns
//       after each EVERY bytes an update that asks, or does not, or both in turns.
//   key_updates PORT keep PATH FILE EVERY ask|tell|turns
//       two downloads, one after the other on a kept connection, both bodies to the file.
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

namespace {

size_t updates_received = 0;

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "%s failed\n", what);
    std::exit(1);
}

void on_message(int sent, int, int type, const void* data, size_t size, SSL*, void*) {
    if (sent == 0 && type == SSL3_RT_HANDSHAKE && size > 0 &&
        *static_cast<const uint8_t*>(data) == SSL3_MT_KEY_UPDATE) {
        ++updates_received;
    }
}

SSL* connect_to(int port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        fail("connect()");
    }
    SSL_CTX* ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
    SSL_CTX_set_msg_callback(ctx, on_message);
    SSL* ssl = SSL_new(ctx);
    SSL_set_tlsext_host_name(ssl, "localhost");
    if (SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1) {
        fail("SSL_connect()");
    }
    return ssl;
}

void send_all(SSL* ssl, const char* data, size_t size) {
    size_t count = 0;
    while (size > 0) {
        if (SSL_write_ex(ssl, data, size, &count) != 1) {
            fail("SSL_write()");
        }
        data += count;
        size -= count;
    }
}

// Updates after each so many bytes.
class Updater {
  public:
    Updater(SSL* ssl, size_t every, std::string how) : ssl_(ssl), every_(every), how_(std::move(how)) {}
    void on_bytes(size_t count) {
        bytes_ += count;
        if (bytes_ < (updates_ + 1) * every_) {
            return;
        }
        ++updates_;
        const bool asks = how_ == "ask" || (how_ == "turns" && updates_ % 2 == 0);
        asked_ += asks ? 1 : 0;
        if (SSL_key_update(ssl_, asks ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) != 1 ||
            SSL_do_handshake(ssl_) != 1) {
            fail("SSL_key_update()");
        }
    }
    size_t asked() const { return asked_; }
    void print() const { std::printf("%zu updates, %zu bytes\n", updates_, bytes_); }

  private:
    SSL* ssl_;
    size_t every_;
    std::string how_;
    size_t bytes_ = 0;
    size_t updates_ = 0;
    size_t asked_ = 0;
};

// Reads no further than the answer goes. The connection is kept: a server that ends it has sent all long
// before this has read it, and an update would then meet a closed socket.
void get(SSL* ssl, Updater* updater, const std::string& path, std::ofstream* out) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    send_all(ssl, request.data(), request.size());
    std::string head;
    char buffer[16384];
    size_t count = 0;
    while (head.size() < 4 || head.compare(head.size() - 4, 4, "\r\n\r\n") != 0) {
        if (SSL_read_ex(ssl, buffer, 1, &count) != 1) {
            fail("the answer's head");
        }
        head += buffer[0];
    }
    const std::string field = "Content-Length: ";
    const size_t at = head.find(field);
    size_t left = at == std::string::npos ? 0 : std::strtoul(&head[at + field.size()], nullptr, 10);
    while (left > 0) {
        if (SSL_read_ex(ssl, buffer, std::min(left, sizeof(buffer)), &count) != 1) {
            fail("the answer's body");
        }
        out->write(buffer, static_cast<std::streamsize>(count));
        left -= count;
        updater->on_bytes(count);
    }
}

void put(SSL* ssl, Updater* updater, const std::string& path, const char* file) {
    std::ifstream in(file, std::ios::binary);
    const std::string body((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const std::string head = "PUT " + path +
                             " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " +
                             std::to_string(body.size()) + "\r\n\r\n";
    send_all(ssl, head.data(), head.size());
    constexpr size_t kPiece = 10000;
    for (size_t at = 0; at < body.size(); at += kPiece) {
        const size_t count = std::min(kPiece, body.size() - at);
        send_all(ssl, body.data() + at, count);
        updater->on_bytes(count);
    }
    char answer[4096];
    size_t count = 0;
    if (SSL_read_ex(ssl, answer, sizeof(answer), &count) != 1 ||
        std::strncmp(answer, "HTTP/1.1 20", 11) != 0) {
        fail("PUT");
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 7) {
        fail("key_updates PORT get|put|keep PATH FILE EVERY ask|tell|turns:");
    }
    SSL* ssl = connect_to(std::atoi(argv[1]));
    Updater updater(ssl, std::strtoul(argv[5], nullptr, 10), argv[6]);
    const std::string what = argv[2];
    if (what == "put") {
        put(ssl, &updater, argv[3], argv[4]);
    } else {
        std::ofstream out(argv[4], std::ios::binary);
        if (what == "keep") {
            get(ssl, &updater, argv[3], &out);
        }
        get(ssl, &updater, argv[3], &out);
    }
    updater.print();
    if (what != "get") {
        // In an upload each is, but for those that are read together; while it sends, nginx reads none.
        const size_t enough = what == "put" ? updater.asked() / 2 : 1;
        std::puts(updates_received == 0       ? "not answered"
                  : updates_received < enough ? "few answered"
                                              : "answered");
    }
    SSL_shutdown(ssl);
    SSL_free(ssl);
    return 0;
}

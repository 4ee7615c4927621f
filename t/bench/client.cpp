#include "client.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace bench {
namespace {

constexpr size_t kMostHead = 16 * 1024;

// For all that is received: one thread, and nobody looks at it twice.
std::array<char, 128 * 1024> scratch;

std::string errno_kind(const char* where, int error) {
    if (error == ECONNRESET || error == EPIPE) {
        return std::string(where) + ": connection reset";
    }
    return std::string(where) + ": " + std::strerror(error);
}

// The last error in libssl's queue; an alert from the server says so itself.
std::string ssl_kind(const char* where) {
    const uint64_t error = ERR_peek_last_error();
    const char* reason = ERR_reason_error_string(error);
    return std::string(where) + ": " + (reason != nullptr ? reason : "error " + std::to_string(error));
}

// The server's alert is the last error in libssl's queue.
bool is_alert(int ssl_error) {
    return ssl_error == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_last_error()) >= SSL_AD_REASON_OFFSET;
}

}  // namespace

uint64_t now_us() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

void Client::start(int epoll, size_t name, bool resume, bool keep) {
    release();
    name_ = name;
    handshake_us_ = 0;
    was_resumed_ = false;
    was_refused_ = false;
    failure_.clear();
    requests_done_ = 0;
    body_bytes_ = 0;
    request_us_.clear();
    started_us_ = now_us();
    state_ = State::Connecting;

    const LoadOptions& options = setup_->options();
    descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ == -1) {
        return fail(errno_kind("socket", errno));
    }
    const int on = 1;
    setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    const linger reset = {1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
    if (!options.clear) {
        ssl_ = setup_->make_ssl(name, resume, keep);
        if (!ssl_ || SSL_set_fd(ssl_.get(), descriptor_) != 1) {
            return fail(ssl_kind("SSL_new"));
        }
    }
    const auto* address = reinterpret_cast<const sockaddr*>(&options.address);
    if (connect(descriptor_, address, sizeof(options.address)) == -1 && errno != EINPROGRESS) {
        return fail(errno_kind("connect", errno));
    }
    // Not before: a socket that nobody connected reports a hangup.
    epoll_event event = {};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = this;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor_, &event) == -1) {
        return fail(errno_kind("epoll_ctl", errno));
    }
}

void Client::release() {
    if (ssl_) {
        // Else libssl takes the session for a bad one, because the connection was not closed politely.
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        ssl_.reset();
    }
    if (descriptor_ != -1) {
        close(descriptor_);
        descriptor_ = -1;
    }
    state_ = State::Idle;
}

void Client::fail(std::string kind) {
    failure_ = std::move(kind);
    state_ = State::Failed;
}

void Client::on_event() {
    for (;;) {
        bool more = false;
        ERR_clear_error();
        switch (state_) {
            case State::Connecting:
                more = do_connect();
                break;
            case State::Handshaking:
                more = do_handshake();
                break;
            case State::Sending:
                more = do_send();
                break;
            case State::Receiving:
                more = do_receive();
                break;
            case State::Closing:
                more = do_close();
                break;
            case State::Idle:
            case State::Done:
            case State::Failed:
                break;
        }
        if (!more) {
            return;
        }
    }
}

bool Client::do_connect() {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        fail(errno_kind("connect", error));
        return false;
    }
    if (setup_->options().clear) {
        return connect_clear();
    }
    state_ = State::Handshaking;
    return true;
}

// There is no handshake to wait for: a socket that does not stand yet says so.
bool Client::connect_clear() {
    pollfd waiting = {descriptor_, POLLOUT, 0};
    if (poll(&waiting, 1, 0) != 1) {
        return false;
    }
    handshake_us_ = std::max<uint64_t>(now_us() - started_us_, 1);
    next_request();
    return true;
}

int Client::receive(char* data, size_t size) {
    return ssl_ ? SSL_read(ssl_.get(), data, static_cast<int>(size))
                : static_cast<int>(recv(descriptor_, data, size, 0));
}

int Client::send_some(const char* data, size_t size) {
    return ssl_ ? SSL_write(ssl_.get(), data, static_cast<int>(size))
                : static_cast<int>(send(descriptor_, data, size, MSG_NOSIGNAL));
}

bool Client::do_handshake() {
    const int result = SSL_do_handshake(ssl_.get());
    if (result != 1) {
        if (setup_->options().refused && is_alert(SSL_get_error(ssl_.get(), result))) {
            was_refused_ = true;
            state_ = State::Done;
            return false;
        }
        // Also before the connection stands: then it waits to write.
        return check_wait(result, "handshake");
    }
    if (setup_->options().refused) {
        fail("handshake: not refused");
        return false;
    }
    handshake_us_ = std::max<uint64_t>(now_us() - started_us_, 1);
    was_resumed_ = SSL_session_reused(ssl_.get()) == 1;
    if (setup_->options().check_name && !is_for_name()) {
        fail("certificate of another name");
        return false;
    }
    if (setup_->options().request_path.empty()) {
        end();
    } else {
        next_request();
    }
    return true;
}

void Client::end() {
    state_ = setup_->options().end == End::Close && ssl_ ? State::Closing : State::Done;
}

bool Client::stands() const {
    char byte = 0;
    const ssize_t got = recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return state_ == State::Done && (got > 0 || (got == -1 && (errno == EAGAIN || errno == EWOULDBLOCK)));
}

bool Client::is_for_name() const {
    const tls::UniqueX509 certificate(SSL_get1_peer_certificate(ssl_.get()));
    // A resumed handshake shows the certificate of its first one.
    const std::string& name = setup_->name(name_);
    return certificate && X509_check_host(certificate.get(), name.data(), name.size(), 0, nullptr) == 1;
}

void Client::next_request() {
    const std::string& name = setup_->name(name_);
    output_ = "GET " + setup_->options().request_path +
              " HTTP/1.1\r\nHost: " + (name.empty() ? "localhost" : name) + "\r\n\r\n";
    sent_ = 0;
    head_.clear();
    in_body_ = false;
    request_started_us_ = now_us();
    state_ = State::Sending;
}

bool Client::do_send() {
    while (sent_ < output_.size()) {
        const int result = send_some(output_.data() + sent_, output_.size() - sent_);
        if (result <= 0) {
            return check_wait(result, "request");
        }
        sent_ += static_cast<size_t>(result);
    }
    state_ = State::Receiving;
    return true;
}

bool Client::do_receive() {
    for (;;) {
        const int result = receive(scratch.data(), scratch.size());
        if (result <= 0) {
            return check_wait(result, "answer");
        }
        auto got = static_cast<uint64_t>(result);
        if (!in_body_) {
            head_.append(scratch.data(), got);
            if (!parse_head()) {
                if (state_ == State::Failed) {
                    return false;
                }
                continue;
            }
            got = head_.size();
        }
        if (got > body_left_) {
            fail("answer: longer than its Content-Length");
            return false;
        }
        body_bytes_ += got;
        body_left_ -= got;
        if (body_left_ == 0) {
            break;
        }
    }
    ++requests_done_;
    const uint64_t now = now_us();
    request_us_.push_back(static_cast<uint32_t>(std::min<uint64_t>(now - request_started_us_, UINT32_MAX)));
    if (requests_done_ < setup_->options().requests && now < setup_->until_us()) {
        next_request();
    } else {
        end();
    }
    return true;
}

bool Client::parse_head() {
    const size_t end = head_.find("\r\n\r\n");
    if (end == std::string::npos) {
        if (head_.size() > kMostHead) {
            fail("answer: no end of its head");
        }
        return false;
    }
    if (head_.size() < 12 || head_.compare(0, 9, "HTTP/1.1 ") != 0 || head_[9] != '2') {
        fail("answer: " + head_.substr(0, head_.find('\r')));
        return false;
    }
    static constexpr char kLength[] = "\r\ncontent-length:";
    constexpr size_t size = sizeof(kLength) - 1;
    for (size_t at = head_.find("\r\n"); at < end; at = head_.find("\r\n", at + 2)) {
        if (strncasecmp(head_.c_str() + at, kLength, size) == 0) {
            body_left_ = std::strtoull(head_.c_str() + at + size, nullptr, 10);
            in_body_ = true;
            head_.erase(0, end + 4);
            return true;
        }
    }
    fail("answer: no Content-Length");
    return false;
}

bool Client::do_close() {
    if ((SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) == 0) {
        const int result = SSL_shutdown(ssl_.get());
        if (result < 0) {
            return check_wait(result, "close");
        }
        // Some servers wait for the end of the connection itself.
        shutdown(descriptor_, SHUT_WR);
    }
    // Tickets come here too. An end without close_notify is the server's own affair.
    for (;;) {
        const int result = SSL_read(ssl_.get(), scratch.data(), scratch.size());
        if (result > 0) {
            continue;
        }
        const int error = SSL_get_error(ssl_.get(), result);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
            return false;
        }
        if (error == SSL_ERROR_ZERO_RETURN ||
            (error == SSL_ERROR_SSL &&
             ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
            state_ = State::Done;
            return false;
        }
        return check_wait(result, "close");
    }
}

bool Client::check_wait(int result, const char* where) {
    const int saved_errno = errno;
    if (!ssl_) {
        if (result == 0 || (saved_errno != EAGAIN && saved_errno != EWOULDBLOCK)) {
            fail(result == 0 ? std::string(where) + ": closed by the server"
                             : errno_kind(where, saved_errno));
        }
        return false;
    }
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return false;
        case SSL_ERROR_ZERO_RETURN:
            fail(std::string(where) + ": closed by the server");
            return false;
        case SSL_ERROR_SYSCALL:
            fail(saved_errno == 0 ? std::string(where) + ": unexpected end" : errno_kind(where, saved_errno));
            return false;
        default:
            fail(ssl_kind(where));
            return false;
    }
}

}  // namespace bench

// The phases before a decision: PROXY protocol header, sniff, ClientHello. Every byte is read here, once, and
// kept until it is known whose it is.
#include <algorithm>
#include <array>

#include "base/guard.h"
#include "conf.h"
#include "connection.h"
#include "hello/proxy_frame.h"
#include "hello/sniff.h"

namespace tls {

namespace {

// What a worker reads at a time: a usual hello, and early data behind it. One for all: nothing stays in it.
using Scratch = std::array<u_char, 16 * 1024>;

Scratch& scratch() {
    static Scratch bytes;
    return bytes;
}

// After a refusal, what the client still sends is read and forgotten, or the kernel would answer it with a
// reset that takes the alert away. Bounded: this much, and no waiting.
constexpr int kDrainedReads = 16;

void drain(ngx_connection_t* c) {
    for (int i = 0; i < kDrainedReads && c->recv(c, scratch().data(), scratch().size()) > 0; ++i) {
    }
}

// nginx's `recv` on a connection that is not TLS: the bytes that were read for it first, then the socket.
ssize_t on_plain_receive(ngx_connection_t* c, u_char* buffer, size_t size) {
    Connection* connection = Connection::in_pool_of(c);
    const size_t count = connection->take_plain_bytes(buffer, size);
    if (!connection->has_plain_bytes()) {
        c->recv = ngx_recv;
    }
    return static_cast<ssize_t>(count);
}

}  // namespace

void Connection::on_first_bytes(ngx_event_t* event) {
    auto* c = static_cast<ngx_connection_t*>(event->data);
    auto* connection = static_cast<Connection*>(c->data);
    guarded([&] {
        if (!connection->ended_early(event)) {
            connection->read_first_bytes();
        }
    });
}

// True when the time was up, or the worker needs the connection for another client; it is closed then.
bool Connection::ended_early(ngx_event_t* event) {
    if (event->timedout) {
        ngx_log_error(NGX_LOG_INFO, c_->log, NGX_ETIMEDOUT, "client timed out (%s)",
                      reason_name(Reason::HandshakeTimeout));
        c_->timedout = 1;
        close();
        return true;
    }
    if (c_->close) {
        close();
        return true;
    }
    return false;
}

void Connection::read_first_bytes() {
    for (;;) {
        const ssize_t count = c_->recv(c_, scratch().data(), scratch().size());
        if (count == NGX_AGAIN) {
            wait_for(c_->read);
            return;
        }
        if (count == NGX_ERROR || count == 0) {
            if (count == 0) {
                ngx_log_error(NGX_LOG_INFO, c_->log, 0, "client closed connection (%s)",
                              reason_name(Reason::PeerClosed));
            }
            close();
            return;
        }
        ngx_reusable_connection(c_, 0);
        if (!take(ByteView(scratch().data(), static_cast<size_t>(count)))) {
            return;
        }
        if (!c_->read->ready) {
            wait_for(c_->read);
            return;
        }
    }
}

// False when the connection has moved on to another phase's reading, or is closed.
bool Connection::take(ByteView bytes) {
    switch (phase_) {
        case Phase::ProxyHeader:
            return take_proxy_header(bytes);
        case Phase::FirstBytes:
            return take_first_bytes(bytes);
        default:
            return take_hello(bytes);
    }
}

// All undecided bytes in one piece. Copies only when there were some before.
ByteView Connection::gather(ByteView bytes) {
    if (inbox_.empty()) {
        return bytes;
    }
    inbox_.insert(inbox_.end(), bytes.begin(), bytes.end());
    return ByteView(inbox_.data(), inbox_.size());
}

bool Connection::take_proxy_header(ByteView bytes) {
    const ByteView all = gather(bytes);
    const ProxyFrame frame = frame_proxy_header(all);
    if (frame.status == ProxyFrame::Status::NeedMore) {
        if (inbox_.empty()) {
            inbox_.assign(all.begin(), all.end());
        }
        return true;
    }
    auto* start = const_cast<u_char*>(all.data());
    if (frame.status == ProxyFrame::Status::Malformed ||
        ngx_proxy_protocol_read(c_, start, start + frame.size) != start + frame.size) {
        ngx_log_error(NGX_LOG_INFO, c_->log, 0, "client sent a broken PROXY protocol header (%s)",
                      reason_name(Reason::ProxyMalformed));
        close();
        return false;
    }
    http_->proxy_protocol = 0;
    c_->log->action = const_cast<char*>("SSL handshaking");
    phase_ = Phase::FirstBytes;
    const ByteView rest = all.from(frame.size);
    const std::vector<uint8_t> kept(rest.begin(), rest.end());
    inbox_.clear();
    return kept.empty() || take_first_bytes(ByteView(kept.data(), kept.size()));
}

bool Connection::take_first_bytes(ByteView bytes) {
    const ByteView all = gather(bytes);
    switch (sniff(all)) {
        case Sniffed::NeedMore:
            if (inbox_.empty()) {
                inbox_.assign(all.begin(), all.end());
            }
            return true;
        case Sniffed::ClientHello:
            phase_ = Phase::Hello;
            assembler_.emplace(server_->hello_max_size);
            return take_hello(all);
        case Sniffed::Http:
            become_plain(all);
            return false;
        case Sniffed::UnexpectedTls:
            refuse(
                {Alert::UnexpectedMessage, Reason::HelloMalformed, "the first record is not of a handshake"});
            return false;
        case Sniffed::WrongVersion:
            refuse({Alert::ProtocolVersion, Reason::NoSharedVersion, "the first record has a wrong version"});
            return false;
        case Sniffed::Sslv2Hello:
            refuse({Alert::ProtocolVersion, Reason::NoSharedVersion, "the client sent an SSLv2 hello"});
            return false;
        case Sniffed::Other:
            ngx_log_error(NGX_LOG_INFO, c_->log, 0, "client sent neither TLS nor HTTP (%s)",
                          reason_name(Reason::NotTls));
            close();
            return false;
    }
    return false;
}

bool Connection::take_hello(ByteView bytes) {
    const HelloAssembler::Status status = assembler_->append(bytes);
    alert_version_ = std::min<uint16_t>(assembler_->record_version(), 0x0303);
    switch (status) {
        case HelloAssembler::Status::NeedMore:
            inbox_.clear();
            return true;
        case HelloAssembler::Status::Refused:
            refuse(assembler_->refusal());
            return false;
        case HelloAssembler::Status::Complete:
            inbox_.clear();
            start(assembler_->message());
            return false;
    }
    return false;
}

void Connection::wait_for(ngx_event_t* event) {
    const ngx_int_t armed = event->write ? ngx_handle_write_event(event, 0) : ngx_handle_read_event(event, 0);
    if (armed != NGX_OK) {
        close();
    }
}

// The bytes go to nginx's own HTTP, which answers as it does on any address; see request.cpp for what it
// answers.
void Connection::become_plain(ByteView bytes) {
    phase_ = Phase::Plain;
    if (inbox_.empty()) {
        inbox_.assign(bytes.begin(), bytes.end());
    }
    const auto* core = static_cast<ngx_http_core_srv_conf_t*>(
        ngx_http_get_module_srv_conf(http_->conf_ctx, ngx_http_core_module));
    // As on an address of nginx's own ssl: the request is answered with 497, and HTTP/2 is not looked for.
    http_->ssl = 1;
    c_->data = http_;
    c_->log->action = const_cast<char*>("waiting for request");
    c_->read->handler = http_handler_;
    ngx_add_timer(c_->read, core->client_header_timeout);
    c_->recv = on_plain_receive;
    c_->read->ready = 1;
    http_handler_(c_->read);
}

// One alert, one line, and the end. No TLS object was made.
void Connection::refuse(const Refusal& refusal) {
    const auto number = static_cast<uint8_t>(refusal.alert);
    auto record = encode_fatal_alert(refusal.alert, alert_version_);
    ngx_log_error(NGX_LOG_INFO, c_->log, 0, "client refused: %s (%s), alert %s sent, server name \"%*s\"",
                  refusal.text, reason_name(refusal.reason), alert_name(number), name_.size(), name_.data());
    c_->send(c_, record.data(), record.size());
    drain(c_);
    close();
}

}  // namespace tls

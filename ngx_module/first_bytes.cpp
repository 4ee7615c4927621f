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

// False when the client has ended its side, or goes on and on.
bool drain(ngx_connection_t* c) {
    for (int i = 0; i < kDrainedReads; ++i) {
        const ssize_t count = c->recv(c, scratch().data(), scratch().size());
        if (count <= 0) {
            return count == NGX_AGAIN;
        }
    }
    return false;
}

// How long the rest of a hello that is too large may be under way.
constexpr ngx_msec_t kLingeringTime = 1000;  // milliseconds

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
    if (event->timedout && beginning_->may_be_silent) {
        event->timedout = 0;
        become_other(ByteView());
        return true;
    }
    if (event->timedout) {
        log_ending(NGX_ETIMEDOUT, "client timed out", Reason::HandshakeTimeout);
        conclude({Reason::HandshakeTimeout, EndedBy::Server});
        c_->timedout = 1;
        close();
        return true;
    }
    if (c_->close) {
        // Set by the core for the sake of a new client, and when the worker ends.
        const Reason reason = ngx_exiting ? Reason::ShuttingDown : Reason::Limited;
        log_ending(0, reason_words(reason), reason);
        end({reason, EndedBy::Server});
        return true;
    }
    return false;
}

void Connection::wait_for_bytes() {
    c_->read->ready = 0;
    wait_for(c_->read);
}

bool Connection::read_first_bytes() {
    bool found = false;
    for (;;) {
        // A reset is told below, with the reason.
        c_->log_error = NGX_ERROR_IGNORE_ECONNRESET;
        const ssize_t count = c_->recv(c_, scratch().data(), scratch().size());
        c_->log_error = NGX_ERROR_INFO;
        if (count == NGX_AGAIN) {
            wait_for(c_->read);
            return found;
        }
        found = true;
        if (count == NGX_ERROR || count == 0) {
            beginning_->report.system_error = count == 0 ? 0 : ngx_socket_errno;
            log_ending(beginning_->report.system_error, "client closed connection", Reason::PeerClosed);
            end({Reason::PeerClosed, EndedBy::Client});
            return found;
        }
        beginning_->particulars.bytes_received += static_cast<uint64_t>(count);
        if (beginning_->may_be_silent) {
            arm_deadline();
        }
        ngx_reusable_connection(c_, 0);
        if (!take(ByteView(scratch().data(), static_cast<size_t>(count)))) {
            return found;
        }
        if (!c_->read->ready) {
            wait_for(c_->read);
            return found;
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
    if (beginning_->inbox.empty()) {
        return bytes;
    }
    const size_t before = beginning_->inbox.size();
    beginning_->inbox.resize(before + bytes.size());
    std::copy(bytes.begin(), bytes.end(), beginning_->inbox.data() + before);
    return ByteView(beginning_->inbox.data(), beginning_->inbox.size());
}

// The same bytes for the next time, when they come.
void Connection::keep(ByteView all) {
    if (beginning_->inbox.empty()) {
        beginning_->inbox.assign(all.begin(), all.end());
    }
}

bool Connection::take_proxy_header(ByteView bytes) {
    const ByteView all = gather(bytes);
    const ProxyFrame frame = frame_proxy_header(all);
    if (frame.status == ProxyFrame::Status::NeedMore) {
        keep(all);
        return true;
    }
    auto* start = const_cast<u_char*>(all.data());
    if (frame.status == ProxyFrame::Status::Malformed ||
        ngx_proxy_protocol_read(c_, start, start + frame.size) != start + frame.size) {
        log_ending(0, "client sent a broken PROXY protocol header", Reason::ProxyMalformed);
        end({Reason::ProxyMalformed, EndedBy::Server});
        return false;
    }
    beginning_->http->proxy_protocol = 0;
    c_->log->action = const_cast<char*>("SSL handshaking");
    phase_ = Phase::FirstBytes;
    const ByteView rest = all.from(frame.size);
    const std::vector<uint8_t> kept(rest.begin(), rest.end());
    beginning_->inbox.clear();
    if (kept.empty()) {
        arm_silence();
    }
    return kept.empty() || take_first_bytes(ByteView(kept.data(), kept.size()));
}

bool Connection::take_first_bytes(ByteView bytes) {
    const ByteView all = gather(bytes);
    if (upgraded_ && !may_begin_hello(all)) {
        refuse_injection();
        return false;
    }
    Sniffed sniffed = sniff(all);
    // Without anywhere else to go nginx judges the line, as on any port.
    if (sniffed == Sniffed::Http && server_->other != nullptr) {
        sniffed = sniff_request_line(all);
    }
    switch (sniffed) {
        case Sniffed::NeedMore:
            keep(all);
            return true;
        case Sniffed::ClientHello:
            phase_ = Phase::Hello;
            beginning_->assembler = std::make_unique<HelloAssembler>(server_->hello_max_size);
            return take_hello(all);
        case Sniffed::Http:
            return take_http(all);
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
            become_other(all);
            return false;
    }
    return false;
}

bool Connection::take_hello(ByteView bytes) {
    const HelloAssembler::Status status = beginning_->assembler->append(bytes);
    beginning_->alert_version = std::min<uint16_t>(beginning_->assembler->record_version(), 0x0303);
    switch (status) {
        case HelloAssembler::Status::NeedMore:
            beginning_->inbox.clear();
            return true;
        case HelloAssembler::Status::Refused:
            refuse(beginning_->assembler->refusal());
            return false;
        case HelloAssembler::Status::Complete:
            beginning_->inbox.clear();
            start(beginning_->assembler->message());
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

// One alert, one line, and the end. No TLS object was made.
void Connection::refuse(const Refusal& refusal) {
    const auto number = static_cast<uint8_t>(refusal.alert);
    auto record = encode_fatal_alert(refusal.alert, beginning_->alert_version);
    ngx_log_error(NGX_LOG_INFO, c_->log, 0, "client refused: %s (%s), alert %s sent, server name \"%s\"",
                  refusal.text, reason_name(refusal.reason), alert_name(number), shown_name().c_str());
    const ssize_t sent = c_->send(c_, record.data(), record.size());
    if (sent > 0) {
        beginning_->report.alert_sent = number;
        beginning_->particulars.bytes_sent += static_cast<uint64_t>(sent);
    }
    conclude({refusal.reason, EndedBy::Server, refusal.text});
    if (!drain(c_) || refusal.reason != Reason::HelloTooLarge) {
        close();
        return;
    }
    linger();
}

// The client is in the middle of sending: a close now would be answered with a reset.
void Connection::linger() {
    ngx_shutdown_socket(c_->fd, NGX_WRITE_SHUTDOWN);
    c_->read->handler = on_lingering;
    ngx_add_timer(c_->read, kLingeringTime);
    ngx_reusable_connection(c_, 1);
    wait_for_bytes();
}

void Connection::on_lingering(ngx_event_t* event) {
    auto* c = static_cast<ngx_connection_t*>(event->data);
    auto* connection = static_cast<Connection*>(c->data);
    guarded([&] {
        if (event->timedout || c->close || !drain(c)) {
            connection->close();
        } else {
            connection->wait_for_bytes();
        }
    });
}

}  // namespace tls

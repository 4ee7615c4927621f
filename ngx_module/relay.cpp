#include "relay.h"

#include <algorithm>

#include "base/guard.h"
#include "connection.h"
#include "plain_conf.h"

namespace tls {

namespace {

constexpr size_t kBufferSize = 16 * 1024;

// After so many reads and writes others have their turn.
constexpr int kMovesInTurn = 64;

// PROXY protocol version 1 (section 2.1), with the addresses that came in such a header where one came, since
// those are the client's own. False when memory ran out.
bool make_proxy_header(ngx_connection_t* c, std::string* header) {
    const ngx_proxy_protocol_t* passed = c->proxy_protocol;
    if (passed != nullptr && passed->src_addr.len != 0) {
        const std::string source = text_of(passed->src_addr);
        const std::string target = text_of(passed->dst_addr);
        const bool v6 = source.find(':') != std::string::npos;
        if (target.empty() || v6 != (target.find(':') != std::string::npos)) {
            *header = "PROXY UNKNOWN\r\n";
            return true;
        }
        *header = std::string("PROXY TCP") + (v6 ? "6 " : "4 ") + source + " " + target + " " +
                  std::to_string(passed->src_port) + " " + std::to_string(passed->dst_port) + "\r\n";
        return true;
    }
    u_char text[NGX_PROXY_PROTOCOL_MAX_HEADER];
    const u_char* last = ngx_proxy_protocol_write(c, text, text + sizeof(text));
    if (last == nullptr) {
        return false;
    }
    header->assign(reinterpret_cast<const char*>(text), static_cast<size_t>(last - text));
    return true;
}

void delete_timer(ngx_event_t* event) {
    if (event->timer_set) {
        ngx_del_timer(event);
    }
}

}  // namespace

Relay::Relay(Connection* owner, ngx_connection_t* client, const OtherServer& to, std::vector<uint8_t> first,
             const RelayLimits& limits)
    : owner_(owner), client_(client), to_(to), limits_(limits) {
    ngx_memzero(&next_, sizeof(next_));
    next_.handler = on_event;
    next_.data = client;
    next_.log = client->log;
    up_.from = client;
    up_.received = first.size();
    up_.end = first.size();
    up_.buffer = std::move(first);
    down_.to = client;
}

Relay::~Relay() {
    delete_timer(&next_);
    drop_server();
}

void Relay::drop_server() {
    if (server_ != nullptr) {
        ngx_close_connection(server_);
        server_ = nullptr;
    }
}

void Relay::start() {
    client_->data = this;
    client_->read->handler = on_event;
    client_->write->handler = on_event;
    delete_timer(client_->read);
    client_->log->action = const_cast<char*>("connecting to tls_other");
    if (to_.proxy_protocol && !put_proxy_header()) {
        finish("no PROXY protocol header could be made");
        return;
    }
    up_.buffer.resize(std::max(up_.buffer.size(), kBufferSize));
    down_.buffer.resize(kBufferSize);
    connect();
}

bool Relay::put_proxy_header() {
    std::string header;
    if (!make_proxy_header(client_, &header)) {
        return false;
    }
    up_.buffer.insert(up_.buffer.begin(), header.begin(), header.end());
    up_.end += header.size();
    return true;
}

// Each worker begins with the next address, and goes on to the others when one cannot be reached.
void Relay::connect() {
    static size_t turn = 0;
    const size_t count = to_.addresses.size();
    if (tried_ == 0) {
        ++turn;
    }
    while (tried_ < count) {
        const ngx_addr_t& address = to_.addresses[(turn + tried_) % count];
        ++tried_;
        ngx_peer_connection_t peer;
        ngx_memzero(&peer, sizeof(peer));
        peer.sockaddr = address.sockaddr;
        peer.socklen = address.socklen;
        peer.name = const_cast<ngx_str_t*>(&address.name);
        peer.get = ngx_event_get_peer;
        peer.log = client_->log;
        peer.log_error = NGX_ERROR_ERR;
        const ngx_int_t begun = ngx_event_connect_peer(&peer);
        if (begun != NGX_OK && begun != NGX_AGAIN) {
            continue;
        }
        server_ = peer.connection;
        server_->data = this;
        server_->read->handler = on_event;
        server_->write->handler = on_event;
        if (begun == NGX_OK) {
            begin();
        } else {
            ngx_add_timer(server_->write, limits_.send_timeout);
        }
        return;
    }
    finish("tls_other could not be reached");
}

void Relay::finish_connecting() {
    int error = 0;
    socklen_t size = sizeof(error);
    if (getsockopt(server_->fd, SOL_SOCKET, SO_ERROR, &error, &size) == -1) {
        error = ngx_socket_errno;
    }
    if (error == 0) {
        delete_timer(server_->write);
        begin();
        return;
    }
    ngx_connection_error(server_, error, const_cast<char*>("connect() to tls_other failed"));
    drop_server();
    connect();
}

void Relay::begin() {
    connected_ = true;
    begun_ = ngx_current_msec;
    up_.to = server_;
    down_.from = server_;
    client_->log->action = const_cast<char*>("relaying to tls_other");
    const auto fail = [&] { finish("no TCP_NODELAY"); };
    // Whoever types does not want to wait for an ACK.
    if (ngx_tcp_nodelay(client_) != NGX_OK || ngx_tcp_nodelay(server_) != NGX_OK) {
        fail();
        return;
    }
    ngx_add_timer(client_->read, to_.idle_timeout);
    pump();
}

void Relay::on_event(ngx_event_t* event) {
    auto* c = static_cast<ngx_connection_t*>(event->data);
    guarded([&] { static_cast<Relay*>(c->data)->handle(event); });
}

void Relay::handle(ngx_event_t* event) {
    auto* c = static_cast<ngx_connection_t*>(event->data);
    if (c->close) {
        finish("the worker ends");
        return;
    }
    if (event->timedout) {
        event->timedout = 0;
        if (event != &next_) {
            handle_timeout(event);
            return;
        }
    }
    if (connected_) {
        pump();
        return;
    }
    if (c == server_) {
        finish_connecting();
        return;
    }
    // What the client sends has to wait; an event that is level-triggered would not.
    if ((ngx_event_flags & NGX_USE_LEVEL_EVENT) != 0 && event->active &&
        ngx_del_event(event, event->write ? NGX_WRITE_EVENT : NGX_READ_EVENT, 0) != NGX_OK) {
        finish("an event could not be deleted");
    }
}

void Relay::handle_timeout(ngx_event_t* event) {
    if (!connected_) {
        ngx_log_error(NGX_LOG_ERR, client_->log, NGX_ETIMEDOUT, "tls_other \"%s\" timed out",
                      to_.name.c_str());
        drop_server();
        connect();
        return;
    }
    client_->timedout = 1;
    finish(event->write ? "a side took nothing for send_timeout" : "both sides were silent");
}

void Relay::pump() {
    bool moved = true;
    int moves = 0;
    bool any = false;
    while (moved && moves < kMovesInTurn) {
        moved = move(&up_);
        moved = move(&down_) || moved;
        any = any || moved;
        ++moves;
    }
    if (up_.over() && down_.over()) {
        finish("");
        return;
    }
    if (!arm(up_) || !arm(down_)) {
        finish("an event could not be added");
        return;
    }
    if (any) {
        ngx_add_timer(client_->read, to_.idle_timeout);
    }
    if (moved) {
        ngx_post_event(client_->read, &ngx_posted_next_events);
    }
}

// True when something moved, or one of the sides ended.
bool Relay::move(Stream* stream) {
    const bool received = receive(stream);
    const bool sent = send(stream);
    return received || sent;
}

bool Relay::receive(Stream* stream) {
    ngx_connection_t* from = stream->from;
    if (stream->ended || !from->read->ready || stream->end == stream->buffer.size()) {
        return false;
    }
    const ssize_t count =
        from->recv(from, stream->buffer.data() + stream->end, stream->buffer.size() - stream->end);
    if (count == NGX_AGAIN) {
        return false;
    }
    if (count > 0) {
        stream->end += static_cast<size_t>(count);
        stream->received += static_cast<uint64_t>(count);
        return true;
    }
    stream->ended = true;
    if (count == NGX_ERROR) {
        // Nobody is there any more to take what comes the other way.
        Stream& back = stream == &up_ ? down_ : up_;
        back.ended = true;
        back.shut = true;
        back.begin = back.end = 0;
    }
    return true;
}

bool Relay::send(Stream* stream) {
    ngx_connection_t* to = stream->to;
    bool moved = false;
    while (!stream->empty() && to->write->ready) {
        const size_t size = may_send(*stream);
        if (size == 0) {
            break;
        }
        const ssize_t count = to->send(to, stream->buffer.data() + stream->begin, size);
        if (count == NGX_AGAIN) {
            break;
        }
        moved = true;
        if (count == NGX_ERROR) {
            // It may have sent something before it went: the other direction goes on to its end.
            stream->ended = true;
            stream->shut = true;
            stream->begin = stream->end;
            break;
        }
        stream->begin += static_cast<size_t>(count);
        stream->sent += static_cast<uint64_t>(count);
    }
    if (stream->empty()) {
        stream->begin = stream->end = 0;
        if (stream->ended && !stream->shut) {
            stream->shut = true;
            moved = true;
            // A side that has gone by itself is no error.
            ngx_shutdown_socket(to->fd, NGX_WRITE_SHUTDOWN);
        }
    }
    return moved;
}

// Of what is there, as much as limit_rate lets go now.
size_t Relay::may_send(const Stream& stream) const {
    const size_t size = stream.end - stream.begin;
    if (&stream != &down_) {
        return size;
    }
    const std::chrono::milliseconds elapsed(ngx_current_msec - begun_);
    return allowed_bytes(limits_.pace, stream.sent, elapsed, size);
}

// Waits for what the stream cannot do now. False when the event module fails.
bool Relay::arm(const Stream& stream) {
    ngx_event_t* read = stream.from->read;
    ngx_event_t* write = stream.to->write;
    const bool held_back = !stream.empty() && may_send(stream) == 0;
    if (held_back && !next_.timer_set) {
        ngx_add_timer(&next_, static_cast<ngx_msec_t>(pause_of(limits_.pace).count()));
    }
    if (stream.empty() || held_back) {
        delete_timer(write);
    } else if (!write->timer_set) {
        ngx_add_timer(write, limits_.send_timeout);
    }
    return ngx_handle_read_event(read, stream.ended ? NGX_CLOSE_EVENT : 0) == NGX_OK &&
           ngx_handle_write_event(write, 0) == NGX_OK;
}

// The object is gone afterwards. `why`: empty when both sides have said that they are done.
void Relay::finish(const char* why) {
    ngx_log_error(NGX_LOG_INFO, client_->log, 0,
                  "client relayed to tls_other \"%s\": %uL bytes from client, %uL bytes to client%s%s",
                  to_.name.c_str(), up_.received, down_.received, *why != '\0' ? ", ended: " : "", why);
    drop_server();
    owner_->end_other();
}

}  // namespace tls

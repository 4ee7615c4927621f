// HTTP in the clear on a TLS address: over to nginx's own HTTP, with the bytes that were read already. What
// nginx's parser would stumble over is put right on the way.
#include <algorithm>

#include "base/guard.h"
#include "connection.h"
#include "hello/asterisk_target.h"
#include "hello/sniff.h"
#include "plain_conf.h"

namespace tls {

namespace {

// Where HTTP/2 in the clear is answered at all. What its streams are answered is decided for each of them.
bool takes_http2(const ServerConf& server) {
    const PlainAnswer answer = answer_plain(plain_terms(server), PlainRequest());
    return answer == PlainAnswer::Serve || answer == PlainAnswer::Redirect;
}

// The part of the next request's line that nginx has already; false when it is not reading one.
bool find_begun_line(const ngx_http_request_t* r, std::string_view* begun) {
    if (r->http_state != NGX_HTTP_READING_REQUEST_STATE || r->request_line.data != nullptr) {
        return false;
    }
    const u_char* start = r->request_start != nullptr ? r->request_start : r->header_in->pos;
    *begun = std::string_view(reinterpret_cast<const char*>(start),
                              static_cast<size_t>(r->header_in->last - start));
    return true;
}

}  // namespace

// False when the connection is nginx's from now on. The address's default server decides here: no name is
// known.
bool Connection::take_http(ByteView bytes) {
    const Address* address = find_address(beginning_->http->addr_conf);
    const bool speaks = address != nullptr && speaks_http2(*address, beginning_->http->conf_ctx);
    const Http2Preface preface = find_http2_preface(bytes);
    if (speaks && preface == Http2Preface::NeedMore) {
        keep(bytes);
        return true;
    }
    const bool http2 = speaks && preface == Http2Preface::Yes;
    const bool taken = http2 && takes_http2(*server_);
    // Where it is not taken nginx is not to find it either; its parser of HTTP/1 refuses it then.
    beginning_->http->ssl = http2 && !taken ? 1 : 0;
    become_plain(bytes, taken);
    return false;
}

void Connection::become_plain(ByteView bytes, bool http2) {
    phase_ = Phase::Plain;
    keep(bytes);
    const auto* core = static_cast<ngx_http_core_srv_conf_t*>(
        ngx_http_get_module_srv_conf(beginning_->http->conf_ctx, ngx_http_core_module));
    c_->data = beginning_->http;
    c_->log->action = const_cast<char*>("waiting for request");
    c_->read->handler = beginning_->http_handler;
    ngx_add_timer(c_->read, core->client_header_timeout);
    c_->recv = on_plain_receive;
    c_->read->ready = 1;
#if (NGX_HTTP_V2)
    if (http2) {
        beginning_->plain_http2 = true;
        note_plain(PortUse::Plain);
        ngx_http_v2_init(c_->read);
        return;
    }
#else
    (void)http2;
#endif
    beginning_->http_handler(c_->read);
}

ssize_t Connection::on_plain_receive(ngx_connection_t* c, u_char* buffer, size_t size) {
    return guarded(static_cast<ssize_t>(NGX_ERROR),
                   [&] { return Connection::in_pool_of(c)->receive_plain(buffer, size); });
}

// The bytes that were read first, then the socket. Stays in place only where requests may ask for `*`.
ssize_t Connection::receive_plain(u_char* buffer, size_t size) {
    if (beginning_->inbox.empty()) {
        const ssize_t count = ngx_recv(c_, buffer, size);
        if (count > 0) {
            find_asterisk(buffer, static_cast<size_t>(count));
        }
        return count;
    }
    const size_t count = std::min(size, beginning_->inbox.size());
    std::copy_n(beginning_->inbox.begin(), count, buffer);
    beginning_->inbox.erase(beginning_->inbox.begin(),
                            beginning_->inbox.begin() + static_cast<std::ptrdiff_t>(count));
    const Address* address = find_address(beginning_->http->addr_conf);
    if (address != nullptr && address->upgrades && !beginning_->plain_http2) {
        find_asterisk(buffer, count);
    } else if (beginning_->inbox.empty()) {
        c_->recv = ngx_recv;
    }
    return static_cast<ssize_t>(count);
}

// nginx's parser takes no "*" for a target. It is given "/" instead, and the request is known when its head
// has been read: only one is read at a time.
void Connection::find_asterisk(u_char* bytes, size_t size) {
    std::string_view begun;
    if (c_->data != beginning_->http &&
        !find_begun_line(static_cast<ngx_http_request_t*>(c_->data), &begun)) {
        return;
    }
    const size_t place =
        find_asterisk_target(begun, std::string_view(reinterpret_cast<const char*>(bytes), size));
    if (place != kNoAsterisk) {
        bytes[place] = '/';
        beginning_->asterisk = true;
    }
}

bool Connection::take_asterisk() {
    return beginning_ != nullptr && std::exchange(beginning_->asterisk, false);
}

void Connection::look_behind(const ngx_http_request_t* r) {
    if (beginning_ == nullptr || upgraded_) {
        return;
    }
    const Address* address = find_address(beginning_->http->addr_conf);
    if (address == nullptr || !address->upgrades) {
        return;
    }
    ngx_buf_t* buffer = r->header_in;
    const std::string_view rest(reinterpret_cast<const char*>(buffer->pos),
                                static_cast<size_t>(buffer->last - buffer->pos));
    const size_t place = find_asterisk_target(std::string_view(), rest);
    if (place != kNoAsterisk) {
        buffer->pos[place] = '/';
        beginning_->asterisk = true;
    }
}

}  // namespace tls

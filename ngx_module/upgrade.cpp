// From a request in the clear to a handshake on the same connection, and back to the request (RFC 2817).
//
// The request waits in its post-read phase meanwhile, and nothing of it is answered before the handshake has
// ended. The hello is read by the same code as that of any other connection.
#include "base/guard.h"
#include "conf.h"
#include "connection.h"
#include "hello/sniff.h"

namespace tls {

namespace {

// What the client sent behind the head of its request, as far as nginx has it.
ByteView rest_of(const ngx_buf_t& buffer) {
    return ByteView(buffer.pos, static_cast<size_t>(buffer.last - buffer.pos));
}

// The protocol has changed: nobody behind this server is to be asked for it once more.
void hide_upgrade(ngx_http_request_t* r) {
    for (ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
        auto* header = static_cast<ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            const std::string_view key(reinterpret_cast<const char*>(header[i].lowcase_key),
                                       header[i].key.len);
            if (key == "upgrade") {
                header[i].value.len = 0;
            }
        }
    }
    r->headers_in.upgrade = nullptr;
}

}  // namespace

// Bytes that came with the request and are no hello were written by somebody who did not wait for the 101, in
// the clear, perhaps for others to take as said inside TLS.
ngx_int_t Connection::upgrade(ngx_http_request_t* r, const std::string& protocol) {
    const ByteView behind = rest_of(*r->header_in);
    std::vector<uint8_t> rest(behind.begin(), behind.end());
    rest.insert(rest.end(), beginning_->inbox.begin(), beginning_->inbox.end());
    r->header_in->pos = r->header_in->last;
    beginning_->inbox.clear();
    if (!may_begin_hello(ByteView(rest.data(), rest.size()))) {
        ngx_log_error(NGX_LOG_INFO, c_->log, 0,
                      "client sent bytes in the clear behind its request for TLS (%s)",
                      reason_name(Reason::NotTls));
        conclude({Reason::NotTls, EndedBy::Server, "", PortUse::Refused});
        return NGX_HTTP_CLOSE;
    }
    upgraded_ = true;
    beginning_->upgrading = r;
    beginning_->inbox = std::move(rest);
    beginning_->switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: " + protocol +
                            ", HTTP/1.1\r\nConnection: Upgrade\r\n\r\n";
    server_ = static_cast<const ServerConf*>(ngx_http_get_module_srv_conf(r, ngx_http_tls_module));
    begin_again();
    beginning_->http->conf_ctx =
        static_cast<ngx_http_core_srv_conf_t*>(ngx_http_get_module_srv_conf(r, ngx_http_core_module))->ctx;
    const auto* core =
        static_cast<ngx_http_core_srv_conf_t*>(ngx_http_get_module_srv_conf(r, ngx_http_core_module));
    beginning_->deadline = ngx_current_msec + (server_->handshake_timeout != 0 ? server_->handshake_timeout
                                                                               : core->client_header_timeout);
    beginning_->request_handler = c_->read->handler;
    c_->recv = ngx_recv;
    c_->read->handler = on_switching;
    c_->write->handler = on_switching;
    // Whoever called the phase still takes the connection's data for the request.
    ngx_post_event(c_->write, &ngx_posted_events);
    return NGX_AGAIN;
}

// What was told of the requests before was the end of their part. The handshake is told for itself.
void Connection::begin_again() {
    if (!concluded_) {
        count_.move(*server_);
        return;
    }
    concluded_ = false;
    beginning_->report = Report();
    beginning_->particulars = Particulars();
    beginning_->accepted = std::chrono::steady_clock::now();
    count_.begin(*server_);
}

void Connection::on_switching(ngx_event_t* event) {
    auto* c = static_cast<ngx_connection_t*>(event->data);
    Connection* connection = in_pool_of(c);
    guarded([&] {
        if (!connection->ended_early(event)) {
            connection->switch_protocols();
        }
    });
}

void Connection::switch_protocols() {
    if (c_->data != this) {
        c_->data = this;
        c_->log->action = const_cast<char*>("SSL handshaking");
        arm_deadline();
    }
    while (!beginning_->switching.empty()) {
        const ssize_t sent = c_->send(c_, reinterpret_cast<u_char*>(beginning_->switching.data()),
                                      beginning_->switching.size());
        if (sent == NGX_AGAIN) {
            wait_for(c_->write);
            return;
        }
        if (sent == NGX_ERROR) {
            beginning_->report.system_error = ngx_socket_errno;
            end({Reason::PeerClosed, EndedBy::Client});
            return;
        }
        beginning_->switching.erase(0, static_cast<size_t>(sent));
    }
    phase_ = Phase::FirstBytes;
    c_->read->handler = on_first_bytes;
    c_->write->handler = ngx_http_empty_handler;
    const std::vector<uint8_t> rest = std::move(beginning_->inbox);
    beginning_->inbox.clear();
    if (rest.empty() || take_first_bytes(ByteView(rest.data(), rest.size()))) {
        read_first_bytes();
    }
}

void Connection::refuse_injection() {
    ngx_log_error(NGX_LOG_INFO, c_->log, 0, "client sent bytes in the clear where TLS was to begin (%s)",
                  reason_name(Reason::NotTls));
    end({Reason::NotTls, EndedBy::Server, "no ClientHello after the 101"});
}

// Inside TLS, from the phase in which the request waited: it is checked there as every request inside is.
void Connection::resume_request() {
    ngx_connection_t* c = c_;
    ngx_http_request_t* r = beginning_->upgrading;
    c->data = r;
    if (c->read->timer_set) {
        ngx_del_timer(c->read);
    }
    c->read->handler = beginning_->request_handler;
    c->write->handler = beginning_->request_handler;
    settle();
    // libssl may hold bytes that the socket will not announce again.
    c->read->ready = 1;
    // What nginx would send with sendfile has to pass through libssl.
    r->main_filter_need_in_memory = 1;
    hide_upgrade(r);
    c->log->action = nullptr;
    ngx_http_core_run_phases(r);
    ngx_http_run_posted_requests(c);
}

// The connection goes with its request, which is logged with the one status that was sent.
void Connection::drop_request() {
    ngx_connection_t* c = c_;
    ngx_http_request_t* r = beginning_->upgrading;
    beginning_->upgrading = nullptr;
    c->data = r;
    c->error = 1;
    c->read->handler = beginning_->request_handler;
    c->write->handler = beginning_->request_handler;
    r->headers_out.status = NGX_HTTP_SWITCHING_PROTOCOLS;
    ngx_http_finalize_request(r, NGX_HTTP_CLIENT_CLOSED_REQUEST);
    ngx_http_run_posted_requests(c);
}

}  // namespace tls

#include "closing.h"

#include "base/guard.h"
#include "connection.h"
#include "without_ssl.h"

namespace tls {

namespace {

using DeleteConnection = ngx_int_t (*)(ngx_connection_t*, ngx_uint_t);
DeleteConnection core_delete_connection;

// nginx has ended TLS by now, so that `c->ssl` may be gone. Whatever is closed comes here: only what our
// listeners accepted has a pool that is sure to be there.
Connection* connection_behind(const ngx_connection_t* c) {
    if (c->listening == nullptr || c->listening->handler != on_accepted || c->pool == nullptr) {
        return nullptr;
    }
    Connection* connection = Connection::of(c);
    return connection != nullptr ? connection : Connection::in_pool_of(c);
}

void say_goodbye(ngx_connection_t* c) {
    Connection* connection = connection_behind(c);
    if (connection == nullptr) {
        return;
    }
    connection->say_goodbye();
    if (!core_has_ssl()) {
        // From here on nobody finds the connection any more, so nothing is written behind the end.
        c->ssl = nullptr;
    }
}

// What ngx_close_connection() does itself for an event module that deletes only single events.
void delete_events(ngx_connection_t* c, ngx_uint_t flags) {
    if (c->read->active || c->read->disabled) {
        ngx_del_event(c->read, NGX_READ_EVENT, flags);
    }
    if (c->write->active || c->write->disabled) {
        ngx_del_event(c->write, NGX_WRITE_EVENT, flags);
    }
}

ngx_int_t delete_connection(ngx_connection_t* c, ngx_uint_t flags) {
    if ((flags & NGX_CLOSE_EVENT) != 0) {
        guarded([&] { say_goodbye(c); });
    }
    if (core_delete_connection != nullptr) {
        return core_delete_connection(c, flags);
    }
    delete_events(c, flags);
    return NGX_OK;
}

#if (NGX_HTTP_V2)

// HTTP/2 ends behind the last frame of a connection that has said GOAWAY and has no streams left.
bool ends_http2(const ngx_connection_t* c) {
    const auto* http2 = static_cast<const ngx_http_v2_connection_t*>(c->data);
    return http2->goaway && http2->processing == 0;
}

void on_last_stream_gone(ngx_event_t* event) {
    auto* c = static_cast<ngx_connection_t*>(event->data);
    guarded([&] {
        Connection* connection = Connection::of(c);
        if (connection != nullptr && ends_http2(c)) {
            connection->say_goodbye();
        }
    });
}

// The last frame of the last stream is sent while the stream is still there. nginx takes the stream away
// after this, and ends the connection behind it: at once, or from an event, before which the one comes that
// is posted here where something is still to be sent.
ngx_int_t on_log(ngx_http_request_t* r) {
    if (r->stream == nullptr || r != r->main) {
        return NGX_OK;
    }
    ngx_http_v2_connection_t* http2 = r->stream->connection;
    if (!http2->goaway || http2->processing != 1) {
        return NGX_OK;
    }
    ngx_connection_t* c = http2->connection;
    Connection* connection = Connection::of(c);
    if (connection == nullptr || connection->ending != nullptr) {
        return NGX_OK;
    }
    if (http2->last_out == nullptr && !c->buffered) {
        guarded([&] { connection->say_goodbye(); });
        return NGX_OK;
    }
    guarded([&] {
        connection->ending = std::make_unique<ngx_event_t>();
        connection->ending->data = c;
        connection->ending->log = c->log;
        connection->ending->handler = on_last_stream_gone;
        ngx_post_event(connection->ending.get(), &ngx_posted_events);
    });
    return NGX_OK;
}

#endif

}  // namespace

void Connection::say_goodbye() {
    const bool core_says_it = core_has_ssl() && tunnel_ != nullptr && tunnel_->native() != nullptr;
    // As in ngx_ssl_shutdown(): not after a failure, not into the middle of a record, and not to who has said
    // it already.
    if (phase_ != Phase::Established || core_says_it || c_->timedout || c_->error || c_->buffered ||
        core_ssl.no_send_shutdown) {
        return;
    }
    tunnel_->close();
}

void watch_closing() {
    // Without a master process, a reload comes here again: the event module may have kept our function.
    if (ngx_event_actions.del_conn == delete_connection) {
        return;
    }
    // Event modules other than epoll have none; then ours is the only one, and deletes the events as the core
    // would.
    core_delete_connection = ngx_event_actions.del_conn;
    ngx_event_actions.del_conn = delete_connection;
}

ngx_int_t add_last_stream_watch(ngx_conf_t* cf) {
#if (NGX_HTTP_V2)
    auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto* handler =
        static_cast<ngx_http_handler_pt*>(ngx_array_push(&core->phases[NGX_HTTP_LOG_PHASE].handlers));
    if (handler == nullptr) {
        return NGX_ERROR;
    }
    *handler = on_log;
#else
    (void)cf;
#endif
    return NGX_OK;
}

bool ends_connection(const ngx_connection_t* c, bool last) {
    const Connection* connection = Connection::of(c);
    if (core_has_ssl() && !connection->tunnel().seals_records()) {
        return false;
    }
    if (connection->is_http2()) {
#if (NGX_HTTP_V2)
        return ends_http2(c);
#else
        return false;
#endif
    }
    if (!last) {
        return false;
    }
    // By the rules of ngx_http_finalize_connection().
    const auto* request = static_cast<const ngx_http_request_t*>(c->data);
    return request->main == request &&
           (!request->keepalive || request->reading_body || ngx_exiting || ngx_terminate);
}

}  // namespace tls

// Beginning, finding and ending a connection of ours.
#include "connection.h"

#include "base/guard.h"
#include "conf.h"
#include "gathering.h"
#include "key_threads.h"
#include "relay.h"
#include "server/stand_in.h"
#include "signing.h"
#include "without_ssl.h"

namespace tls {

namespace {

// Marks a `c->ssl` as ours: nginx uses this field only for its connections to upstreams. Never called.
void mark_as_ours(ngx_connection_t*) {}

// Whether a client's first bytes tend to be there when it is accepted: on a busy worker and with `deferred`
// they are, and reading at once saves watching the socket and a turn of the event loop. Elsewhere it would
// be a read for nothing, so that only now and then one is tried.
class EarlyReading {
  public:
    bool pays() {
        constexpr unsigned kMisses = 8;
        constexpr unsigned kSeldom = 32;
        return misses_ < kMisses || ++skipped_ % kSeldom == 0;
    }
    void note(bool found) { misses_ = found ? 0 : misses_ + 1; }

  private:
    unsigned misses_ = 0;
    unsigned skipped_ = 0;
};

EarlyReading early_reading;

// The core's rules for a new connection, in its own function; ours come after it. Told that the socket is
// ready and that workers take turns, the core neither reads nor watches it, but posts its event.
void prepare(ngx_connection_t* c) {
    c->read->ready = 1;
    const ngx_uint_t take_turns = ngx_use_accept_mutex;
    ngx_use_accept_mutex = 1;
    ngx_http_init_connection(c);
    ngx_use_accept_mutex = take_turns;
}

void accept(ngx_connection_t* c) {
    ngx_event_t* read = c->read;
    const bool ready = read->ready != 0;
    prepare(c);
    if (c->destroyed || c->fd == static_cast<ngx_socket_t>(-1)) {
        return;
    }
    const auto* http = static_cast<ngx_http_connection_t*>(c->data);
    if (find_address(http->addr_conf) == nullptr) {
        // Another address of the same listening socket: its handler waits when it finds nothing.
        return;
    }
    if (read->posted) {
        ngx_delete_posted_event(read);
    }
    Gathering::of_worker().note_accept();
    Connection* connection = Connection::adopt(c);
    if (connection == nullptr) {
        ngx_http_close_connection(c);
        return;
    }
    ngx_reusable_connection(c, 1);
    if (ngx_use_accept_mutex) {
        // The others wait for this worker to be done with accepting.
        ngx_post_event(read, &ngx_posted_events);
        return;
    }
    if (ready || early_reading.pays()) {
#if (NGX_HAVE_KQUEUE) || (NGX_HAVE_EPOLLRDHUP)
        read->available = 1;
#endif
        early_reading.note(connection->read_first_bytes());
        return;
    }
    connection->wait_for_bytes();
}

}  // namespace

void on_accepted(ngx_connection_t* c) {
    guarded([&] { accept(c); });
}

// Relay and KeyTask are whole here only.
Connection::Beginning::Beginning(ngx_connection_t* c)
    : http(static_cast<ngx_http_connection_t*>(c->data)), http_handler(c->read->handler) {}
Connection::Beginning::~Beginning() = default;

Connection::Connection(ngx_connection_t* c)
    : CoreSsl(),
      c_(c),
      beginning_(std::make_unique<Beginning>(c)),
      server_(server_conf_of(beginning_->http->conf_ctx)),
      phase_(beginning_->http->proxy_protocol ? Phase::ProxyHeader : Phase::FirstBytes) {
    core_ssl.save_session = mark_as_ours;
    count_.begin(*server_);
}

Connection::~Connection() {
    if (gathered_) {
        Gathering::of_worker().remove(this);
    }
    if (signing_) {
        Signing::of_worker().remove(this);
    }
    if (beginning_ != nullptr && beginning_->key_task != nullptr) {
        beginning_->key_task->forget();
    }
}

Connection* Connection::adopt(ngx_connection_t* c) {
    // First: a Connection is counted from its beginning, and only the pool's end counts it out.
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(c->pool, 0);
    if (cleanup == nullptr) {
        return nullptr;
    }
    // Not in the pool: it would begin another block for it, and leave the rest of that empty.
    auto* connection = guarded(static_cast<Connection*>(nullptr), [&] { return new Connection(c); });
    if (connection == nullptr) {
        return nullptr;
    }
    cleanup->data = connection;
    cleanup->handler = on_pool_cleanup;

    const auto* core = static_cast<ngx_http_core_srv_conf_t*>(
        ngx_http_get_module_srv_conf(connection->beginning_->http->conf_ctx, ngx_http_core_module));
    const ngx_msec_t own_timeout = connection->server_->handshake_timeout;
    c->data = connection;
    c->read->handler = on_first_bytes;
    if (!connection->beginning_->http->proxy_protocol) {
        c->log->action = const_cast<char*>("SSL handshaking");
    }
    connection->beginning_->deadline =
        ngx_current_msec + (own_timeout != 0 ? own_timeout : core->client_header_timeout);
    if (connection->beginning_->http->proxy_protocol) {
        connection->arm_deadline();
    } else {
        connection->arm_silence();
    }
    return connection;
}

void Connection::on_pool_cleanup(void* data) {
    auto* connection = static_cast<Connection*>(data);
    guarded([&] {
        // A connection that nginx closed without a TLS shutdown still holds the core's share of the SSL.
        if (connection->c_->ssl == &connection->core_ssl && core_has_ssl()) {
            Tunnel::release(connection->core_ssl.connection);
            connection->c_->ssl = nullptr;
        }
        if (connection->held != nullptr && connection->held->posted) {
            ngx_delete_posted_event(connection->held.get());
        }
        connection->log_untold_fault();
        if (connection->ending != nullptr && connection->ending->posted) {
            ngx_delete_posted_event(connection->ending.get());
        }
        connection->count_.finish(connection->tunnel_.get());
        delete connection;
    });
}

Connection* Connection::of(const ngx_connection_t* c) {
    const ngx_ssl_connection_t* ssl = c->ssl;
    if (ssl == nullptr || ssl->save_session != mark_as_ours) {
        return nullptr;
    }
    // The first member of what a Connection begins with.
    auto* begin = reinterpret_cast<CoreSsl*>(const_cast<ngx_ssl_connection_t*>(ssl));
    return static_cast<Connection*>(begin);
}

void Connection::give_ssl_back() {
    SSL* const shown = facts().client_certificate == nullptr ? stand_in() : nullptr;
    if (shown == nullptr) {
        return;
    }
    count_.note_sessions(tunnel_.get());
    if (!tunnel_->give_ssl_back()) {
        return;
    }
    if (core_has_ssl()) {
        Tunnel::release(core_ssl.connection);
        Tunnel::share(shown);
    }
    core_ssl.connection = shown;
}

Connection* Connection::in_pool_of(const ngx_connection_t* c) {
    for (const ngx_pool_cleanup_t* cleanup = c->pool->cleanup; cleanup != nullptr; cleanup = cleanup->next) {
        if (cleanup->handler == on_pool_cleanup) {
            return static_cast<Connection*>(cleanup->data);
        }
    }
    return nullptr;
}

// The object goes with the connection's pool.
void Connection::close() {
    if (beginning_ != nullptr && beginning_->upgrading != nullptr) {
        drop_request();
        return;
    }
    c_->data = beginning_->http;
    ngx_http_close_connection(c_);
}

void Connection::end(const Ending& ending) {
    conclude(ending);
    close();
}

}  // namespace tls

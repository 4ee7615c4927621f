#include "send_records.h"

#include <algorithm>

#include "base/guard.h"
#include "chain.h"
#include "closing.h"
#include "io.h"

namespace tls {

namespace {

ngx_http_output_header_filter_pt next_header_filter;

// What a failure of sending leaves for nginx to find.
void on_send_failure(ngx_connection_t* c, const Connection& connection) {
    give_up(c);
    c->write->error = 1;
    log_failure(c, connection, "SSL_write()");
}

// Seals from the chain until the writer wants to be flushed, the budget is spent, or the chain ends.
// Sets *flush when what was sealed must go out now. NGX_OK or NGX_ERROR.
ngx_int_t seal(ngx_connection_t* c, RecordWriter* writer, ngx_chain_t** in, off_t* budget, bool* flush) {
    while (*in != nullptr && *budget > 0) {
        ngx_buf_t* from = (*in)->buf;
        if (from->last_buf || from->flush) {
            *flush = true;
        }
        if (!ngx_buf_special(from)) {
            const RecordWriter::Room room = writer->room();
            if (room.size == 0) {
                return NGX_OK;
            }
            const auto most = static_cast<size_t>(std::min(static_cast<off_t>(room.size), *budget));
            const ssize_t count = take_bytes(from, room.data, most);
            if (count == NGX_ERROR || !writer->add(static_cast<size_t>(count))) {
                return NGX_ERROR;
            }
            *budget -= count;
            c->sent += count;
        }
        if (ngx_buf_size(from) == 0) {
            *in = (*in)->next;
        }
    }
    return NGX_OK;
}

// The end of the turn has come: nobody has asked for what is held to be sent.
void send_held(ngx_connection_t* c) {
    Connection* connection = Connection::of(c);
    if (connection == nullptr) {
        return;
    }
    connection->held.reset();
    switch (connection->tunnel().flush().status) {
        case Tunnel::Status::Ok:
            break;
        case Tunnel::Status::WantWrite:
            c->write->ready = 0;
            if (ngx_handle_write_event(c->write, 0) == NGX_OK) {
                return;
            }
            c->error = 1;
            break;
        default:
            on_send_failure(c, *connection);
            c->error = 1;
            break;
    }
    // nginx was told that bytes are buffered, and goes on when it finds at its next call that they are not.
    ngx_post_event(c->write, &ngx_posted_events);
}

// Many small pieces of a turn become one write.
void hold(ngx_connection_t* c, Connection* connection) {
    if (connection->held == nullptr) {
        connection->held = std::make_unique<ngx_event_t>();
        connection->held->data = c;
        connection->held->log = c->log;
        connection->held->handler = [](ngx_event_t* event) {
            guarded([&] { send_held(static_cast<ngx_connection_t*>(event->data)); });
        };
    }
    c->buffered |= NGX_SSL_BUFFERED;
    ngx_post_event(connection->held.get(), &ngx_posted_events);
}

// Sends all that is sealed. NGX_OK, NGX_AGAIN or NGX_ERROR.
ngx_int_t flush_records(ngx_connection_t* c, Connection* connection) {
    switch (connection->tunnel().flush().status) {
        case Tunnel::Status::Ok:
            return NGX_OK;
        case Tunnel::Status::WantWrite:
            c->write->ready = 0;
            c->buffered |= NGX_SSL_BUFFERED;
            return NGX_AGAIN;
        default:
            on_send_failure(c, *connection);
            return NGX_ERROR;
    }
}

// Where a thread pool is to read files, nginx reads them before they come here. In HTTP/2 as well: of a file
// that nobody reads it makes frames for all of the client's window at once, and then takes what the client
// says before they are sent for a flood ("http2 flood detected").
ngx_int_t filter_header(ngx_http_request_t* r) {
    const auto* location =
        static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    const bool early = location->aio == NGX_HTTP_AIO_THREADS || r->http_version == NGX_HTTP_VERSION_20;
    if (early && Connection::of(r->connection) != nullptr) {
        r->filter_need_in_memory = 1;
    }
    return next_header_filter(r);
}

}  // namespace

ngx_chain_t* send_records(ngx_connection_t* c, Connection* connection, ngx_chain_t* in, off_t limit) {
    RecordWriter& writer = connection->tunnel().writer();
    off_t budget = send_limit(limit);
    bool flush = in == nullptr;
    bool more = writer.blocked();
    if (more) {
        const ngx_int_t sent = flush_records(c, connection);
        if (sent != NGX_OK) {
            return sent == NGX_ERROR ? NGX_CHAIN_ERROR : in;
        }
    }
    writer.on_time(static_cast<uint32_t>(ngx_current_msec));
    do {
        if (seal(c, &writer, &in, &budget, &flush) != NGX_OK) {
            return NGX_CHAIN_ERROR;
        }
        more = in != nullptr && budget > 0;
        if (!more && !flush && budget > 0 && writer.unsent() > 0) {
            hold(c, connection);
            return nullptr;
        }
        if (in == nullptr && ends_connection(c, connection->last_seen())) {
            // One write for both.
            connection->tunnel().seal_goodbye();
        }
        const ngx_int_t sent = flush_records(c, connection);
        if (sent != NGX_OK) {
            return sent == NGX_ERROR ? NGX_CHAIN_ERROR : in;
        }
    } while (more);
    c->buffered &= ~NGX_SSL_BUFFERED;
    return in;
}

void add_reading_filter() {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = filter_header;
}

}  // namespace tls

// Reading and writing an encrypted connection the way nginx's core expects of its own: same return values,
// same flags on the events, same buffer that is given back while a connection idles.
#include "io.h"

#include <algorithm>

#include "base/guard.h"
#include "chain.h"
#include "closing.h"
#include "conf.h"
#include "connection.h"
#include "send_records.h"
#include "without_ssl.h"

namespace tls {

namespace {

// The connection that nginx reads from for the first time; null else.
const ngx_connection_t* first_reading = nullptr;

// A handler that took the other direction's place goes back, and runs soon.
ngx_int_t restore(ngx_event_handler_pt* saved, ngx_event_t* event) {
    if (*saved == nullptr) {
        return NGX_OK;
    }
    event->handler = *saved;
    *saved = nullptr;
    event->ready = 1;
    const ngx_int_t armed = event->write ? ngx_handle_write_event(event, 0) : ngx_handle_read_event(event, 0);
    if (armed == NGX_OK) {
        ngx_post_event(event, &ngx_posted_events);
    }
    return armed;
}

void run_read_handler(ngx_event_t* write) {
    auto* c = static_cast<ngx_connection_t*>(write->data);
    c->read->handler(c->read);
}

void run_write_handler(ngx_event_t* read) {
    auto* c = static_cast<ngx_connection_t*>(read->data);
    c->write->handler(c->write);
}

// Reading needs the socket to take bytes first. The read timer goes on.
ssize_t read_wants_write(ngx_connection_t* c, Connection* connection) {
    c->write->ready = 0;
    if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
        return NGX_ERROR;
    }
    if (*connection->saved_write_handler() == nullptr) {
        *connection->saved_write_handler() = c->write->handler;
        c->write->handler = run_read_handler;
    }
    return NGX_AGAIN;
}

// Writing needs the client to say something first. NGX_OK or NGX_ERROR.
ngx_int_t write_wants_read(ngx_connection_t* c, Connection* connection) {
    c->read->ready = 0;
    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        return NGX_ERROR;
    }
    if (*connection->saved_read_handler() == nullptr) {
        *connection->saved_read_handler() = c->read->handler;
        c->read->handler = run_write_handler;
    }
    return NGX_OK;
}

// The caller's buffer is full and libssl may hold more. A client that sends without a pause must not keep the
// others waiting: once the bytes that were there at the first read are through, the rest waits for the next
// turn.
ssize_t filled(ngx_connection_t* c, size_t total) {
    ngx_event_t* read = c->read;
    read->ready = 1;
    if (read->available < 0) {
        if (ngx_socket_nread(c->fd, &read->available) == -1) {
            read->error = 1;
            ngx_connection_error(c, ngx_socket_errno, const_cast<char*>(ngx_socket_nread_n " failed"));
            return NGX_ERROR;
        }
        return static_cast<ssize_t>(total);
    }
    read->available -= static_cast<int>(total);
    if (read->available < 0) {
        read->available = 0;
        read->ready = 0;
        if (read->posted) {
            ngx_delete_posted_event(read);
        }
        ngx_post_event(read, &ngx_posted_next_events);
    }
    return static_cast<ssize_t>(total);
}

ssize_t receive(ngx_connection_t* c, u_char* buffer, size_t size) {
    Connection* connection = Connection::of(c);
    if (connection == nullptr) {
        return NGX_ERROR;  // the core has ended TLS already; so it is in the functions below
    }
    const bool empty = c == first_reading && connection->tunnel().emptied();
    connection->tunnel().on_readable(will_be_told(c->read), empty);
    size_t total = 0;
    for (;;) {
        const bool was_early = connection->tunnel().in_early_data();
        const Tunnel::Transfer transfer = connection->tunnel().read(buffer + total, size - total);
        if (was_early && !connection->tunnel().in_early_data()) {
            connection->give_ssl_back();
        }
        connection->count_traffic();
        if (transfer.status == Tunnel::Status::Ok || transfer.status == Tunnel::Status::WantRead) {
            if (restore(connection->saved_write_handler(), c->write) != NGX_OK) {
                return NGX_ERROR;
            }
        }
        if (transfer.status == Tunnel::Status::Ok) {
            total += transfer.size;
            if (total == size) {
                return filled(c, total);
            }
            if (transfer.drained && will_be_told(c->read)) {
                c->read->available = 0;
                c->read->ready = 0;
                return static_cast<ssize_t>(total);
            }
            continue;
        }
        if (total != 0 && transfer.status != Tunnel::Status::WantRead) {
            // Told first; what ended it is found again at the next call.
            c->read->ready = 1;
            return static_cast<ssize_t>(total);
        }
        switch (transfer.status) {
            case Tunnel::Status::WantWrite:
                return read_wants_write(c, connection);
            case Tunnel::Status::Closed:
                give_up(c);
                c->read->ready = 0;
                c->read->eof = 1;
                return 0;
            case Tunnel::Status::Failed:
                give_up(c);
                c->read->error = 1;
                log_failure(c, *connection, "SSL_read()");
                return NGX_ERROR;
            default:
                c->read->ready = 0;
                return total != 0 ? static_cast<ssize_t>(total) : NGX_AGAIN;
        }
    }
}

// nginx asks for no more before the socket can be written, so that all of it goes out that can: of what
// libssl and the writer take in one call there is a limit, and of what was begun before only that much is
// taken.
ssize_t send_bytes(ngx_connection_t* c, u_char* data, size_t size) {
    Connection* connection = Connection::of(c);
    if (connection == nullptr) {
        return NGX_ERROR;
    }
    size_t total = 0;
    const auto so_far = [&total] { return total != 0 ? static_cast<ssize_t>(total) : NGX_AGAIN; };
    while (total < size) {
        const bool was_early = connection->tunnel().in_early_data();
        const Tunnel::Transfer transfer = connection->tunnel().write(data + total, size - total);
        connection->count_traffic();
        if (transfer.status == Tunnel::Status::Ok || transfer.status == Tunnel::Status::WantWrite) {
            if (restore(connection->saved_read_handler(), c->read) != NGX_OK) {
                return NGX_ERROR;
            }
        }
        switch (transfer.status) {
            case Tunnel::Status::Ok:
                if (was_early && connection->reading_blocked()) {
                    connection->block_reading(false);
                    ngx_post_event(c->read, &ngx_posted_events);
                }
                c->sent += static_cast<off_t>(transfer.size);
                total += transfer.size;
                break;
            case Tunnel::Status::WantWrite:
                connection->block_reading(was_early);
                c->write->ready = 0;
                return so_far();
            case Tunnel::Status::WantRead:
                return write_wants_read(c, connection) == NGX_OK ? so_far() : NGX_ERROR;
            default:
                give_up(c);
                c->write->error = 1;
                log_failure(c, *connection, "SSL_write()");
                return NGX_ERROR;
        }
    }
    return static_cast<ssize_t>(total);
}

ssize_t receive_chain(ngx_connection_t* c, ngx_chain_t* chain, off_t limit) {
    ssize_t total = 0;
    for (; chain != nullptr; chain = chain->next) {
        u_char* last = chain->buf->last;
        while (last < chain->buf->end) {
            auto size = static_cast<off_t>(chain->buf->end - last);
            if (limit != 0) {
                size = std::min(size, limit - total);
            }
            if (size <= 0) {
                return total;
            }
            const ssize_t count = receive(c, last, static_cast<size_t>(size));
            if (count <= 0) {
                if (total != 0 && count != NGX_AGAIN) {
                    c->read->ready = 1;
                }
                return total != 0 ? total : count;
            }
            last += count;
            total += count;
            if (!c->read->ready) {
                return total;
            }
        }
    }
    return total;
}

// The buffer in which small pieces become records; nginx takes its memory back while the connection idles.
ngx_buf_t* record_buffer(ngx_connection_t* c) {
    ngx_buf_t* buffer = c->ssl->buf;
    if (buffer == nullptr) {
        buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(c->pool));
        if (buffer == nullptr) {
            return nullptr;
        }
        c->ssl->buf = buffer;
    }
    if (buffer->start == nullptr) {
        buffer->start = static_cast<u_char*>(ngx_palloc(c->pool, c->ssl->buffer_size));
        if (buffer->start == nullptr) {
            return nullptr;
        }
        buffer->pos = buffer->last = buffer->start;
        buffer->end = buffer->start + c->ssl->buffer_size;
    }
    return buffer;
}

// Fills the buffer from the chain until it is full, the limit is reached, or the chain ends.
// Sets *flush when what is in it must go out now. NGX_OK or NGX_ERROR.
ngx_int_t fill(ngx_chain_t** in, ngx_buf_t* buffer, off_t* budget, bool* flush) {
    while (*in != nullptr && buffer->last<buffer->end&& * budget> 0) {
        ngx_buf_t* from = (*in)->buf;
        if (from->last_buf || from->flush) {
            *flush = true;
        }
        if (!ngx_buf_special(from)) {
            const auto room = static_cast<size_t>(std::min<off_t>(buffer->end - buffer->last, *budget));
            const ssize_t count = take_bytes(from, buffer->last, room);
            if (count == NGX_ERROR) {
                return NGX_ERROR;
            }
            buffer->last += count;
            *budget -= count;
        }
        if (ngx_buf_size(from) == 0) {
            *in = (*in)->next;
        }
    }
    return NGX_OK;
}

// Through libssl, a record at a time.
ngx_chain_t* send_buffered(ngx_connection_t* c, ngx_chain_t* in, off_t limit) {
    ngx_buf_t* buffer = record_buffer(c);
    if (buffer == nullptr) {
        return NGX_CHAIN_ERROR;
    }
    off_t budget = send_limit(limit) - (buffer->last - buffer->pos);
    bool flush = in == nullptr || buffer->flush;
    for (;;) {
        if (fill(&in, buffer, &budget, &flush) != NGX_OK) {
            return NGX_CHAIN_ERROR;
        }
        if (!flush && budget > 0 && buffer->last < buffer->end) {
            break;
        }
        const ssize_t size = buffer->last - buffer->pos;
        if (size == 0) {
            flush = false;
            break;
        }
        const ssize_t count = send_bytes(c, buffer->pos, static_cast<size_t>(size));
        if (count == NGX_ERROR) {
            return NGX_CHAIN_ERROR;
        }
        if (count == NGX_AGAIN) {
            break;
        }
        buffer->pos += count;
        if (buffer->pos < buffer->last) {
            continue;
        }
        buffer->pos = buffer->last = buffer->start;
        flush = false;
        if (in == nullptr || budget <= 0) {
            break;
        }
    }
    buffer->flush = flush ? 1 : 0;
    if (buffer->pos < buffer->last) {
        c->buffered |= NGX_SSL_BUFFERED;
    } else {
        c->buffered &= ~NGX_SSL_BUFFERED;
    }
    return in;
}

ssize_t on_receive(ngx_connection_t* c, u_char* buffer, size_t size) {
    return guarded(static_cast<ssize_t>(NGX_ERROR), [&] { return receive(c, buffer, size); });
}

ssize_t on_receive_chain(ngx_connection_t* c, ngx_chain_t* chain, off_t limit) {
    return guarded(static_cast<ssize_t>(NGX_ERROR), [&] { return receive_chain(c, chain, limit); });
}

ssize_t on_send(ngx_connection_t* c, u_char* data, size_t size) {
    return guarded(static_cast<ssize_t>(NGX_ERROR), [&] { return send_bytes(c, data, size); });
}

ngx_chain_t* on_send_chain(ngx_connection_t* c, ngx_chain_t* in, off_t limit) {
    return guarded(NGX_CHAIN_ERROR, [&] {
        Connection* connection = Connection::of(c);
        if (connection == nullptr) {
            return NGX_CHAIN_ERROR;
        }
        connection->see_last(connection->last_seen() || has_last_buffer(in));
        const bool seals = connection->tunnel().seals_records();
        ngx_chain_t* rest = seals ? send_records(c, connection, in, limit) : send_buffered(c, in, limit);
        connection->count_traffic();
        // What nginx's filters keep is another thing: they say so until this call has taken the rest of it.
        if (rest != nullptr || (c->buffered & NGX_SSL_BUFFERED) != 0) {
            return rest;
        }
        const bool last = connection->last_seen();
        connection->see_last(false);
        // While early data comes libssl says it, where no core that knows TLS has it do so before it lingers.
        const bool by_libssl = !seals || (!core_has_ssl() && connection->tunnel().in_early_data());
        if (by_libssl && ends_connection(c, last)) {
            connection->tunnel().close();
        }
        if (last && connection->tunnel().in_early_data()) {
            // The client's Finished is still to come. If this was the last response, nginx must linger for
            // it, or the kernel's reset would take away what the client has not read yet.
            c->read->ready = 1;
        }
        return rest;
    });
}

}  // namespace

bool will_be_told(const ngx_event_t* read) {
#if (NGX_HAVE_EPOLLRDHUP)
    return (ngx_event_flags & NGX_USE_EPOLL_EVENT) != 0 && ngx_use_epoll_rdhup && !read->pending_eof;
#else
    (void)read;
    return false;
#endif
}

void log_failure(ngx_connection_t* c, const Connection& connection, const char* call) {
    const Failure& failure = connection.tunnel().failure();
    const ngx_uint_t level = failure.peer_to_blame ? NGX_LOG_INFO : NGX_LOG_CRIT;
    ngx_log_error(level, c->log, failure.system_error, "%s failed: %s, server name \"%s\"%s", call,
                  reason_name(failure.reason), connection.shown_name().c_str(), failure.text.c_str());
}

void give_up(ngx_connection_t* c) {
    c->ssl->no_wait_shutdown = 1;
    c->ssl->no_send_shutdown = 1;
}

void read_first(ngx_event_t* read, ngx_event_handler_pt handler) {
    first_reading = static_cast<const ngx_connection_t*>(read->data);
    handler(read);
    first_reading = nullptr;
}

void install_io(ngx_connection_t* c) {
    c->recv = on_receive;
    c->recv_chain = on_receive_chain;
    c->send = on_send;
    c->send_chain = on_send_chain;
    // An end of a response that comes alone is told as well: the connection's may have to be said with it.
    c->need_last_buf = 1;
}

}  // namespace tls

#include "handshake_log.h"

#include "base/guard.h"
#include "conf.h"
#include "scratch_request.h"

namespace tls {

namespace {

bool is_wanted(ngx_http_request_t* r, const HandshakeLog& log) {
    if (log.condition == nullptr) {
        return true;
    }
    ngx_str_t value;
    if (ngx_http_complex_value(r, log.condition, &value) != NGX_OK) {
        return false;
    }
    return value.len != 0 && view(value) != "0";
}

void append_variable(ngx_http_request_t* r, ngx_uint_t index, Escape escape, std::string* line) {
    const ngx_http_variable_value_t* value = ngx_http_get_indexed_variable(r, index);
    const bool found = value != nullptr && !value->not_found;
    if (found && value->len != 0) {
        const auto* text = reinterpret_cast<const char*>(value->data);
        append_escaped(std::string_view(text, value->len), escape, line);
    } else if (escape == Escape::Word || (escape == Escape::Default && !found)) {
        *line += '-';
    }
}

std::string make_line(ngx_http_request_t* r, const HandshakeFormat& format) {
    std::string line;
    for (const HandshakeFormat::Piece& piece : format.pieces) {
        if (piece.variable == NGX_ERROR) {
            line += piece.text;
        } else {
            append_variable(r, static_cast<ngx_uint_t>(piece.variable), piece.escape, &line);
        }
    }
    return line;
}

// As access_log does: a datagram that does not go out at once is lost.
void send_to_syslog(ngx_connection_t* c, ngx_syslog_peer_t* peer, const std::string& line) {
    // The most that nginx puts before the text.
    const size_t header = sizeof("<255>Jan 01 00:00:00 ") + ngx_cycle->hostname.len + 1 + peer->tag.len + 2;
    std::string message(header, '\0');
    auto* start = reinterpret_cast<u_char*>(message.data());
    message.resize(static_cast<size_t>(ngx_syslog_add_header(peer, start) - start));
    message += line;
    if (ngx_syslog_send(peer, reinterpret_cast<u_char*>(message.data()), message.size()) < 0) {
        ngx_log_error(NGX_LOG_WARN, c->log, 0, "send() to syslog failed");
    }
}

}  // namespace

void HandshakeLogs::flush(const ngx_open_file_t* file) const {
    for (const auto& known : files_) {
        if (file == nullptr || known->file() == file) {
            known->flush();
        }
    }
}

void write_handshake_logs(const ngx_array_t& logs, ngx_connection_t* c, ngx_http_connection_t* http) {
    const ScratchRequest request(c, http);
    ngx_http_request_t* r = request.get();
    if (r == nullptr) {
        return;
    }
    const auto* log = static_cast<const HandshakeLog*>(logs.elts);
    for (ngx_uint_t i = 0; i < logs.nelts; ++i) {
        if (!is_wanted(r, log[i])) {
            continue;
        }
        std::string line = make_line(r, *log[i].format);
        if (log[i].syslog != nullptr) {
            send_to_syslog(c, log[i].syslog, line);
            continue;
        }
        line += '\n';
        log[i].file->write(line);
    }
}

void flush_handshake_logs(volatile ngx_cycle_t* cycle, const ngx_open_file_t* file) {
    // Null without an http block.
    const auto* main =
        static_cast<const MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_tls_module));
    if (main != nullptr && main->handshake_logs != nullptr) {
        guarded([&] { main->handshake_logs->flush(file); });
    }
}

}  // namespace tls

// The handshake log: tls_handshake_log and tls_handshake_format.
//
// Read with the configuration, written by Connection::conclude(). A line is made of nginx's variables, ours
// among them, on a request that nobody sent: so whatever nginx knows of a connection may stand in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/escape.h"
#include "log_file.h"
#include "nginx.h"

namespace tls {

struct HandshakeFormat {
    struct Piece {
        std::string text;
        Escape escape = Escape::Default;
        ngx_int_t variable = NGX_ERROR;  // its index, or NGX_ERROR for text
    };
    std::string name;
    std::vector<Piece> pieces;
};

// One tls_handshake_log. Lives in the configuration's pool.
struct HandshakeLog {
    LogFile* file;              // or null for
    ngx_syslog_peer_t* syslog;  // a syslog server
    const HandshakeFormat* format;
    ngx_http_complex_value_t* condition;  // null: every connection
};

// One for the configuration: formats and files.
class HandshakeLogs {
  public:
    // Each logs what is wrong as [emerg] and returns null then.
    const HandshakeFormat* add_format(ngx_conf_t* cf);
    const HandshakeFormat* find_format(ngx_conf_t* cf, std::string_view name);
    LogFile* add_file(ngx_conf_t* cf, ngx_str_t path, size_t buffer_size, ngx_msec_t flush);

    // Writes out the buffer of `file`, or of all when it is null.
    void flush(const ngx_open_file_t* file) const;

  private:
    const HandshakeFormat* compile(ngx_conf_t* cf, const std::string& name, Escape escape,
                                   const std::string& text);

    std::vector<std::unique_ptr<HandshakeFormat>> formats_;
    std::vector<std::unique_ptr<LogFile>> files_;
};

// The directives' handlers.
char* set_handshake_format(ngx_conf_t* cf, ngx_command_t* command, void* main_conf);
char* set_handshake_log(ngx_conf_t* cf, ngx_command_t* command, void* server_conf);

// Writes the connection's line to each of `logs` (HandshakeLog) that wants it.
void write_handshake_logs(const ngx_array_t& logs, ngx_connection_t* c, ngx_http_connection_t* http);

// Writes out what is still in the buffer of `file`, or in all when it is null.
void flush_handshake_logs(volatile ngx_cycle_t* cycle, const ngx_open_file_t* file);

}  // namespace tls

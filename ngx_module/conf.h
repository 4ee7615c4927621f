// The module's configuration: what the directives of a server block said, and what was built from it.
//
// Filled while nginx reads its configuration, read-only afterwards. The structures live in nginx's
// configuration pool; what they own of C++ is given back by a cleanup of that pool.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "counting.h"
#include "nginx.h"
#include "server/context.h"

extern "C" ngx_module_t ngx_http_tls_module;
struct ngx_thread_pool_s;

namespace tls {

class CredentialFinder;
class SharedNotes;
class SharedSessions;
class FixedTicketKeys;
class HandshakeLogs;
class KeyLog;
struct OtherServer;

// A directive's place, for messages.
struct ConfPlace {
    ngx_str_t file;
    ngx_uint_t line;
};

// What happens to a client for whose name, or lack of one, there is no certificate.
enum class WithoutCertificate { Default, Refuse };

// Who makes the records after the handshake.
enum class RecordMaker { Auto, Libssl };

// tls_batch: whether handshakes use this module's own key work.
enum class BatchMode { Auto, On, Off };

// A certificate or key as written, and where.
struct ConfSource {
    ngx_str_t text;
    ConfPlace place;
};

struct ServerConf {
    // As configured; nginx's unset values until merged.
    ngx_flag_t enable;
    ngx_array_t* certificates;  // ConfSource, as is the next
    ngx_array_t* certificate_keys;
    ngx_str_t password_file;
    ngx_array_t* directories;  // ngx_str_t: tls_certificate_directory
    ngx_flag_t internal;       // tls_certificate internal
    ngx_str_t internal_ca;
    ngx_uint_t unknown_name;  // WithoutCertificate, as is the next
    ngx_uint_t no_name;
    ngx_int_t catalog_max;    // names; 0: nothing is kept
    time_t catalog_inactive;  // seconds, as is the next
    time_t catalog_valid;
    time_t expiry_warning;  // seconds before the end; 0: never
    ngx_str_t profile;
    ngx_uint_t protocols;  // ProtocolBit
    ngx_str_t ciphers;
    ngx_str_t ciphersuites;
    ngx_str_t groups;
    ngx_str_t signature_algorithms;
    ngx_str_t dhparam;
    ngx_flag_t prefer_server_ciphers;
    size_t buffer_size;  // bytes
    ngx_uint_t records;  // RecordMaker
    size_t record_size;  // bytes; 0: as it fits the connection
    ngx_uint_t verify;   // VerifyMode
    ngx_int_t verify_depth;
    ngx_str_t client_certificate;
    ngx_str_t trusted_certificate;
    ngx_str_t crl;
    ngx_int_t cache_mode;    // CacheMode
    ngx_int_t builtin_size;  // sessions; -1: libssl's default, 0: no builtin cache
    SharedSessions* shared_sessions;
    ngx_flag_t session_tickets;
    ngx_array_t* ticket_key_files;  // ngx_str_t
    ngx_int_t ticket_count;         // a full TLS 1.3 handshake
    time_t session_timeout;         // seconds
    ngx_flag_t early_data;
    ngx_uint_t batch;  // BatchMode
    ngx_flag_t signatures_ahead;
    ngx_thread_pool_s* key_threads;  // of tls_key_threads; null: off
    ngx_array_t* conf_commands;      // ngx_keyval_t
    ngx_flag_t reject_handshake;
    size_t hello_max_size;         // bytes
    ngx_msec_t handshake_timeout;  // milliseconds; 0: the server's client_header_timeout

    ngx_array_t* handshake_logs;  // HandshakeLog; null: none
    ngx_flag_t handshake_log_off;
    KeyLog* key_log;  // null: none

    ngx_uint_t plain_mode;        // PlainMode; see plain_conf.h
    ngx_uint_t plain_any_method;  // 1: requests=any
    ngx_array_t* plain_except;    // ngx_str_t: prefixes of paths; null: none
    ngx_uint_t other_set;         // 1: tls_other stands in this block
    const OtherServer* other;     // null: none
    ngx_msec_t other_timeout;     // milliseconds

    ConfPlace place;              // of `tls`
    ConfPlace plain_place;        // of `tls_plain`
    ConfPlace certificate_place;  // of the first `tls_certificate` in the block

    // Built after the configuration was read. Owned by MainConf.
    const ServerContext* context;     // null: none of its own; see borrowed
    CredentialFinder* finder;         // null: no certificates by name
    ngx_array_t* certificate_values;  // ngx_http_complex_value_t; null without variables, as is the next
    ngx_array_t* certificate_key_values;
    ngx_array_t*
        names;  // ngx_http_server_name_t: nginx forgets its own list when it has read the configuration
    uint64_t count_identity;  // of a CountedServer; 0: it is not counted by itself
    uint32_t count_place;     // in the shared counters; 0: none of its own
    // Contexts with the certificates of an address's default server, by that server; null when not needed.
    std::map<const ServerConf*, const ServerContext*>* borrowed;
};

// An address on which some server says `tls on`.
struct TlsSocket {
    ngx_sockaddr_t sockaddr;
    socklen_t size;
    bool upgrades;  // some server on it offers TLS to requests in the clear
};

// One for the configuration: owner of everything built from it.
struct MainConf {
    std::vector<TlsSocket> sockets;
    std::vector<std::unique_ptr<ServerContext>> contexts;
    bool told_of_records = false;      // that libssl makes them after all
    bool batch_told = false;           // what `tls_batch on` uses stands in the log
    bool threads_told = false;         // and that `tls_key_threads` has not all keys
    bool ipsec_mb_told = false;        // the same of its part in records, or why it has none
    SharedNotes* notes = nullptr;      // null when no server serves TLS
    std::vector<std::string> folders;  // of certificates
    std::map<std::string, std::unique_ptr<CredentialFinder>> finders;  // by what their source is made of
    std::map<std::pair<std::string, std::string>, std::shared_ptr<const Credential>> credentials;
    // True when something in the configuration may ask a connection for these; known when all of it is read.
    bool keeps_fingerprints = false;
    bool keeps_particulars = false;
    std::vector<std::unique_ptr<FixedTicketKeys>> file_ticket_keys;
    bool status_zone_said = false;       // `tls_status_zone` stands somewhere
    bool status_zone_off = false;        // and says so
    size_t status_zone_size = 0;         // bytes; 0: as large as needed
    ConfPlace status_place{};            // of the first `tls_status`
    SharedCounters* counters = nullptr;  // null: off
    std::vector<CountedServer> counted;
    std::vector<StaticCertificate> static_certificates;
    std::vector<std::unique_ptr<OtherServer>> others;
    bool warned_of_upgrade = false;
    std::vector<std::unique_ptr<std::map<const ServerConf*, const ServerContext*>>> borrowed;
    std::vector<std::unique_ptr<KeyLog>> key_logs;
    std::unique_ptr<HandshakeLogs> handshake_logs;  // null without a directive of theirs

    MainConf();
    ~MainConf();
};

// One directive's row of the module's table.
extern ngx_command_t kDirectives[];

void* create_main_conf(ngx_conf_t* cf);
void* create_server_conf(ngx_conf_t* cf);
char* merge_server_conf(ngx_conf_t* cf, void* parent, void* child);

// Refuses a server with `tls on` and nginx's own TLS on one address.
char* check_beside_stock(ngx_conf_t* cf, void* main_conf);

// Builds every context and checks what only the whole configuration shows. Logs what is wrong as [emerg].
ngx_int_t build_contexts(ngx_conf_t* cf);

// [emerg], with the directive's place when it is known.
void log_conf_error(ngx_conf_t* cf, const std::string& message, const ConfPlace& place);

// False for an address that QUIC listens on.
inline bool is_stream_address(const ngx_http_conf_addr_t& address) {
#if (nginx_version >= 1025000)
    return address.opt.type == SOCK_STREAM;
#else
    (void)address;
    return true;
#endif
}

inline MainConf* main_conf_of(const ngx_http_conf_ctx_t* ctx) {
    return static_cast<MainConf*>(ctx->main_conf[ngx_http_tls_module.ctx_index]);
}
inline ServerConf* server_conf_of(const ngx_http_conf_ctx_t* ctx) {
    return static_cast<ServerConf*>(ctx->srv_conf[ngx_http_tls_module.ctx_index]);
}
inline ServerConf* server_conf_of(const ngx_http_core_srv_conf_t* server) {
    return server_conf_of(server->ctx);
}

// Where a server's certificates come from: the server itself, or the default server of its address.
const ServerConf& lender_of(const ServerConf& server, const ServerConf& default_server);
// True when the server says where certificates come from, by any directive.
bool has_certificates(const ServerConf& server);

// The context of a server on an address whose default server is `default_server`; null when neither has
// certificates.
const ServerContext* context_on(const ServerConf& server, const ServerConf& default_server);

}  // namespace tls

// One connection to an address of ours, from its accept to its end.
//
// Lives in the connection's pool and dies with it. Until the handshake ends nginx's `c->data` points here, so
// that every event finds its way; then nginx gets its own data back and finds us through `c->ssl`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hello/assembler.h"
#include "hello/client_hello.h"
#include "listeners.h"
#include "nginx.h"
#include "server/choose.h"
#include "server/tunnel.h"

namespace tls {

struct ServerConf;
class Connection;

// What nginx's core takes for its own TLS connection; it reads and clears fields of it, and frees the SSL.
struct CoreSsl : ngx_ssl_connection_t {
    Connection* owner;
};

class Connection {
  public:
    // The connection behind a request or its stream; null when it is not encrypted by us.
    static Connection* of(const ngx_connection_t* c);

    // For a connection that nginx has just initialized. Null when memory ran out; nothing is changed then.
    static Connection* adopt(ngx_connection_t* c);

    // The phases, in order. Each either moves on, waits for an event that calls it again, or closes the
    // connection; then this object is gone.
    void read_first_bytes();       // PROXY protocol header, sniff, ClientHello
    void start(ByteView message);  // choose; with the whole hello in hand
    void continue_handshake();

    const Facts& facts() const { return *facts_; }
    Tunnel& tunnel() const { return *tunnel_; }
    // The server block that was chosen by name when the connection began.
    const ServerConf& server() const { return *server_; }
    bool named() const { return matched_by_ != MatchedBy::NoName; }
    bool is_http2() const { return tunnel_ != nullptr && tunnel_->alpn() == "h2"; }

    // The server name of the hello, when it is a host name: lower case, no trailing dot.
    const std::string& name() const { return name_; }

    // Handlers that wait while a transfer in the other direction must go on first.
    ngx_event_handler_pt saved_read_handler = nullptr;
    ngx_event_handler_pt saved_write_handler = nullptr;
    // Early data cannot be read while a write is unfinished.
    bool reading_blocked = false;

    // Bytes that were read but are for nginx's HTTP to read, on a connection that is not TLS.
    size_t take_plain_bytes(u_char* out, size_t size);
    bool has_plain_bytes() const { return !inbox_.empty(); }
    // The same object for a connection that is not encrypted, found by its pool. Null on connections of
    // others.
    static Connection* in_pool_of(const ngx_connection_t* c);

  private:
    enum class Phase { ProxyHeader, FirstBytes, Hello, Handshake, Established, Plain };

    explicit Connection(ngx_connection_t* c);
    static void on_pool_cleanup(void* data);
    static void on_first_bytes(ngx_event_t* event);
    static void on_handshake_event(ngx_event_t* event);

    bool ended_early(ngx_event_t* event);
    bool take(ByteView bytes);
    bool take_proxy_header(ByteView bytes);
    bool take_first_bytes(ByteView bytes);
    bool take_hello(ByteView bytes);
    ByteView gather(ByteView bytes);
    void wait_for(ngx_event_t* event);
    void become_plain(ByteView bytes);
    void refuse(const Refusal& refusal);
    bool find_server(const ClientHello& hello, ServerTerms* terms);
    void find_credentials(ServerTerms* terms);
    std::shared_ptr<const CredentialSet> evaluate_certificates(const ServerConf& conf);
    void select_server(ngx_http_core_srv_conf_t* server);
    void open_tunnel(const ClientHello& hello, const Choice& choice);
    void established();
    void install_core_ssl();
    void hand_to_http();
    void log_failure();
    void close();

    ngx_connection_t* c_;
    ngx_http_connection_t* http_;
    ngx_event_handler_pt http_handler_;  // nginx's own first handler of an HTTP connection
    Phase phase_;
    MatchedBy matched_by_ = MatchedBy::NoName;
    const ServerConf* server_ = nullptr;
    uint16_t alert_version_ = 0x0303;
    std::string name_;            // the server name, when it is a host name
    std::vector<uint8_t> inbox_;  // bytes that are not decided on yet
    std::optional<HelloAssembler> assembler_;
    std::unique_ptr<Tunnel> tunnel_;
    std::optional<Facts> facts_;
    CoreSsl core_ssl_;
};

// nginx's accept handler on addresses of ours.
void on_accepted(ngx_connection_t* c);

}  // namespace tls

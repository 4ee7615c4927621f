// One connection to an address of ours, from its accept to its end.
//
// Dies with the connection's pool. Until the handshake ends nginx's `c->data` points here, so
// that every event finds its way; then nginx gets its own data back and finds us through `c->ssl`.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "counting.h"
#include "hello/assembler.h"
#include "hello/client_hello.h"
#include "hello/fingerprints.h"
#include "listeners.h"
#include "nginx.h"
#include "server/choose.h"
#include "server/report.h"
#include "server/tunnel.h"
#include "server/verdict.h"

namespace tls {

struct ServerConf;
class Connection;
class KeyTask;
class Relay;

// What nginx's core takes for its own TLS connection; it reads and clears fields of it, and frees the SSL.
// A Connection begins with one, by which it is found.
struct CoreSsl {
    ngx_ssl_connection_t core_ssl;
};

class Connection : CoreSsl {
  public:
    // The connection behind a request or its stream; null when it is not encrypted by us.
    static Connection* of(const ngx_connection_t* c);

    // For a connection that nginx has just initialized. Null when memory ran out; nothing is changed then.
    static Connection* adopt(ngx_connection_t* c);

    // The phases, in order. Each either moves on, waits for an event that calls it again, or closes the
    // connection; then this object is gone.
    bool read_first_bytes();       // PROXY protocol header, sniff, ClientHello; false when none were there
    void wait_for_bytes();         // the same, when they come
    void start(ByteView message);  // choose; with the whole hello in hand
    void continue_handshake();
    // The same for one that waited in the Gathering; `prepared()` is what it waited for; in Signing, or for a
    // KeyTask.
    void go_on();
    Prepared* prepared() const { return tunnel_->prepared(); }

    // How the connection fared, for conclude().
    struct Ending {
        Reason reason;
        EndedBy ended_by;
        const char* text = "";  // why, where there is more to say than the reason; static memory
        PortUse use = PortUse::Tls;
    };
    // Tells what became of the connection, while it is still open. Once: a second call does nothing.
    void conclude(const Ending& ending);
    // The same for all connections that are not decided on yet, in a worker that ends now.
    static void conclude_all(ngx_cycle_t* cycle);
    bool concluded() const { return concluded_; }
    // HTTP in the clear, as far as is known.
    bool is_plain() const { return phase_ == Phase::Plain; }
    // Whole when concluded; before that, what is known so far.
    const Report& report() const { return beginning_ != nullptr ? beginning_->report : *told_; }
    // What is its own, until it is decided on; then where MainConf::keeps_particulars says so, and for a
    // fault that is told at the end. Empty ones else.
    const Particulars& particulars() const;
    bool has_particulars() const;

    // What was agreed, when the handshake has ended well.
    const Facts& facts() const { return report().facts; }
    // The same of a handshake that failed, as far as it came; null when it was not as far as a ServerHello.
    const Facts* agreed() const { return facts().version != 0 ? &facts() : nullptr; }
    Tunnel& tunnel() const { return *tunnel_; }
    // The server block that was chosen by name when the connection began.
    const ServerConf& server() const { return *server_; }
    bool named() const { return report().matched_by != MatchedBy::NoName; }
    bool is_http2() const { return std::string_view(facts().alpn) == "h2"; }

    // The server name of the hello, when it is a host name: lower case, no trailing dot. Until it is decided
    // on; empty afterwards.
    std::string name() const { return beginning_ != nullptr ? beginning_->name : std::string(); }

    // Of the hello, refused or not, from when it is read to the connection's end. Null for one that could not
    // be parsed, on a connection without one, and where MainConf::keeps_fingerprints is false.
    Fingerprints* fingerprints() const { return fingerprints_.get(); }

    // The same as the client sent it, for a line of the error log: no name can break the line or fill it.
    std::string shown_name() const;

    // One line for a client whose certificate its server does not take: told by its request, in the request's
    // log, or, if it makes none, when the connection ends. `more`: behind the reason.
    void log_certificate_fault(CertificateFault fault, ngx_log_t* log, const std::string& more = "");

    // Bytes have moved in its tunnel.
    void count_traffic() { count_.go_on(*tunnel_); }

    // Handlers that wait while a transfer in the other direction must go on first. In the fields that the
    // core has for the same.
    ngx_event_handler_pt* saved_read_handler() { return &core_ssl.saved_read_handler; }
    ngx_event_handler_pt* saved_write_handler() { return &core_ssl.saved_write_handler; }
    // Early data cannot be read while a write is unfinished.
    bool reading_blocked() const { return reading_blocked_; }
    void block_reading(bool blocked) { reading_blocked_ = blocked; }
    // The end of a response is among what is sent.
    bool last_seen() const { return last_seen_; }
    void see_last(bool seen) { last_seen_ = seen; }

    // Sends what is held to the end of the turn; null when nothing is.
    std::unique_ptr<ngx_event_t> held;
    // Says goodbye behind the last stream of HTTP/2; null before.
    std::unique_ptr<ngx_event_t> ending;

    // Gives the SSL back where nobody will ask for it, and shows nginx's core another in its place. After the
    // handshake; does nothing where libssl makes the records, or while early data comes. Kept for a client
    // with a certificate: other modules read it there, and nginx's own verification does.
    void give_ssl_back();
    // Sends close_notify, unless nginx's core does, has a reason not to, or it was sent.
    void say_goodbye();

    // The connection behind `c` whether it is encrypted by now or not, found by its pool. Null on connections
    // of others.
    static Connection* in_pool_of(const ngx_connection_t* c);

    // --- HTTP in the clear ---
    // Takes note of what a request became; nginx answers it.
    void note_plain(PortUse use) { conclude({Reason::PlainHttp, EndedBy::Nobody, "", use}); }
    // True when the request whose head was read last asks for `*`; nginx has been shown "/". Said once.
    bool take_asterisk();
    // Bytes that the client sent together with the request that ends now begin the next one.
    void look_behind(const ngx_http_request_t* r);

    // From the post-read phase of a request that asks for TLS: 101, the handshake, and then the request's
    // phases again, from this one on. What the handler returns. `protocol`: for the 101, "TLS/1.2".
    ngx_int_t upgrade(ngx_http_request_t* r, const std::string& protocol);
    // True from then on.
    bool upgraded() const { return upgraded_; }

    // --- what is neither ---
    // The relay has ended; closes the connection.
    void end_other();

  private:
    enum class Phase : uint8_t { ProxyHeader, FirstBytes, Hello, Handshake, Established, Plain, Other };

    explicit Connection(ngx_connection_t* c);
    ~Connection();
    static void on_pool_cleanup(void* data);
    static void on_first_bytes(ngx_event_t* event);
    static void on_handshake_event(ngx_event_t* event);
    static void on_switching(ngx_event_t* event);
    static ssize_t on_plain_receive(ngx_connection_t* c, u_char* buffer, size_t size);

    bool ended_early(ngx_event_t* event);
    bool take(ByteView bytes);
    bool take_proxy_header(ByteView bytes);
    bool take_first_bytes(ByteView bytes);
    bool take_hello(ByteView bytes);
    ByteView gather(ByteView bytes);
    void keep(ByteView all);
    void wait_for(ngx_event_t* event);
    void wait_for_signature();
    bool waits() const { return gathered_ || signing_ || beginning_->key_task != nullptr; }
    void arm_deadline();
    void arm_silence();
    bool take_http(ByteView bytes);
    void become_plain(ByteView bytes, bool http2);
    ssize_t receive_plain(u_char* buffer, size_t size);
    void find_asterisk(u_char* bytes, size_t size);
    void become_other(ByteView bytes);
    void begin_again();
    void switch_protocols();
    void refuse_injection();
    void resume_request();
    void drop_request();
    void refuse(const Refusal& refusal);
    void linger();
    static void on_lingering(ngx_event_t* event);
    bool find_server(const ClientHello& hello, ServerTerms* terms);
    const ServerConf& lending_server() const;  // see lender_of()
    void find_credentials(ServerTerms* terms);
    std::shared_ptr<const CredentialSet> evaluate_certificates(const ServerConf& conf,
                                                               CertifiedOutcome* outcome);
    void select_server(ngx_http_core_srv_conf_t* server);
    void open_tunnel(const ClientHello& hello, const Choice& choice);
    void established();
    void settle();
    void note_agreed();
    void install_core_ssl();
    void hand_to_http();
    void wait_for_request();
    static void send_rest(ngx_connection_t* c, ngx_atomic_uint_t number);
    void log_failure();
    void log_ending(int system_error, const char* text, Reason reason) const;
    void note_choice(const Choice& choice);
    void conclude_failure();
    void conclude_success();
    void log_untold_fault();
    void close();
    void end(const Ending& ending);

    // What is needed until a handshake has ended, and as long as the connection is not encrypted.
    struct Beginning {
        explicit Beginning(ngx_connection_t* c);
        ~Beginning();
        ngx_http_connection_t* http;        // nginx's, of an HTTP connection
        ngx_event_handler_pt http_handler;  // and its own first handler of one
        std::chrono::steady_clock::time_point accepted = std::chrono::steady_clock::now();
        ngx_msec_t deadline = 0;      // of the handshake, as ngx_current_msec
        KeyTask* key_task = nullptr;  // what it waits for, when a thread makes it
        std::string name;             // the server name, when it is a host name
        std::vector<uint8_t> inbox;   // bytes that are not decided on yet
        std::unique_ptr<HelloAssembler> assembler;
        uint16_t alert_version = 0x0303;
        bool may_be_silent = false;  // the timer is that of tls_other_timeout
        bool plain_http2 = false;
        bool asterisk = false;
        ngx_http_request_t* upgrading = nullptr;         // whose answer waits for the handshake
        ngx_event_handler_pt request_handler = nullptr;  // nginx's own, while it does
        std::string switching;                           // of the 101, what is not sent
        std::unique_ptr<Relay> relay;
        // Both are whole when concluded; before that, what is known so far.
        Report report;
        Particulars particulars;
    };

    // Thousands of connections are at rest: what they hold is kept small.
    ngx_connection_t* c_;
    std::unique_ptr<Beginning> beginning_;  // null once the handshake has ended
    const ServerConf* server_;
    std::unique_ptr<Tunnel> tunnel_;
    std::unique_ptr<Fingerprints> fingerprints_;
    std::shared_ptr<const Report> told_;              // when there is no beginning_
    std::unique_ptr<const Particulars> particulars_;  // the same; null when they are not kept
    ConnectionCount count_;
    Phase phase_;
    bool concluded_ = false;
    bool fault_told_ = false;  // see log_certificate_fault()
    bool gathered_ = false;    // waits in the Gathering
    bool signing_ = false;     // waits in Signing
    bool upgraded_ = false;
    bool reading_blocked_ = false;
    bool last_seen_ = false;
};

// nginx's accept handler on addresses of ours.
void on_accepted(ngx_connection_t* c);

}  // namespace tls

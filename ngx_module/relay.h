// Bytes from a client to another server and back, as they are: tls_other.
//
// Owned by the connection that it works for, which it closes when it is done. Both sides' `c->data` is the
// relay while it lives. Reads no more than it can hold; never looks at what it carries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/pace.h"
#include "nginx.h"

namespace tls {

class Connection;
struct OtherServer;

// What nginx's HTTP has for the server's answers, for bytes that are none.
struct RelayLimits {
    ngx_msec_t send_timeout = 0;  // milliseconds; for connecting, and for a side that takes nothing
    Pace pace;                    // of what goes to the client
};

class Relay {
  public:
    // `first`: what the client has sent so far. It goes out before anything else, behind the PROXY protocol
    // header where that is wanted.
    Relay(Connection* owner, ngx_connection_t* client, const OtherServer& to, std::vector<uint8_t> first,
          const RelayLimits& limits);
    // Closes its side to the other server.
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    // Begins to connect. When nobody can be reached the client's connection is closed, and this is gone.
    void start();

  private:
    // One of the two directions. It is over when its source has ended and all has been passed on.
    struct Stream {
        ngx_connection_t* from = nullptr;
        ngx_connection_t* to = nullptr;
        std::vector<uint8_t> buffer;
        size_t begin = 0;  // in buffer: what is to be sent
        size_t end = 0;
        uint64_t received = 0;
        uint64_t sent = 0;
        bool ended = false;  // nothing more comes from the source
        bool shut = false;   // the destination has been told so, or is gone

        bool empty() const { return begin == end; }
        bool over() const { return ended && empty() && shut; }
    };

    static void on_event(ngx_event_t* event);
    void handle(ngx_event_t* event);
    void handle_timeout(ngx_event_t* event);
    void connect();
    void finish_connecting();
    void drop_server();
    bool put_proxy_header();
    void begin();
    void pump();
    bool move(Stream* stream);
    bool receive(Stream* stream);
    bool send(Stream* stream);
    size_t may_send(const Stream& stream) const;
    bool arm(const Stream& stream);
    void finish(const char* why);

    Connection* owner_;
    ngx_connection_t* client_;
    ngx_connection_t* server_ = nullptr;
    const OtherServer& to_;
    RelayLimits limits_;
    ngx_event_t next_;      // when more may go to the client
    ngx_msec_t begun_ = 0;  // ngx_current_msec when the other server was there
    size_t tried_ = 0;      // addresses
    bool connected_ = false;
    Stream up_;    // from the client
    Stream down_;  // to the client
};

}  // namespace tls

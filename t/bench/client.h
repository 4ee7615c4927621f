// One connection of the load client: connect, handshake, requests, end.
//
// Driven by the load client's epoll loop; never blocks. A Client is used for one connection after the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "client_setup.h"

namespace bench {

// Monotonic time in microseconds.
uint64_t now_us();

class Client {
  public:
    enum class State { Idle, Connecting, Handshaking, Sending, Receiving, Closing, Done, Failed };

    explicit Client(ClientSetup* setup) : setup_(setup) {}
    ~Client() { release(); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Begins a connection for the name with that index and registers it with `epoll`, edge-triggered. With
    // `keep`, the sessions that the server gives are kept for later ones. Afterwards look at state().
    void start(int epoll, size_t name, bool resume, bool keep);
    // Goes on as far as possible.
    void on_event();
    // Ends the connection as a failure of that kind.
    void fail(std::string kind);
    // Closes, by a reset, and becomes Idle.
    void release();

    State state() const { return state_; }
    bool active() const { return state_ != State::Idle && state_ != State::Done && state_ != State::Failed; }
    uint64_t started_us() const { return started_us_; }
    // Done, and the server has not closed it either.
    bool stands() const;

    // Facts of the last connection.
    const std::string& failure() const { return failure_; }  // its kind, when Failed
    bool handshaked() const { return handshake_us_ != 0; }
    uint64_t handshake_us() const { return handshake_us_; }  // from connect to the client's Finished
    bool was_refused() const { return was_refused_; }        // by an alert, where that was wanted
    bool was_resumed() const { return was_resumed_; }
    uint32_t requests_done() const { return requests_done_; }
    uint64_t body_bytes() const { return body_bytes_; }
    // Of each request, from its first byte to its answer's last.
    const std::vector<uint32_t>& request_us() const { return request_us_; }

  private:
    // Each returns true when it is done with its state and the next one may run, false when it waits or
    // failed.
    bool do_connect();
    bool connect_clear();
    bool do_handshake();
    bool do_send();
    bool do_receive();
    bool do_close();
    // As of SSL_read() and SSL_write(), on a connection without TLS too.
    int receive(char* data, size_t size);
    int send_some(const char* data, size_t size);

    void next_request();
    void end();
    bool is_for_name() const;
    // Reads the head of the answer from what came; false until it is whole, or after a failure.
    bool parse_head();
    // False when `result` only says that libssl waits; else fails with the kind of the error.
    bool check_wait(int result, const char* where);

    ClientSetup* setup_;
    State state_ = State::Idle;
    int descriptor_ = -1;
    UniqueSsl ssl_;
    size_t name_ = 0;
    uint64_t started_us_ = 0;
    uint64_t handshake_us_ = 0;
    bool was_resumed_ = false;
    bool was_refused_ = false;
    std::string failure_;

    std::string output_;
    size_t sent_ = 0;
    std::string head_;
    bool in_body_ = false;
    uint64_t body_left_ = 0;
    uint64_t body_bytes_ = 0;
    uint32_t requests_done_ = 0;
    uint64_t request_started_us_ = 0;
    std::vector<uint32_t> request_us_;
};

}  // namespace bench

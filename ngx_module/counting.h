// What this worker counts, and where: the servers of the configuration, their places in the shared counters,
// and what one connection adds to them on its way.
//
// Everything here does nothing where `tls_status_zone` is off.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/catalog.h"
#include "nginx.h"
#include "server/report.h"
#include "server/tunnel.h"
#include "shared_counters.h"
#include "stats/counting.h"

namespace tls {

struct MainConf;
struct ServerConf;

// Made with the configuration: every server with `tls on`, in its order.
struct CountedServer {
    std::string label;
    uint64_t identity = 0;
    const ServerConf* conf = nullptr;
};

// A certificate that is known from the configuration.
struct StaticCertificate {
    size_t server = 0;  // index of a CountedServer
    std::string name;
    std::string key_type;
    time_t not_after = 0;
};

// Lists the servers that are counted, and makes the zone. Called when the contexts have been built. Logs what
// is wrong as [emerg].
ngx_int_t build_counters(ngx_conf_t* cf);

// Gives the servers places in the counters. Called in the master before workers begin, also at a reload.
void begin_counting(ngx_cycle_t* cycle);
// Begins this worker's own entry. Called in each worker.
void begin_counting_worker();

// One connection's part in the counters, from its accept to its end.
class ConnectionCount {
  public:
    ConnectionCount() = default;
    ConnectionCount(const ConnectionCount&) = delete;
    ConnectionCount& operator=(const ConnectionCount&) = delete;
    ~ConnectionCount() { show_as(State::Nothing); }

    // The default server of the connection's address, then the one that its name leads to.
    void begin(const ServerConf& server);
    void move(const ServerConf& server);
    // Certificates were looked for; null when none were found. `is_named`: the set has a name that may be
    // shown. One that variables made has not: it says paths, or holds a key.
    void look_up(const ServerConf& server, CertifiedOutcome outcome, const CredentialSet* found,
                 bool is_named);
    // What was done with its sessions; call before the tunnel gives its SSL back.
    void note_sessions(Tunnel* tunnel);
    // What became of it. `tunnel` may be null.
    void conclude(const Report& report, const Particulars& particulars, Tunnel* tunnel);
    // Bytes have moved since, or the connection ends.
    void go_on(const Tunnel& tunnel);
    void finish(Tunnel* tunnel);

  private:
    enum class State : uint8_t { Nothing, Handshaking, Active };
    void show_as(State state);
    void add_traffic(uint64_t received, uint64_t sent);

    State state_ = State::Nothing;
    std::optional<CertifiedOutcome> certified_;
    uint32_t place_ = 0;
    // Of the tunnel, counted so far, modulo 2^32: what is not counted yet is less.
    uint32_t received_ = 0;
    uint32_t sent_ = 0;
};

}  // namespace tls

#include "counting.h"

#include "auth/identity.h"
#include "base/guard.h"
#include "conf.h"
#include "server/tally.h"

namespace tls {

namespace {

// Traffic of a connection is counted in pieces of this size, and the rest at its end.
constexpr uint64_t kTrafficPiece = 64 * 1024;

struct Counting {
    SharedCounters* counters = nullptr;  // null: off
    Gauges* gauges = nullptr;            // of this worker, for each place; null when it has no entry
    size_t shard = 0;
    bool is_worker = false;
};

Counting& counting() {
    static Counting own;
    return own;
}

MainConf* main_conf_of(ngx_cycle_t* cycle) {
    if (cycle->conf_ctx[ngx_http_module.index] == nullptr) {
        return nullptr;
    }
    return static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_tls_module));
}

void begin_worker() {
    Counting& own = counting();
    if (own.counters == nullptr) {
        return;
    }
    CounterBoard board = own.counters->board();
    own.shard = static_cast<size_t>(ngx_worker) % board.shape().shards;
    own.gauges = board.begin_worker(static_cast<size_t>(ngx_process_slot), static_cast<int>(ngx_pid),
                                    own.counters->generation());
    own.is_worker = true;
}

void place_servers(ngx_cycle_t* cycle) {
    MainConf* main = main_conf_of(cycle);
    Counting& own = counting();
    const SharedCounters* older = own.counters;
    own.counters = main != nullptr ? main->counters : nullptr;
    own.gauges = nullptr;
    if (own.counters == nullptr) {
        return;
    }
    std::vector<uint64_t> identities;
    for (const CountedServer& server : main->counted) {
        identities.push_back(server.identity);
    }
    const std::vector<uint32_t> places = own.counters->place_servers(identities, older);
    size_t without = 0;
    for (size_t i = 0; i < places.size(); ++i) {
        const_cast<ServerConf*>(main->counted[i].conf)->count_place = places[i];
        without += places[i] == CounterBoard::kShared ? 1 : 0;
    }
    if (without != 0) {
        ngx_log_error(NGX_LOG_WARN, cycle->log, 0,
                      "\"tls_status_zone\" has no room for %uz servers, they are counted together", without);
    }
    // Without a master nobody else begins it again after a reload.
    if (own.is_worker) {
        begin_worker();
    }
}

// The worker is the only one that writes its gauges.
void step(std::atomic<uint32_t>* gauge, bool up) {
    const uint32_t value = gauge->load(std::memory_order_relaxed);
    // A place may have been begun anew under a connection, in an nginx without a master.
    gauge->store(up ? value + 1 : value - (value != 0 ? 1 : 0), std::memory_order_relaxed);
}

uint32_t place_of(const ServerConf& server) {
    return server.count_place != 0 ? server.count_place : CounterBoard::kShared;
}

void note_certificates(const ServerConf& server, const CredentialSet& set, bool is_named,
                       SharedCounters* counters) {
    const time_t now = ngx_time();
    for (const auto& credential : set.credentials) {
        // So that not each handshake takes the zone's lock.
        Credential::Told& told = credential->told;
        if (told.where == server.count_identity && now - told.at < CertificateTable::kNotedFor) {
            continue;
        }
        told = Credential::Told{server.count_identity, now};
        FoundCertificate found;
        found.server = server.count_identity;
        const X509* leaf = credential->leaf.get();
        found.name = is_named ? set.name : main_name(leaf);
        found.key_type = key_type(leaf);
        found.not_after = credential->not_after;
        counters->note_certificate(found, now);
    }
}

}  // namespace

void begin_counting(ngx_cycle_t* cycle) {
    guarded([&] { place_servers(cycle); });
}

void begin_counting_worker() {
    const bool serves = ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE;
    if (serves) {
        guarded(begin_worker);
    }
}

void ConnectionCount::show_as(State state) {
    Gauges* gauges = counting().gauges;
    if (gauges != nullptr && state_ != state) {
        if (state_ != State::Nothing) {
            step(state_ == State::Active ? &gauges[place_].active : &gauges[place_].handshaking, false);
        }
        if (state != State::Nothing) {
            step(state == State::Active ? &gauges[place_].active : &gauges[place_].handshaking, true);
        }
    }
    state_ = state;
}

void ConnectionCount::begin(const ServerConf& server) {
    place_ = place_of(server);
    show_as(State::Handshaking);
}

void ConnectionCount::move(const ServerConf& server) {
    // One without a place of its own is not served: the address's default server counts it.
    if (server.count_place == 0) {
        return;
    }
    const State state = state_;
    show_as(State::Nothing);
    place_ = server.count_place;
    show_as(state);
}

void ConnectionCount::look_up(const ServerConf& server, CertifiedOutcome outcome, const CredentialSet* found,
                              bool is_named) {
    certified_ = outcome;
    SharedCounters* const counters = counting().counters;
    if (found != nullptr && counters != nullptr) {
        note_certificates(server, *found, is_named, counters);
    }
}

void ConnectionCount::note_sessions(Tunnel* tunnel) {
    const Counting& own = counting();
    if (own.counters != nullptr) {
        own.counters->board().add(own.shard, place_, growth_of(tunnel->take_session_outcomes()));
    }
}

void ConnectionCount::conclude(const Report& report, const Particulars& particulars, Tunnel* tunnel) {
    show_as(report.handshaken ? State::Active : State::Nothing);
    const Counting& own = counting();
    if (own.counters == nullptr) {
        return;
    }
    ConnectionEvent event = event_of(report, particulars.duration);
    event.looked_for_certificate = certified_.has_value();
    event.certificate = certified_.value_or(CertifiedOutcome::Hit);
    CounterBoard board = own.counters->board();
    board.add(own.shard, place_, growth_of(event));
    if (event.handshaken || event.reason != Reason::Completed) {
        board.add_recent(own.shard, event.reason == Reason::Completed, ngx_time());
    }
    if (tunnel != nullptr) {
        note_sessions(tunnel);
        received_ = static_cast<uint32_t>(tunnel->bytes_received());
        sent_ = static_cast<uint32_t>(tunnel->bytes_sent());
    }
    if (report.use == PortUse::Tls || report.use == PortUse::Upgraded) {
        add_traffic(particulars.bytes_received, particulars.bytes_sent);
    }
}

void ConnectionCount::add_traffic(uint64_t received, uint64_t sent) {
    const Counting& own = counting();
    if (own.counters == nullptr) {
        return;
    }
    CounterBoard board = own.counters->board();
    if (received != 0) {
        board.add(own.shard, place_, cell_of(FamilyId::Received), received);
    }
    if (sent != 0) {
        board.add(own.shard, place_, cell_of(FamilyId::Sent), sent);
    }
}

void ConnectionCount::go_on(const Tunnel& tunnel) {
    const uint32_t received = static_cast<uint32_t>(tunnel.bytes_received()) - received_;
    const uint32_t sent = static_cast<uint32_t>(tunnel.bytes_sent()) - sent_;
    if (uint64_t{received} + sent >= kTrafficPiece) {
        add_traffic(received, sent);
        received_ += received;
        sent_ += sent;
    }
}

void ConnectionCount::finish(Tunnel* tunnel) {
    show_as(State::Nothing);
    const Counting& own = counting();
    if (tunnel == nullptr || own.counters == nullptr) {
        return;
    }
    add_traffic(static_cast<uint32_t>(tunnel->bytes_received()) - received_,
                static_cast<uint32_t>(tunnel->bytes_sent()) - sent_);
    note_sessions(tunnel);
}

}  // namespace tls

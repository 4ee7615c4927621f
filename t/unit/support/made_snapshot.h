// A status to show: two servers with a few of everything. Names of numbers are the numbers.
#pragma once

#include <string>

#include "stats/snapshot.h"

namespace tls::test {

inline const char* suite_name(uint16_t number) {
    return number == 0x1301 ? "TLS_AES_128_GCM_SHA256" : nullptr;
}

inline const char* no_name(uint16_t) {
    return nullptr;
}

inline const char* use_name(size_t index) {
    static constexpr const char* kUses[] = {"tls", "upgraded", "plain", "redirected", "refused", "other"};
    return kUses[index];
}

inline LabelNames made_names() {
    return {suite_name, no_name, no_name, use_name};
}

inline void count(ServerFigures* server, const ConnectionEvent& event) {
    for (const Growth::Step& step : growth_of(event)) {
        server->values[step.cell] += step.amount;
    }
}

inline ConnectionEvent made_handshake(std::chrono::nanoseconds duration = std::chrono::milliseconds(2)) {
    ConnectionEvent event;
    event.handshaken = true;
    event.version = 0x0304;
    event.cipher = 0x1301;
    event.group = 0x001d;
    event.signature = 0x0403;
    event.duration = duration;
    return event;
}

inline ConnectionEvent made_failure(Reason reason) {
    ConnectionEvent event;
    event.reason = reason;
    return event;
}

// 2026-11-23 16:00:00 UTC.
constexpr time_t kMadeNow = 1795449600;
constexpr time_t kMadeDay = 24 * 3600;

inline Snapshot made_snapshot() {
    Snapshot snapshot;
    snapshot.now = kMadeNow;
    snapshot.since = kMadeNow - 7500;
    snapshot.workers = 2;
    snapshot.software = "nginx 1.22.1, OpenSSL 3.0.17";
    snapshot.names = made_names();
    snapshot.servers.resize(2);
    ServerFigures& first = snapshot.servers[0];
    first.label = "example.com";
    count(&first, made_handshake());
    ConnectionEvent resumed = made_handshake(std::chrono::milliseconds(1));
    resumed.resumed = true;
    count(&first, resumed);
    count(&first, made_failure(Reason::NoSharedCipher));
    first.values[cell_of(FamilyId::Sent)] = 1234;
    first.connections.active = 3;
    first.connections.handshaking = 1;
    // What a configuration may say, at its worst.
    snapshot.servers[1].label = "~^\"<b>\\d+\n\xff";
    snapshot.whole = first;
    snapshot.whole.label.clear();
    snapshot.recent.completed[58] = 20;
    snapshot.recent.failed[58] = 10;
    snapshot.certificates = {{0, "example.com", "ECDSA", kMadeNow - kMadeDay, false},
                             {0, "example.com", "RSA", kMadeNow + 5 * kMadeDay + 60, false},
                             {1, "<i>\"", "ECDSA", kMadeNow + 80 * kMadeDay, true}};
    return snapshot;
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace tls::test

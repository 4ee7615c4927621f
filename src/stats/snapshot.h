// Everything that a status page tells, read at one moment.
//
// Filled by the glue from the counters and the configuration; the pages are made from it and from nothing
// else. A value.
#pragma once

#include <ctime>
#include <string>
#include <vector>

#include "stats/counter_board.h"
#include "stats/families.h"

namespace tls {

struct ServerFigures {
    std::string label;  // tells this server from all others; text of the configuration
    Values values{};
    GaugeValues connections;
};

struct CertificateLine {
    size_t server = 0;  // index into Snapshot::servers
    std::string name;
    std::string key_type;
    time_t not_after = 0;
    bool is_renewed_here = false;  // issued by this server's own authority: nobody has to do anything
};

struct Snapshot {
    time_t now = 0;
    time_t since = 0;      // when counting began
    size_t workers = 0;    // processes, those of an older configuration that still finish included
    std::string software;  // for instance "nginx 1.22.1, OpenSSL 3.0.17"
    std::vector<ServerFigures> servers;
    ServerFigures whole;  // servers that are gone included
    RecentSeconds recent;
    std::vector<CertificateLine> certificates;  // those that end first come first
    LabelNames names{};
};

// What rises and falls, beside the families of families.h.
struct Gauge {
    const char* metric;
    const char* key;
    uint64_t GaugeValues::*value;
    const char* help;
};

constexpr Gauge kGauges[] = {
    {"nginx_tls_connections_active", "connections_active", &GaugeValues::active,
     "Encrypted connections that are open."},
    {"nginx_tls_connections_handshaking", "connections_handshaking", &GaugeValues::handshaking,
     "Connections whose handshake has not ended."},
};

constexpr const char* kCertificateMetric = "nginx_tls_certificate_not_after_timestamp_seconds";
constexpr const char* kSinceMetric = "nginx_tls_counting_since_timestamp_seconds";

// Days until a certificate ends, rounded down; negative after its end.
inline long days_left(time_t not_after, time_t now) {
    constexpr long kDay = 24 * 3600;
    const long left = static_cast<long>(not_after) - static_cast<long>(now);
    return left >= 0 ? left / kDay : -((-left + kDay - 1) / kDay);
}

}  // namespace tls

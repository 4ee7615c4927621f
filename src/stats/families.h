// The list of everything that is counted for a server: names, meanings, labels, and where each value lies.
//
// One table; what counts, what keeps the numbers and what shows them all go by it. A cell is one number of
// one server; a server's cells lie in one array in the order of this table.
#pragma once

#include <array>
#include <cstddef>

#include "stats/labels.h"

namespace tls {

enum class Kind : uint8_t {
    Counter,
    Histogram,  // its buckets, not cumulative, and behind them the sum in nanoseconds
};

struct Family {
    const char* metric;  // Prometheus' name, with its unit and _total
    const char* key;     // in JSON
    Kind kind;
    LabelSet first;
    LabelSet second;
    const char* help;

    constexpr size_t cells() const {
        return label_count(first) * label_count(second) + (kind == Kind::Histogram ? 1 : 0);
    }
};

enum class FamilyId : uint8_t {
    Handshakes,
    Failures,
    Duration,
    Ciphers,
    Groups,
    Signatures,
    Connections,
    EarlyData,
    SessionCache,
    Tickets,
    CertificateCache,
    Received,
    Sent,
};

constexpr std::array<Family, 13> kFamilies = {{
    {"nginx_tls_handshakes_total", "handshakes", Kind::Counter, LabelSet::Version, LabelSet::Resumed,
     "Completed handshakes by version of TLS, and whether a session was resumed."},
    {"nginx_tls_handshake_failures_total", "failures", Kind::Counter, LabelSet::Reason, LabelSet::None,
     "Connections and handshakes that failed, by reason."},
    {"nginx_tls_handshake_duration_seconds", "duration", Kind::Histogram, LabelSet::Duration, LabelSet::None,
     "Time from the accept to the end of a completed handshake."},
    {"nginx_tls_handshake_ciphers_total", "ciphers", Kind::Counter, LabelSet::Cipher, LabelSet::None,
     "Completed handshakes by cipher."},
    {"nginx_tls_handshake_groups_total", "groups", Kind::Counter, LabelSet::Group, LabelSet::None,
     "Completed handshakes with a key exchange, by its group."},
    {"nginx_tls_handshake_signatures_total", "signatures", Kind::Counter, LabelSet::Signature, LabelSet::None,
     "Completed handshakes that the server signed, by signature algorithm."},
    {"nginx_tls_connections_total", "connections", Kind::Counter, LabelSet::Use, LabelSet::None,
     "Connections to TLS addresses by what they were used for."},
    {"nginx_tls_early_data_total", "early_data", Kind::Counter, LabelSet::EarlyOutcome, LabelSet::None,
     "Handshakes with early data."},
    {"nginx_tls_session_cache_total", "session_cache", Kind::Counter, LabelSet::CacheOutcome, LabelSet::None,
     "Sessions looked up in the shared cache, and put there."},
    {"nginx_tls_session_tickets_total", "session_tickets", Kind::Counter, LabelSet::TicketOutcome,
     LabelSet::None, "Session tickets issued, and tickets that clients came with."},
    {"nginx_tls_certificate_cache_total", "certificate_cache", Kind::Counter, LabelSet::CertifiedOutcome,
     LabelSet::None, "Certificates looked up by name."},
    {"nginx_tls_received_bytes_total", "received_bytes", Kind::Counter, LabelSet::None, LabelSet::None,
     "Bytes received on TLS connections, encrypted."},
    {"nginx_tls_sent_bytes_total", "sent_bytes", Kind::Counter, LabelSet::None, LabelSet::None,
     "Bytes sent on TLS connections, encrypted."},
}};

constexpr const Family& family(FamilyId id) {
    return kFamilies[static_cast<size_t>(id)];
}

// The first cell of a family.
constexpr size_t first_cell(FamilyId id) {
    size_t cell = 0;
    for (size_t i = 0; i < static_cast<size_t>(id); ++i) {
        cell += kFamilies[i].cells();
    }
    return cell;
}

constexpr size_t kCellCount = first_cell(FamilyId::Sent) + family(FamilyId::Sent).cells();

// The cell of a value; `second` is the index into the second label.
constexpr size_t cell_of(FamilyId id, size_t first = 0, size_t second = 0) {
    return first_cell(id) + first * label_count(family(id).second) + second;
}

// The cell of a histogram's sum, in nanoseconds.
constexpr size_t sum_cell(FamilyId id) {
    return cell_of(id, label_count(family(id).first));
}

// The numbers of one server, or of all.
using Values = std::array<uint64_t, kCellCount>;

// What a family counted altogether. For a histogram: how many durations.
constexpr uint64_t total_of(const Values& values, FamilyId id) {
    const size_t begin = first_cell(id);
    const size_t count = label_count(family(id).first) * label_count(family(id).second);
    uint64_t total = 0;
    for (size_t i = 0; i < count; ++i) {
        total += values[begin + i];
    }
    return total;
}

}  // namespace tls

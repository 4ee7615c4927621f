#include "stats/certificate_table.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <iterator>

namespace tls {

namespace {

constexpr size_t kSets = 64;
constexpr size_t kRows = 8;  // in a set; a certificate's server and name say which set is its own
constexpr time_t kForgotten = 24 * 3600;

// Seconds since `then`; a clock that was set back makes nothing old.
bool is_forgotten(int64_t then, time_t now) {
    return now - then >= kForgotten;
}

}  // namespace

struct CertificateTable::Row {
    uint64_t hash;  // of server, name and key type
    uint64_t server;
    int64_t not_after;
    int64_t seen;  // 0: free
    uint8_t name_size;
    char name[kMostName];
    uint8_t key_type_size;
    char key_type[kMostKeyType];
};

struct CertificateTable::Set {
    Row rows[kRows];
};

size_t CertificateTable::size() {
    return kSets * sizeof(Set);
}

void CertificateTable::note(const FoundCertificate& certificate, time_t now) {
    const std::hash<std::string_view> hash_of;
    const std::string_view name = std::string_view(certificate.name).substr(0, kMostName);
    const std::string_view key_type = std::string_view(certificate.key_type).substr(0, kMostKeyType);
    const uint64_t name_hash = hash_of(name) ^ certificate.server;
    const uint64_t hash = name_hash * 31 + hash_of(key_type);
    Row* const begin = sets_[name_hash % kSets].rows;
    Row* const end = begin + kRows;
    Row* row = std::find_if(begin, end, [&](const Row& own) { return own.seen != 0 && own.hash == hash; });
    if (row == end) {
        row = std::find_if(begin, end,
                           [&](const Row& old) { return old.seen == 0 || is_forgotten(old.seen, now); });
    }
    if (row == end) {
        row = std::max_element(begin, end,
                               [](const Row& a, const Row& b) { return a.not_after < b.not_after; });
        if (row->not_after <= certificate.not_after) {
            return;
        }
    }
    row->hash = hash;
    row->server = certificate.server;
    row->not_after = static_cast<int64_t>(certificate.not_after);
    row->seen = static_cast<int64_t>(now);
    row->name_size = static_cast<uint8_t>(name.size());
    std::memcpy(row->name, name.data(), name.size());
    row->key_type_size = static_cast<uint8_t>(key_type.size());
    std::memcpy(row->key_type, key_type.data(), key_type.size());
}

std::vector<FoundCertificate> CertificateTable::all(time_t now) const {
    std::vector<FoundCertificate> found;
    for (size_t set = 0; set < kSets; ++set) {
        for (const Row& row : sets_[set].rows) {
            if (row.seen != 0 && !is_forgotten(row.seen, now)) {
                found.push_back({row.server, std::string(row.name, row.name_size),
                                 std::string(row.key_type, row.key_type_size),
                                 static_cast<time_t>(row.not_after)});
            }
        }
    }
    return found;
}

}  // namespace tls

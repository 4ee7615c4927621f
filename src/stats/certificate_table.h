// When the certificates end that were found by name: those that end first, of however many there are.
//
// A block of fixed size in memory that all workers share; the status page reads it. It keeps what was used in
// the last day. The caller holds the zone's lock around every call. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace tls {

struct FoundCertificate {
    uint64_t server = 0;   // its identity
    std::string name;      // under which it was found; at most CertificateTable::kMostName bytes
    std::string key_type;  // for instance "ECDSA"
    time_t not_after = 0;
};

class CertificateTable {
  public:
    static constexpr size_t kMostName = 111;
    static constexpr size_t kMostKeyType = 15;
    // A certificate need not be noted again within so many seconds.
    static constexpr time_t kNotedFor = 60;

    static size_t size();
    // In memory that was all zero when it was first used.
    static CertificateTable attach(void* memory) { return CertificateTable(memory); }

    // Remembers that a certificate is in use. One of the same server, name and key type is replaced; where
    // there is no room the one that ends last gives way, which may be this one. A name that is too long is
    // cut.
    void note(const FoundCertificate& certificate, time_t now);
    // Those noted in the last day, in no order.
    std::vector<FoundCertificate> all(time_t now) const;

  private:
    struct Row;
    struct Set;
    explicit CertificateTable(void* memory) : sets_(static_cast<Set*>(memory)) {}

    Set* sets_;
};

}  // namespace tls

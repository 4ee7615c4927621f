// The counters and the table of certificates in a shared zone of nginx's.
//
// One for a configuration, made from `tls_status_zone`. A reload finds the zone as it was; when its size was
// changed, what the old one counted is taken over. The memory belongs to nginx and may be gone before this
// object is; no destructor touches it.
#pragma once

#include <vector>

#include "nginx.h"
#include "stats/certificate_table.h"
#include "stats/counter_board.h"

namespace tls {

class SharedCounters {
  public:
    // The zone of this configuration, for so many servers; null after an error was logged. `size` 0: as large
    // as that number needs.
    static SharedCounters* create(ngx_conf_t* cf, size_t size, size_t servers);

    // Begins this configuration: a place for each server's identity. `older` are the counters of the
    // configuration before, or null. In the master, before the workers begin.
    std::vector<uint32_t> place_servers(const std::vector<uint64_t>& identities, const SharedCounters* older);

    CounterBoard board() const;
    // Of this configuration, for the worker's entry in the board.
    uint32_t generation() const { return generation_; }

    void note_certificate(const FoundCertificate& certificate, time_t now);
    std::vector<FoundCertificate> certificates(time_t now) const;

    static bool is_alive(int pid);

  private:
    static ngx_int_t on_zone(ngx_shm_zone_t* zone, void* previous);
    ngx_int_t attach(ngx_shm_zone_t* zone);
    CertificateTable table() const;

    ngx_cycle_t* cycle_ = nullptr;
    size_t servers_ = 0;
    uint32_t generation_ = 0;
    ngx_slab_pool_t* slab_ = nullptr;
};

}  // namespace tls

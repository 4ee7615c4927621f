// Sessions and ticket keys in nginx's shared memory: what the handshakes of all workers share.
//
// One SharedSessions for each zone that a `tls_session_cache shared:NAME:SIZE` names. The memory belongs to
// nginx and may be gone before these objects are; no destructor touches it.
#pragma once

#include "nginx.h"
#include "server/session_store.h"

namespace tls {

class SharedSessions final : public SessionStore {
  public:
    // The zone of that name, made at its first mention in this configuration. Null after an [emerg] was
    // logged.
    static SharedSessions* in_zone(ngx_conf_t* cf, ngx_str_t* name, size_t size);

    void insert(ByteView id, ByteView session, long lifetime) override;
    size_t find(ByteView id, uint8_t* out, size_t capacity) override;
    void remove(ByteView id) override;

    // Ticket keys that live in the same zone, for tickets of `lifetime` seconds.
    bool current_ticket_key(time_t lifetime, TicketKey* out);
    TicketKeySource::Match find_ticket_key(ByteView name, TicketKey* out);

  private:
    struct Layout;
    static ngx_int_t on_zone(ngx_shm_zone_t* zone, void* previous);
    ngx_int_t attach(ngx_shm_zone_t* zone);

    ngx_slab_pool_t* slab_ = nullptr;
    Layout* layout_ = nullptr;
};

// The ticket keys of a zone, as one server uses them.
class ZoneTicketKeys final : public TicketKeySource {
  public:
    ZoneTicketKeys(SharedSessions* sessions, time_t lifetime) : sessions_(sessions), lifetime_(lifetime) {}
    bool current(TicketKey* out) override { return sessions_->current_ticket_key(lifetime_, out); }
    Match find(ByteView name, TicketKey* out) override { return sessions_->find_ticket_key(name, out); }

  private:
    SharedSessions* sessions_;
    time_t lifetime_;  // seconds
};

}  // namespace tls

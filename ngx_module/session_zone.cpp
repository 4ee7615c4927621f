#include "session_zone.h"

#include <new>

#include "conf.h"
#include "zone_lock.h"

namespace tls {

// What lies at the beginning of a zone's block; the session cache follows.
struct SharedSessions::Layout {
    SharedTicketKeys ticket_keys;
    alignas(16) unsigned char cache[1];
};

SharedSessions* SharedSessions::in_zone(ngx_conf_t* cf, ngx_str_t* name, size_t size) {
    ngx_shm_zone_t* zone = ngx_shared_memory_add(cf, name, size, &ngx_http_tls_module);
    if (zone == nullptr) {
        return nullptr;
    }
    if (zone->data == nullptr) {
        void* memory = ngx_palloc(cf->pool, sizeof(SharedSessions));
        if (memory == nullptr) {
            return nullptr;
        }
        zone->data = new (memory) SharedSessions();
        zone->init = on_zone;
    }
    return static_cast<SharedSessions*>(zone->data);
}

ngx_int_t SharedSessions::on_zone(ngx_shm_zone_t* zone, void*) {
    return static_cast<SharedSessions*>(zone->data)->attach(zone);
}

// A reload finds the zone as it was, with its sessions and keys.
ngx_int_t SharedSessions::attach(ngx_shm_zone_t* zone) {
    slab_ = reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
    if (slab_->data != nullptr) {
        layout_ = static_cast<Layout*>(slab_->data);
        return NGX_OK;
    }
    const size_t size = slab_->pfree * ngx_pagesize;
    if (size < sizeof(Layout) + SessionCache::kMinSize) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0, "session cache \"%V\" is too small", &zone->shm.name);
        return NGX_ERROR;
    }
    void* memory = ngx_slab_calloc(slab_, size);
    if (memory == nullptr) {
        return NGX_ERROR;
    }
    layout_ = new (memory) Layout();
    SessionCache::format(layout_->cache, size - offsetof(Layout, cache));
    slab_->data = layout_;
    return NGX_OK;
}

void SharedSessions::insert(ByteView id, ByteView session, long lifetime) {
    const ZoneLock lock(slab_);
    const time_t now = ngx_time();
    SessionCache::attach(layout_->cache).insert(id, session, now, now + lifetime);
}

size_t SharedSessions::find(ByteView id, uint8_t* out, size_t capacity) {
    const ZoneLock lock(slab_);
    return SessionCache::attach(layout_->cache).find(id, ngx_time(), out, capacity);
}

void SharedSessions::remove(ByteView id) {
    const ZoneLock lock(slab_);
    SessionCache::attach(layout_->cache).remove(id);
}

bool SharedSessions::current_ticket_key(time_t lifetime, TicketKey* out) {
    const ZoneLock lock(slab_);
    if (!rotate_ticket_keys(&layout_->ticket_keys, ngx_time(), lifetime)) {
        return false;
    }
    *out = layout_->ticket_keys.current.key;
    return true;
}

TicketKeySource::Match SharedSessions::find_ticket_key(ByteView name, TicketKey* out) {
    const ZoneLock lock(slab_);
    const TicketKeyMatch match = tls::find_ticket_key(layout_->ticket_keys, name, ngx_time());
    if (match.key == nullptr) {
        return TicketKeySource::Match::None;
    }
    *out = *match.key;
    return match.renew ? TicketKeySource::Match::Renew : TicketKeySource::Match::Current;
}

}  // namespace tls

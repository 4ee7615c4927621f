#include "shared_notes.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <new>

#include "conf.h"
#include "zone_lock.h"

namespace tls {

namespace {

constexpr size_t kNames = 4096;
constexpr size_t kTold = 4096;

// One place for each hash: a newcomer takes it from whoever had it.
struct NameSlot {
    uint64_t source;
    uint8_t size;
    char text[247];
};

struct ToldSlot {
    uint64_t text_hash;
    time_t until;
};

uint64_t hash_of(std::string_view text) {
    return std::hash<std::string_view>()(text);
}

}  // namespace

struct SharedNotes::Layout {
    NameSlot names[kNames];
    ToldSlot told[kTold];
};

SharedNotes* SharedNotes::create(ngx_conf_t* cf) {
    ngx_str_t name = ngx_string("ngx_http_tls_notes");
    const size_t size = ngx_align(sizeof(Layout), ngx_pagesize) + 16 * ngx_pagesize;
    ngx_shm_zone_t* zone = ngx_shared_memory_add(cf, &name, size, &ngx_http_tls_module);
    void* memory = zone != nullptr ? ngx_palloc(cf->pool, sizeof(SharedNotes)) : nullptr;
    if (memory == nullptr) {
        return nullptr;
    }
    auto* notes = new (memory) SharedNotes();
    zone->data = notes;
    zone->init = on_zone;
    return notes;
}

ngx_int_t SharedNotes::on_zone(ngx_shm_zone_t* zone, void*) {
    return static_cast<SharedNotes*>(zone->data)->attach(zone);
}

ngx_int_t SharedNotes::attach(ngx_shm_zone_t* zone) {
    slab_ = reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
    if (slab_->data == nullptr) {
        slab_->data = ngx_slab_calloc(slab_, sizeof(Layout));
    }
    layout_ = static_cast<Layout*>(slab_->data);
    return layout_ != nullptr ? NGX_OK : NGX_ERROR;
}

bool SharedNotes::should_tell(std::string_view text, time_t silence) {
    const uint64_t hash = hash_of(text);
    ToldSlot& slot = layout_->told[hash % kTold];
    const ZoneLock lock(slab_);
    const time_t now = ngx_time();
    if (slot.text_hash == hash && now < slot.until) {
        return false;
    }
    slot = ToldSlot{hash, now + silence};
    return true;
}

void SharedNotes::add_name(uint64_t source, std::string_view name) {
    NameSlot& slot = layout_->names[(hash_of(name) ^ source) % kNames];
    if (name.size() > sizeof(slot.text)) {
        return;
    }
    const ZoneLock lock(slab_);
    slot.source = source;
    slot.size = static_cast<uint8_t>(name.size());
    std::memcpy(slot.text, name.data(), name.size());
}

std::vector<std::string> SharedNotes::names(uint64_t source) const {
    std::vector<std::string> found;
    const ZoneLock lock(slab_);
    for (const NameSlot& slot : layout_->names) {
        if (slot.size != 0 && slot.source == source) {
            found.emplace_back(slot.text, slot.size);
        }
    }
    return found;
}

}  // namespace tls

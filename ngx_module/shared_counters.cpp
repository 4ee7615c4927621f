#include "shared_counters.h"

#include <signal.h>

#include <new>

#include "conf.h"
#include "zone_lock.h"

namespace tls {

namespace {

constexpr size_t kDefaultSize = 16 * 1024 * 1024;

// What nginx takes of a zone for itself, generously.
size_t usable(size_t size) {
    return size - size / 64 - 16 * ngx_pagesize;
}

// Memory that is not counted in costs nothing, so there is room for twice the servers of today.
size_t size_for(size_t servers) {
    CounterBoard::Shape wanted;
    wanted.places = static_cast<uint32_t>(CounterBoard::kFirstServer + 2 * servers);
    wanted.shards = 1;
    wanted.workers = CounterBoard::kLeastWorkers;
    const size_t needed = CounterBoard::size_of(wanted) + CertificateTable::size() + ngx_pagesize;
    size_t size = kDefaultSize;
    while (usable(size) < needed) {
        size *= 2;
    }
    return size;
}

size_t worker_processes(const ngx_cycle_t* cycle) {
    const auto* core =
        reinterpret_cast<const ngx_core_conf_t*>(ngx_get_conf(cycle->conf_ctx, ngx_core_module));
    return core->worker_processes > 0 ? static_cast<size_t>(core->worker_processes) : 1;
}

// The table lies in front of the board, which wants to begin where a line of the processor's cache does.
size_t board_at() {
    return ngx_align(CertificateTable::size(), 64);
}

}  // namespace

SharedCounters* SharedCounters::create(ngx_conf_t* cf, size_t size, size_t servers) {
    ngx_str_t name = ngx_string("ngx_http_tls_status");
    const size_t bytes = ngx_align(size != 0 ? size : size_for(servers), ngx_pagesize);
    ngx_shm_zone_t* zone = ngx_shared_memory_add(cf, &name, bytes, &ngx_http_tls_module);
    void* memory = zone != nullptr ? ngx_palloc(cf->pool, sizeof(SharedCounters)) : nullptr;
    if (memory == nullptr) {
        return nullptr;
    }
    auto* counters = new (memory) SharedCounters();
    counters->cycle_ = cf->cycle;
    counters->servers_ = servers;
    zone->data = counters;
    zone->init = on_zone;
    return counters;
}

ngx_int_t SharedCounters::on_zone(ngx_shm_zone_t* zone, void*) {
    return static_cast<SharedCounters*>(zone->data)->attach(zone);
}

ngx_int_t SharedCounters::attach(ngx_shm_zone_t* zone) {
    slab_ = reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
    if (slab_->data != nullptr) {
        return NGX_OK;
    }
    const size_t size = slab_->pfree * ngx_pagesize;
    CounterBoard::Shape shape;
    if (size > board_at()) {
        shape = CounterBoard::shape_for(size - board_at(), servers_, worker_processes(cycle_));
    }
    if (shape.places == 0) {
        ngx_log_error(NGX_LOG_EMERG, zone->shm.log, 0, "\"tls_status_zone\" is too small");
        return NGX_ERROR;
    }
    // Not ngx_slab_calloc: new memory is zero, and to write it would make all of it real.
    slab_->data = ngx_slab_alloc(slab_, size);
    if (slab_->data == nullptr) {
        return NGX_ERROR;
    }
    CounterBoard::format(static_cast<unsigned char*>(slab_->data) + board_at(), shape, ngx_time());
    return NGX_OK;
}

CounterBoard SharedCounters::board() const {
    return CounterBoard::attach(static_cast<unsigned char*>(slab_->data) + board_at());
}

CertificateTable SharedCounters::table() const {
    return CertificateTable::attach(slab_->data);
}

bool SharedCounters::is_alive(int pid) {
    return kill(pid, 0) == 0 || ngx_errno == NGX_EPERM;
}

std::vector<uint32_t> SharedCounters::place_servers(const std::vector<uint64_t>& identities,
                                                    const SharedCounters* older) {
    std::vector<uint32_t> places = board().place_servers(identities, is_alive);
    generation_ = board().generation();
    if (older != nullptr && older->slab_ != slab_) {
        board().take_over(older->board());
    }
    return places;
}

void SharedCounters::note_certificate(const FoundCertificate& certificate, time_t now) {
    const ZoneLock lock(slab_);
    table().note(certificate, now);
}

std::vector<FoundCertificate> SharedCounters::certificates(time_t now) const {
    const ZoneLock lock(slab_);
    return table().all(now);
}

}  // namespace tls

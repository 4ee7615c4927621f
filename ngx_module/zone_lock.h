// Holds the lock of a shared zone for a scope.
#pragma once

#include "nginx.h"

namespace tls {

class ZoneLock {
  public:
    explicit ZoneLock(ngx_slab_pool_t* slab) : slab_(slab) { ngx_shmtx_lock(&slab_->mutex); }
    ~ZoneLock() { ngx_shmtx_unlock(&slab_->mutex); }
    ZoneLock(const ZoneLock&) = delete;
    ZoneLock& operator=(const ZoneLock&) = delete;

  private:
    ngx_slab_pool_t* slab_;
};

}  // namespace tls

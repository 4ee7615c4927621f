// What workers tell each other and the workers after a reload: which names are in use, and what has been
// logged.
//
// A small zone of shared memory of the module's own, made when a configuration needs it. Everything in it may
// be lost at any time: it saves work and repetition, nothing depends on it.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "nginx.h"

namespace tls {

class SharedNotes {
  public:
    // The notes of this configuration; null after an error was logged.
    static SharedNotes* create(ngx_conf_t* cf);

    // True when nobody has been told `text` in the last `silence` seconds; from now on somebody has.
    bool should_tell(std::string_view text, time_t silence);

    // Remembers that a name of a source (a number that stays the same over reloads) was asked for.
    void add_name(uint64_t source, std::string_view name);
    // The names of that source, in no order.
    std::vector<std::string> names(uint64_t source) const;

  private:
    struct Layout;
    static ngx_int_t on_zone(ngx_shm_zone_t* zone, void* previous);
    ngx_int_t attach(ngx_shm_zone_t* zone);

    ngx_slab_pool_t* slab_ = nullptr;
    Layout* layout_ = nullptr;
};

}  // namespace tls

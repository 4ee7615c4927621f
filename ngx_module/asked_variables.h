// Which variables a configuration may ask for, so that connections keep only what those are made of.
//
// Used when all of a configuration has been read.
#pragma once

#include "nginx.h"

namespace tls {

// True when the configuration names a variable of which `is_one` says yes, or has modules whose programs ask
// for any by its name. Call in init_module: the last module's postconfiguration may still bring in a
// variable.
bool may_be_asked_for(const ngx_cycle_t* cycle, bool (*is_one)(std::string_view name));

// The connection's log gets a line about a variable that was asked for all the same, and is empty.
void tell_of_unkept(const ngx_http_request_t* r, const ngx_str_t& name);

}  // namespace tls

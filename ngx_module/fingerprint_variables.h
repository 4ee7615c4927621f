// $tls_ja3 and its like, read from the fingerprints of a connection's hello.
#pragma once

#include "nginx.h"

namespace tls {

// Registers them. Called in preconfiguration.
ngx_int_t add_fingerprint_variables(ngx_conf_t* cf);

// Settles whether connections keep what the variables are made of. Called in init_module: the last module's
// postconfiguration may still bring in a variable.
void decide_on_fingerprints(ngx_cycle_t* cycle);

}  // namespace tls

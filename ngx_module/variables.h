// The $tls_… variables, each as nginx's $ssl_… of the same name, read from the facts frozen when the
// handshake ended.
#pragma once

#include "nginx.h"

namespace tls {

// Registers them. Called in preconfiguration.
ngx_int_t add_variables(ngx_conf_t* cf);

}  // namespace tls

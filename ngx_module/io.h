// nginx's four I/O functions for a connection that is encrypted by us.
#pragma once

#include "nginx.h"

namespace tls {

// Puts them in place. The handshake has ended, `c->ssl` is set.
void install_io(ngx_connection_t* c);

}  // namespace tls

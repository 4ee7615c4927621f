// nginx's four I/O functions for a connection that is encrypted by us.
#pragma once

#include "nginx.h"

namespace tls {

// Puts them in place. The handshake has ended, `c->ssl` is set.
void install_io(ngx_connection_t* c);

// Puts a `recv` in place that first hands out what Connection::take_plain_bytes() has, then removes itself.
void install_plain_io(ngx_connection_t* c);

}  // namespace tls

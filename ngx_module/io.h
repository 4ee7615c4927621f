// nginx's four I/O functions for a connection that is encrypted by us.
#pragma once

#include "connection.h"

namespace tls {

// Puts them in place. The handshake has ended, `c->ssl` is set.
void install_io(ngx_connection_t* c);

// True when a socket that was just emptied says so itself once it has more, or has ended.
bool will_be_told(const ngx_event_t* read);

// Has nginx's handler read in the event in which the handshake ended: if that has emptied the socket, it is
// not asked again.
void read_first(ngx_event_t* read, ngx_event_handler_pt handler);

// After a failure nothing more is sent, not even the end, and nobody waits for the peer's.
void give_up(ngx_connection_t* c);
void log_failure(ngx_connection_t* c, const Connection& connection, const char* call);

}  // namespace tls

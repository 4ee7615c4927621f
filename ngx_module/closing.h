// close_notify at the end of a connection whose records are ours: with the last bytes where it ends behind
// them, else when nginx closes it.
//
// Where libssl makes the records, nginx's core says it, if it knows TLS; for a core that does not, this does.
#pragma once

#include "nginx.h"

namespace tls {

// Lets close_notify go out when nginx closes a connection. Called in init_process. Where nginx lingers, it
// shuts its side of the socket down before that: there the end is said with the last bytes.
void watch_closing();

// Puts a handler behind the requests that closes HTTP/2 connections in time. Called in postconfiguration.
ngx_int_t add_last_stream_watch(ngx_conf_t* cf);

// True when behind what was just sent, or is about to be, the connection ends and nginx will not say so.
// `last`: a response ended with it.
bool ends_connection(const ngx_connection_t* c, bool last);

}  // namespace tls

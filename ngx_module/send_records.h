// nginx's send_chain where records are sealed here: straight from its buffers and files, many at a write.
#pragma once

#include "connection.h"

namespace tls {

// What nginx's send_chain returns: the chain that is left, or NGX_CHAIN_ERROR.
ngx_chain_t* send_records(ngx_connection_t* c, Connection* connection, ngx_chain_t* in, off_t limit);

// Lets requests hand over files unread, except where threads are to read them. Called in postconfiguration.
void add_reading_filter();

}  // namespace tls

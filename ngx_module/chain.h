// nginx's chains of buffers, as bytes to send.
//
// Used by both ways of sending: through libssl, and in records of our own.
#pragma once

#include "nginx.h"

namespace tls {

// The most that is sent at a call when there is no limit: what nginx takes, the largest int less a page.
off_t send_limit(off_t limit);

// Moves up to `room` bytes of the buffer, which is not a special one, to `to`, reading them from its file
// when they are not in memory. The count, or NGX_ERROR.
ssize_t take_bytes(ngx_buf_t* from, u_char* to, size_t room);

// True when a response ends with it.
bool has_last_buffer(const ngx_chain_t* chain);

}  // namespace tls

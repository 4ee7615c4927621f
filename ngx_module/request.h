// What is asked of a request before nginx's phases begin: was it sent in the clear, is it for a server whose
// policy the connection was made under, is the client certificate good (codes 497, 421, 495, 496).
#pragma once

#include "nginx.h"

namespace tls {

// Adds the check to the post-read phase, in front of others'.
ngx_int_t add_request_check(ngx_conf_t* cf);

}  // namespace tls

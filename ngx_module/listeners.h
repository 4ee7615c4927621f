// Which of nginx's listening addresses are ours, and the takeover of their accept.
//
// The takeover runs in init_module, when nginx has set its own handlers; see accepted() in connection.h for
// what follows.
#pragma once

#include "nginx.h"

namespace tls {

// What the glue remembers of an address on which some server says `tls on`.
struct Address {
    const ngx_http_addr_conf_t* conf;
    bool http2;     // `listen … http2`, which nginx before 1.25 has on the address
    bool upgrades;  // some server on it offers TLS to requests in the clear
};

// Takes over each such address of the cycle. Also runs at reload and under `nginx -t`.
ngx_int_t take_over_listeners(ngx_cycle_t* cycle);

// The remembered address, or null when connections to it are not ours.
const Address* find_address(const ngx_http_addr_conf_t* conf);

// True when HTTP/2 may be offered to a client that chose `server` on `address`.
bool speaks_http2(const Address& address, const ngx_http_conf_ctx_t* server);

}  // namespace tls

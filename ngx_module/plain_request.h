// Requests in the clear on addresses with TLS: what `tls_plain` of the server that they name makes of them.
#pragma once

#include <optional>

#include "nginx.h"
#include "server/report.h"

namespace tls {

class Connection;

// From the post-read phase, for a request of ours that is not encrypted. What the handler returns.
ngx_int_t answer_plain_request(ngx_http_request_t* r, Connection* connection);

// True for a request on an address of ours that is not encrypted.
bool is_plain_on_tls_address(const ngx_http_request_t* r);

// What became of a request that came in the clear; nothing where only its connection knows.
std::optional<PortUse> plain_use(const ngx_http_request_t* r);

// Puts a header filter first that offers TLS in answers in the clear, and a log handler that takes note of
// requests that were over before their server was asked. Called in postconfiguration.
ngx_int_t add_plain_hooks(ngx_conf_t* cf);

}  // namespace tls

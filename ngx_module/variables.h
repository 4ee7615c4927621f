// The $tls_… variables, each as nginx's $ssl_… of the same name, read from the facts frozen when the
// handshake ended.
#pragma once

#include <optional>

#include "nginx.h"

namespace tls {

// A variable's value, copied into the request's pool. An empty one counts as not found, as in nginx.
ngx_int_t set_value(ngx_http_request_t* r, ngx_http_variable_value_t* value, std::string_view words);

// The row of a variable in the table of them, by its name, or by that of nginx's own that says the same; and
// nginx's get_handler for it.
std::optional<uintptr_t> variable_row(std::string_view name);
std::optional<uintptr_t> stock_variable_row(std::string_view name);
ngx_int_t get_variable(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t row);

// Registers them. Called in preconfiguration.
ngx_int_t add_variables(ngx_conf_t* cf);

// Settles whether connections keep their Particulars when the handshake has ended. Called in init_module.
void decide_on_particulars(ngx_cycle_t* cycle);

// nginx's own variables and these together need a larger hash than nginx makes by itself, which would say so
// in a warning at every start. Called in postconfiguration: the hash is made after it.
void make_room_for_variables(ngx_conf_t* cf);

}  // namespace tls

// nginx's own $ssl_… on connections whose SSL was given back: answered from what was frozen at the end of the
// handshake. Wherever there is an SSL to ask, nginx asks it as ever.
#pragma once

#include "nginx.h"

namespace tls {

// Called in preconfiguration, after nginx's ssl module has added them. Does nothing without that module.
ngx_int_t answer_stock_variables(ngx_conf_t* cf);

}  // namespace tls

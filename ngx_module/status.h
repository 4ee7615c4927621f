// The status page: `tls_status` in a location answers with what is counted, and `tls_status_zone` says where
// it is kept.
#pragma once

#include "nginx.h"

namespace tls {

// The directives' handlers.
char* set_status(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_status_zone(ngx_conf_t* cf, ngx_command_t* command, void* conf);

}  // namespace tls

// What an nginx built without ssl lacks, brought along: $scheme and $https, https in redirects. For
// close_notify see closing.h.
//
// Every function does nothing where nginx has TLS of its own.
#pragma once

#include "nginx.h"

namespace tls {

// True when nginx's HTTP core knows TLS: then it closes connections and writes redirects itself.
bool core_has_ssl();

// Replaces $scheme and $https. Called in preconfiguration, after the core has added its variables.
ngx_int_t replace_scheme_variables(ngx_conf_t* cf);

// Puts a header filter first that makes redirects absolute with https. Called in postconfiguration.
void add_redirect_filter();

}  // namespace tls

// What an nginx built without ssl lacks, brought along: $scheme and $https, https in redirects, close_notify
// at the end.
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

// Lets close_notify go out when nginx closes a connection. Called in init_process. Where nginx lingers, it
// shuts its side of the socket down before that: there the end is said with the last bytes, see io.cpp.
void watch_closing();

// True when what was just sent whole ends the connection and nginx will not say so: without TLS it shuts its
// side of the socket down when it lingers, and close_notify would come too late. `last`: a response ended
// with it.
bool ends_connection(const ngx_connection_t* c, bool last);

}  // namespace tls

// nginx's headers, for every nginx that the module may be built against.
//
// An nginx configured without ssl leaves the names of TLS out of its headers, while `--with-compat` keeps
// their places in its structures. The module brings TLS along, so it compiles against those names in either
// case; whether the running nginx has the functions behind them is asked where they are used, at run time.
#pragma once

#include <string>
#include <string_view>

extern "C" {
#include <ngx_auto_config.h>
#include <ngx_auto_headers.h>
#if !(NGX_SSL) && !(NGX_COMPAT)
#error "the tls module needs an nginx configured --with-compat or --with-http_ssl_module"
#endif
#ifndef NGX_OPENSSL
#define NGX_OPENSSL 1
#endif
#ifndef NGX_SSL
#define NGX_SSL 1
#endif
#ifndef NGX_HTTP_SSL
#define NGX_HTTP_SSL 1
#endif
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

// What an nginx built without the matching option does not have: null there.
extern ngx_module_t ngx_http_v2_module;
#pragma weak ngx_http_v2_init
#pragma weak ngx_http_v2_module
#pragma weak ngx_http_ssl_module
#pragma weak ngx_ssl_connection_index
}

namespace tls {

inline std::string_view view(const ngx_str_t& text) {
    return std::string_view(reinterpret_cast<const char*>(text.data), text.len);
}

inline std::string text_of(const ngx_str_t& text) {
    return std::string(view(text));
}

}  // namespace tls

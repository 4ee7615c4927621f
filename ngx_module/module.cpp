// The module's entry: what nginx calls, and when.
#include "conf.h"
#include "listeners.h"
#include "nginx.h"
#include "request.h"
#include "sources.h"
#include "variables.h"
#include "without_ssl.h"

namespace tls {

namespace {

ngx_int_t on_preconfiguration(ngx_conf_t* cf) {
    if (add_variables(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    return replace_scheme_variables(cf);
}

ngx_int_t on_postconfiguration(ngx_conf_t* cf) {
    if (build_contexts(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    add_redirect_filter();
    return add_request_check(cf);
}

ngx_int_t on_init_module(ngx_cycle_t* cycle) {
    warm_finders(cycle);
    return take_over_listeners(cycle);
}

ngx_int_t on_init_process(ngx_cycle_t* cycle) {
    watch_closing();
    check_folders(cycle);
    return NGX_OK;
}

ngx_http_module_t kHttpModule = {
    on_preconfiguration,   // preconfiguration
    on_postconfiguration,  // postconfiguration
    create_main_conf,      // create main configuration
    check_beside_stock,    // init main configuration
    create_server_conf,    // create server configuration
    merge_server_conf,     // merge server configuration
    nullptr,               // create location configuration
    nullptr,               // merge location configuration
};

}  // namespace

}  // namespace tls

extern "C" {
ngx_module_t ngx_http_tls_module = {
    NGX_MODULE_V1,
    &tls::kHttpModule,     // module context
    tls::kDirectives,      // module directives
    NGX_HTTP_MODULE,       // module type
    nullptr,               // init master
    tls::on_init_module,   // init module
    tls::on_init_process,  // init process
    nullptr,               // init thread
    nullptr,               // exit thread
    nullptr,               // exit process
    nullptr,               // exit master
    NGX_MODULE_V1_PADDING,
};
}

// The module's entry: what nginx calls, and when.
#include "closing.h"
#include "conf.h"
#include "connection.h"
#include "counting.h"
#include "fingerprint_variables.h"
#include "handshake_log.h"
#include "listeners.h"
#include "nginx.h"
#include "plain_request.h"
#include "request.h"
#include "send_records.h"
#include "server/stand_in.h"
#include "sources.h"
#include "stock_variables.h"
#include "variables.h"
#include "without_ssl.h"

namespace tls {

namespace {

ngx_int_t on_preconfiguration(ngx_conf_t* cf) {
    if (add_variables(cf) != NGX_OK || add_fingerprint_variables(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    return replace_scheme_variables(cf) == NGX_OK ? answer_stock_variables(cf) : NGX_ERROR;
}

ngx_int_t on_postconfiguration(ngx_conf_t* cf) {
    if (build_contexts(cf) != NGX_OK || build_counters(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    make_room_for_variables(cf);
    add_redirect_filter();
    if (add_plain_hooks(cf) != NGX_OK || add_last_stream_watch(cf) != NGX_OK) {
        return NGX_ERROR;
    }
    add_reading_filter();
    return add_request_check(cf);
}

ngx_int_t on_init_module(ngx_cycle_t* cycle) {
    decide_on_fingerprints(cycle);
    decide_on_particulars(cycle);
    begin_counting(cycle);
    warm_finders(cycle);
    return take_over_listeners(cycle);
}

ngx_int_t on_init_process(ngx_cycle_t* cycle) {
    begin_counting_worker();
    watch_closing();
    // Its handshake is made before the first client waits for it.
    stand_in();
    check_folders(cycle);
    return NGX_OK;
}

void on_exit_process(ngx_cycle_t* cycle) {
    Connection::conclude_all(cycle);
    flush_handshake_logs(cycle, nullptr);
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
    tls::on_exit_process,  // exit process
    nullptr,               // exit master
    NGX_MODULE_V1_PADDING,
};
}

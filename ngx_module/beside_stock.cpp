// Servers that ask for this module and for nginx's own TLS at once: found before nginx's own begins to miss
// its certificates, so that the message can say what to write instead.
#include <string>

#include "base/guard.h"
#include "conf.h"

namespace tls {

namespace {

bool stock_tls_is_on(const ngx_http_core_srv_conf_t* server) {
#if (nginx_version < 1025001)
    if (&ngx_http_ssl_module == nullptr) {
        return false;
    }
    const auto* conf =
        static_cast<const ngx_http_ssl_srv_conf_t*>(server->ctx->srv_conf[ngx_http_ssl_module.ctx_index]);
    return conf->enable == 1;
#else
    (void)server;
    return false;
#endif
}

// Servers are not merged yet: `around` is what the http block says.
bool check_server(ngx_conf_t* cf, const ServerConf& around, const ngx_http_conf_addr_t& address,
                  const ngx_http_core_srv_conf_t* server) {
    const ServerConf& own = *server_conf_of(server);
    const ServerConf& conf = own.enable != NGX_CONF_UNSET ? own : around;
    if (conf.enable != 1) {
        return true;
    }
    const std::string listen = "listen " + text_of(address.opt.addr_text);
    if (address.opt.ssl) {
        log_conf_error(cf,
                       "\"tls on\" and the \"ssl\" parameter of \"" + listen +
                           "\" exclude each other, write \"" + listen + ";\" beside \"tls on;\"",
                       conf.place);
        return false;
    }
    if (stock_tls_is_on(server)) {
        log_conf_error(cf, "\"tls on\" and \"ssl on\" exclude each other, remove \"ssl on\"", conf.place);
        return false;
    }
    return true;
}

bool check_address(ngx_conf_t* cf, const ServerConf& around, const ngx_http_conf_addr_t& address) {
    auto** servers = static_cast<ngx_http_core_srv_conf_t**>(address.servers.elts);
    for (ngx_uint_t i = 0; i < address.servers.nelts; ++i) {
        if (is_stream_address(address) && !check_server(cf, around, address, servers[i])) {
            return false;
        }
    }
    return true;
}

bool check_all(ngx_conf_t* cf) {
    const auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    const ServerConf& around = *server_conf_of(static_cast<ngx_http_conf_ctx_t*>(cf->ctx));
    if (core->ports == nullptr) {
        return true;
    }
    auto* ports = static_cast<ngx_http_conf_port_t*>(core->ports->elts);
    for (ngx_uint_t p = 0; p < core->ports->nelts; ++p) {
        auto* addresses = static_cast<ngx_http_conf_addr_t*>(ports[p].addrs.elts);
        for (ngx_uint_t a = 0; a < ports[p].addrs.nelts; ++a) {
            if (!check_address(cf, around, addresses[a])) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

void log_conf_error(ngx_conf_t* cf, const std::string& message, const ConfPlace& place) {
    const std::string where =
        place.file.data != nullptr ? " in " + text_of(place.file) + ":" + std::to_string(place.line) : "";
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "%s%s", message.c_str(), where.c_str());
}

char* check_beside_stock(ngx_conf_t* cf, void*) {
    return guarded(false, [&] { return check_all(cf); }) ? NGX_CONF_OK : static_cast<char*>(NGX_CONF_ERROR);
}

}  // namespace tls

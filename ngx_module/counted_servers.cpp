// Which servers are counted, under which labels, and what is known of their certificates: once the whole
// configuration has been read.
#include <algorithm>
#include <map>

#include "auth/identity.h"
#include "base/guard.h"
#include "conf.h"
#include "counting.h"
#include "shared_notes.h"
#include "stats/server_labels.h"

namespace tls {

namespace {

using Server = ngx_http_core_srv_conf_t;

// The first of each server's addresses, as it was written.
std::map<const Server*, std::string> first_addresses(const ngx_http_core_main_conf_t& core) {
    std::map<const Server*, std::string> found;
    if (core.ports == nullptr) {
        return found;
    }
    const auto* ports = static_cast<const ngx_http_conf_port_t*>(core.ports->elts);
    for (ngx_uint_t p = 0; p < core.ports->nelts; ++p) {
        const auto* addresses = static_cast<const ngx_http_conf_addr_t*>(ports[p].addrs.elts);
        for (ngx_uint_t a = 0; a < ports[p].addrs.nelts; ++a) {
            if (!is_stream_address(addresses[a])) {
                continue;
            }
            auto* const* servers = static_cast<Server* const*>(addresses[a].servers.elts);
            for (ngx_uint_t i = 0; i < addresses[a].servers.nelts; ++i) {
                found.emplace(servers[i], text_of(addresses[a].opt.addr_text));
            }
        }
    }
    return found;
}

// The server's own certificates, or those that it has from an address's default server.
const ServerContext* context_of(const ServerConf& server) {
    if (server.context != nullptr || server.borrowed == nullptr || server.borrowed->empty()) {
        return server.context;
    }
    return server.borrowed->begin()->second;
}

void list_certificates(const ServerConf& server, size_t index, std::vector<StaticCertificate>* out) {
    const ServerContext* context = context_of(server);
    if (context == nullptr || server.reject_handshake == 1) {
        return;
    }
    for (const auto& credential : context->credentials()) {
        const X509* leaf = credential->leaf.get();
        out->push_back({index, main_name(leaf), key_type(leaf), credential->not_after});
    }
}

void list_servers(const ngx_http_core_main_conf_t& core, MainConf* main) {
    const std::map<const Server*, std::string> addresses = first_addresses(core);
    std::vector<NamedServer> named;
    std::vector<ServerConf*> confs;
    auto* const* servers = static_cast<Server* const*>(core.servers.elts);
    for (ngx_uint_t i = 0; i < core.servers.nelts; ++i) {
        ServerConf* conf = server_conf_of(servers[i]);
        const auto address = addresses.find(servers[i]);
        if (conf->enable == 1 && address != addresses.end()) {
            named.push_back({text_of(servers[i]->server_name), address->second});
            confs.push_back(conf);
        }
    }
    const std::vector<std::string> labels = label_servers(named);
    for (size_t i = 0; i < confs.size(); ++i) {
        confs[i]->count_identity = identity_of(labels[i]);
        main->counted.push_back({labels[i], confs[i]->count_identity, confs[i]});
        list_certificates(*confs[i], i, &main->static_certificates);
    }
}

bool build(ngx_conf_t* cf) {
    const auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto* main = static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_tls_module));
    const bool has_page = main->status_place.file.data != nullptr;
    if (main->status_zone_off) {
        if (has_page) {
            log_conf_error(cf, "\"tls_status\" needs \"tls_status_zone\", which is off", main->status_place);
        }
        return !has_page;
    }
    list_servers(*core, main);
    if (main->counted.empty() && !has_page) {
        return true;
    }
    main->counters = SharedCounters::create(cf, main->status_zone_size, main->counted.size());
    return main->counters != nullptr;
}

}  // namespace

ngx_int_t build_counters(ngx_conf_t* cf) {
    return guarded(false, [&] { return build(cf); }) ? NGX_OK : NGX_ERROR;
}

}  // namespace tls

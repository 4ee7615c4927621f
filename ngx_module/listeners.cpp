#include "listeners.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "base/guard.h"
#include "conf.h"
#include "connection.h"

namespace tls {

namespace {

// Sorted by the pointer. Replaced whole by each configuration that this process runs.
std::vector<Address>& known_addresses() {
    static std::vector<Address> known;
    return known;
}

bool by_conf(const Address& a, const Address& b) {
    return std::less<const ngx_http_addr_conf_t*>()(a.conf, b.conf);
}

// Null when the address is not ours.
const TlsSocket* find_socket(const MainConf& main, const ngx_sockaddr_t& sockaddr, socklen_t size) {
    const auto found = std::find_if(main.sockets.begin(), main.sockets.end(), [&](const TlsSocket& socket) {
        return ngx_cmp_sockaddr(const_cast<struct sockaddr*>(&socket.sockaddr.sockaddr), socket.size,
                                const_cast<struct sockaddr*>(&sockaddr.sockaddr), size, 1) == NGX_OK;
    });
    return found != main.sockets.end() ? &*found : nullptr;
}

// A listening socket carries one address, or, when it is bound to the wildcard, all those of its port.
template <class PortAddress, class SetAddress>
bool take_addresses(const MainConf& main, const ngx_listening_t& listening, SetAddress set_address,
                    std::vector<Address>* taken) {
    auto* port = static_cast<ngx_http_port_t*>(listening.servers);
    auto* entries = static_cast<PortAddress*>(port->addrs);
    bool any = false;
    for (ngx_uint_t i = 0; i < port->naddrs; ++i) {
        ngx_sockaddr_t sockaddr{};
        ngx_memcpy(&sockaddr, listening.sockaddr, listening.socklen);
        if (port->naddrs > 1) {
            set_address(&sockaddr, entries[i]);
        }
        const TlsSocket* socket = find_socket(main, sockaddr, listening.socklen);
        if (socket == nullptr) {
            continue;
        }
        any = true;
        ngx_http_addr_conf_t& conf = entries[i].conf;
        taken->push_back(Address{&conf, conf.http2 == 1, socket->upgrades});
    }
    return any;
}

bool take_over(const MainConf& main, ngx_listening_t* listening, std::vector<Address>* taken) {
#if (NGX_HAVE_INET6)
    if (listening->sockaddr->sa_family == AF_INET6) {
        const auto set = [](ngx_sockaddr_t* sockaddr, const ngx_http_in6_addr_t& entry) {
            sockaddr->sockaddr_in6.sin6_addr = entry.addr6;
        };
        return take_addresses<ngx_http_in6_addr_t>(main, *listening, set, taken);
    }
#endif
    const auto set = [](ngx_sockaddr_t* sockaddr, const ngx_http_in_addr_t& entry) {
        sockaddr->sockaddr_in.sin_addr.s_addr = entry.addr;
    };
    return take_addresses<ngx_http_in_addr_t>(main, *listening, set, taken);
}

// nginx before 1.25 starts HTTP/2 on every connection of a `listen … http2` address; here ALPN decides it.
// Done when all sockets are known, since sockets made by `reuseport` share their addresses.
void hide_http2(const std::vector<Address>& taken) {
    for (const Address& address : taken) {
        const_cast<ngx_http_addr_conf_t*>(address.conf)->http2 = 0;
    }
}

void publish(std::vector<Address> taken) {
    hide_http2(taken);
    std::sort(taken.begin(), taken.end(), by_conf);
    known_addresses() = std::move(taken);
}

ngx_int_t take_over_all(ngx_cycle_t* cycle) {
    // Null without an http block.
    const auto* main =
        static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_tls_module));
    if (main == nullptr) {
        return NGX_OK;
    }
    auto* listenings = static_cast<ngx_listening_t*>(cycle->listening.elts);
    std::vector<Address> taken;
    for (ngx_uint_t i = 0; i < cycle->listening.nelts; ++i) {
        ngx_listening_t& listening = listenings[i];
        if (listening.handler == ngx_http_init_connection && listening.type == SOCK_STREAM &&
            take_over(*main, &listening, &taken)) {
            listening.handler = on_accepted;
        }
    }
    publish(std::move(taken));
    return NGX_OK;
}

}  // namespace

ngx_int_t take_over_listeners(ngx_cycle_t* cycle) {
    return guarded(static_cast<ngx_int_t>(NGX_ERROR), [&] { return take_over_all(cycle); });
}

const Address* find_address(const ngx_http_addr_conf_t* conf) {
    const std::vector<Address>& known = known_addresses();
    const auto found = std::lower_bound(known.begin(), known.end(), Address{conf, false, false}, by_conf);
    return found != known.end() && found->conf == conf ? &*found : nullptr;
}

bool speaks_http2(const Address& address, const ngx_http_conf_ctx_t* server) {
#if (NGX_HTTP_V2)
    if (&ngx_http_v2_init == nullptr) {
        return false;
    }
#if (nginx_version >= 1025001)
    const auto* conf =
        static_cast<const ngx_http_v2_srv_conf_t*>(server->srv_conf[ngx_http_v2_module.ctx_index]);
    return conf->enable || address.http2;
#else
    (void)server;
    return address.http2;
#endif
#else
    (void)address;
    (void)server;
    return false;
#endif
}

}  // namespace tls

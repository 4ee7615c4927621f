#include "without_ssl.h"

#include "base/guard.h"
#include "connection.h"

namespace tls {

namespace {

constexpr in_port_t kHttpsPort = 443;

void set_value(ngx_http_variable_value_t* value, std::string_view text) {
    // Both texts of a value are literals: they outlive every request.
    value->data = reinterpret_cast<u_char*>(const_cast<char*>(text.data()));
    value->len = static_cast<unsigned>(text.size());
    value->valid = 1;
    value->no_cacheable = 0;
    value->not_found = 0;
}

bool is_encrypted(const ngx_http_request_t* r) {
    return Connection::of(r->connection) != nullptr;
}

ngx_int_t get_scheme(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t) {
    return guarded(static_cast<ngx_int_t>(NGX_ERROR), [&] {
        set_value(value, is_encrypted(r) ? "https" : "http");
        return static_cast<ngx_int_t>(NGX_OK);
    });
}

ngx_int_t get_https(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t) {
    return guarded(static_cast<ngx_int_t>(NGX_ERROR), [&] {
        set_value(value, is_encrypted(r) ? "on" : "");
        return static_cast<ngx_int_t>(NGX_OK);
    });
}

ngx_http_output_header_filter_pt next_header_filter;

// The host of a redirect, by nginx's own rules. `address` is where an address is written when no name is
// known. False when the socket would not tell its address.
bool find_host(ngx_http_request_t* r, const ngx_http_core_loc_conf_t* core, u_char* address,
               ngx_str_t* host) {
    if (core->server_name_in_redirect) {
        const auto* server =
            static_cast<ngx_http_core_srv_conf_t*>(ngx_http_get_module_srv_conf(r, ngx_http_core_module));
        *host = server->server_name;
        return true;
    }
    if (r->headers_in.server.len != 0) {
        *host = r->headers_in.server;
        return true;
    }
    *host = ngx_str_t{NGX_SOCKADDR_STRLEN, address};
    return ngx_connection_local_sockaddr(r->connection, host, 0) == NGX_OK;
}

// Makes a Location that is a path of this server absolute. The core would do it after us, with "http".
ngx_int_t make_location_absolute(ngx_http_request_t* r) {
    const auto* core =
        static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    ngx_table_elt_t* location = r->headers_out.location;
    if (location == nullptr || location->value.len == 0 || location->value.data[0] != '/' ||
        !core->absolute_redirect) {
        return NGX_OK;
    }
    u_char address[NGX_SOCKADDR_STRLEN];
    ngx_str_t host;
    if (!find_host(r, core, address, &host)) {
        return NGX_ERROR;
    }
    std::string url = "https://" + text_of(host);
    const in_port_t port = ngx_inet_get_port(r->connection->local_sockaddr);
    // A unix socket has no port.
    if (core->port_in_redirect && port != 0 && port != kHttpsPort) {
        url += ":" + std::to_string(port);
    }
    url += view(location->value);

    auto* data = static_cast<u_char*>(ngx_pnalloc(r->pool, url.size()));
    if (data == nullptr) {
        return NGX_ERROR;
    }
    ngx_memcpy(data, url.data(), url.size());
    location->value = ngx_str_t{url.size(), data};
    // The core writes a relative Location from the value alone; an absolute one needs to be a whole header.
    location->key = ngx_string("Location");
    location->hash = 1;
    return NGX_OK;
}

ngx_int_t filter_header(ngx_http_request_t* r) {
    const ngx_int_t made = guarded(static_cast<ngx_int_t>(NGX_ERROR), [&] {
        return r == r->main && is_encrypted(r) ? make_location_absolute(r) : static_cast<ngx_int_t>(NGX_OK);
    });
    return made == NGX_OK ? next_header_filter(r) : made;
}

}  // namespace

bool core_has_ssl() {
    return &ngx_http_ssl_module != nullptr;
}

ngx_int_t replace_scheme_variables(ngx_conf_t* cf) {
    if (core_has_ssl()) {
        return NGX_OK;
    }
    const auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto* keys = static_cast<ngx_hash_key_t*>(core->variables_keys->keys.elts);
    for (ngx_uint_t i = 0; i < core->variables_keys->keys.nelts; ++i) {
        auto* variable = static_cast<ngx_http_variable_t*>(keys[i].value);
        if (view(keys[i].key) == "scheme") {
            variable->get_handler = get_scheme;
        } else if (view(keys[i].key) == "https") {
            variable->get_handler = get_https;
        }
    }
    return NGX_OK;
}

void add_redirect_filter() {
    if (core_has_ssl()) {
        return;
    }
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = filter_header;
}

}  // namespace tls

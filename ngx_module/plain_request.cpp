#include "plain_request.h"

#include "base/guard.h"
#include "connection.h"
#include "hello/redirect_location.h"
#include "hello/upgrade_request.h"
#include "plain_conf.h"

namespace tls {

namespace {

constexpr std::string_view kUpgradeRequiredPage =
    "<html>\r\n"
    "<head><title>426 Upgrade Required</title></head>\r\n"
    "<body>\r\n"
    "<center><h1>426 Upgrade Required</h1></center>\r\n"
    "<hr><center>This server answers inside TLS only: ask for it with Upgrade, or connect by "
    "TLS.</center>\r\n"
    "</body>\r\n"
    "</html>\r\n";

const ServerConf& conf_of(const ngx_http_request_t* r) {
    return *static_cast<const ServerConf*>(ngx_http_get_module_srv_conf(r, ngx_http_tls_module));
}

// Kept with the request, since its module contexts do not survive an internal redirect.
struct PlainMark {
    ngx_http_request_t* r;
    Connection* connection;
    PortUse use;
};

void on_request_end(void* data) {
    auto* mark = static_cast<PlainMark*>(data);
    guarded([&] {
        if (mark->r->stream == nullptr) {
            mark->connection->look_behind(mark->r);
        }
    });
}

PlainMark* find_mark(const ngx_http_request_t* r) {
    for (const ngx_pool_cleanup_t* cleanup = r->main->pool->cleanup; cleanup != nullptr;
         cleanup = cleanup->next) {
        if (cleanup->handler == on_request_end) {
            return static_cast<PlainMark*>(cleanup->data);
        }
    }
    return nullptr;
}

// Null when memory ran out.
PlainMark* make_mark(ngx_http_request_t* r, Connection* connection, PortUse use) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(PlainMark));
    if (cleanup == nullptr) {
        return nullptr;
    }
    auto* mark = static_cast<PlainMark*>(cleanup->data);
    *mark = PlainMark{r, connection, use};
    cleanup->handler = on_request_end;
    return mark;
}

PortUse use_of(PlainAnswer answer) {
    switch (answer) {
        case PlainAnswer::Serve:
            return PortUse::Plain;
        case PlainAnswer::Redirect:
            return PortUse::Redirected;
        case PlainAnswer::Upgrade:
            return PortUse::Upgraded;
        case PlainAnswer::Error:
        case PlainAnswer::BadRequest:
        case PlainAnswer::RefuseBody:
        case PlainAnswer::RequireUpgrade:
            return PortUse::Refused;
    }
    return PortUse::Refused;
}

// Of a request that nobody decided on: what the address, or the server named so far, makes of the usual one.
// Whoever got 400 from nginx instead, or left, has not been sent elsewhere.
PortUse use_without_answer(const ngx_http_request_t* r) {
    const PortUse use = use_of(answer_plain(plain_terms(conf_of(r)), PlainRequest()));
    return use == PortUse::Redirected ? PortUse::Refused : use;
}

template <class Visit>
void for_each_header(const ngx_http_request_t* r, Visit visit) {
    for (const ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
        const auto* header = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            visit(std::string_view(reinterpret_cast<const char*>(header[i].lowcase_key), header[i].key.len),
                  view(header[i].value));
        }
    }
}

UpgradeRequest read_upgrade_request(const ngx_http_request_t* r) {
    UpgradeRequest request;
    // HTTP/0.9 has no fields, and no list of them.
    if (r->http_version < NGX_HTTP_VERSION_10) {
        return request;
    }
    for_each_header(r, [&](std::string_view name, std::string_view value) {
        if (name == "connection") {
            read_connection(value, &request);
        } else if (name == "upgrade") {
            read_upgrade(value, &request);
        }
    });
    return request;
}

bool is_excepted(const ngx_http_request_t* r, const ServerConf& conf) {
    if (conf.plain_except == nullptr) {
        return false;
    }
    const auto* prefixes = static_cast<const ngx_str_t*>(conf.plain_except->elts);
    for (ngx_uint_t i = 0; i < conf.plain_except->nelts; ++i) {
        if (view(r->uri).substr(0, prefixes[i].len) == view(prefixes[i])) {
            return true;
        }
    }
    return false;
}

// Undoes what nginx's parser was shown. The target is the asterisk for everybody who asks, and the root for
// whoever looks for a location. False when more stands behind the asterisk.
bool restore_asterisk(ngx_http_request_t* r) {
    if (r->unparsed_uri.len != 0) {
        r->unparsed_uri.data[0] = '*';
    }
    r->uri = ngx_string("/");
    return r->unparsed_uri.len == 1;
}

PlainRequest describe(const ngx_http_request_t* r, const UpgradeRequest& upgrade) {
    PlainRequest request;
    request.options = r->method == NGX_HTTP_OPTIONS;
    request.http2 = r->stream != nullptr;
    request.can_upgrade = r->http_version >= NGX_HTTP_VERSION_11;
    request.asks_for_tls = upgrade.asks_for_tls();
    request.has_body = r->headers_in.content_length_n > 0 || r->headers_in.chunked;
    request.excepted = is_excepted(r, conf_of(r));
    return request;
}

TlsMinors allowed_minors(const ServerConf& conf) {
    TlsMinors minors = 0;
    constexpr unsigned kBits[] = {kTlsv1, kTlsv11, kTlsv12, kTlsv13};
    for (unsigned minor = 0; minor < 4; ++minor) {
        if ((conf.protocols & kBits[minor]) != 0) {
            minors |= 1U << minor;
        }
    }
    return minors;
}

// The address of this side in text, an IPv6 address in brackets.
std::string local_host(ngx_http_request_t* r) {
    u_char text[NGX_SOCKADDR_STRLEN];
    ngx_str_t address{sizeof(text), text};
    if (ngx_connection_local_sockaddr(r->connection, &address, 0) != NGX_OK) {
        return std::string();
    }
    const std::string host = text_of(address);
    if (r->connection->local_sockaddr->sa_family == AF_UNIX) {
        return "localhost";
    }
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

// As nginx names itself in redirects, but for a client without Host by the server's name.
std::string redirect_host(ngx_http_request_t* r, const ngx_http_core_loc_conf_t& location) {
    const auto* server =
        static_cast<ngx_http_core_srv_conf_t*>(ngx_http_get_module_srv_conf(r, ngx_http_core_module));
    const bool has_name = is_redirect_host(view(server->server_name));
    if (r->headers_in.server.len != 0 && !(location.server_name_in_redirect && has_name)) {
        return text_of(r->headers_in.server);
    }
    return has_name ? text_of(server->server_name) : local_host(r);
}

// The port that the client came to, as whoever stands before this server says.
uint16_t redirect_port(ngx_http_request_t* r, const ngx_http_core_loc_conf_t& location) {
    ngx_connection_t* c = r->connection;
    if (!location.port_in_redirect || ngx_connection_local_sockaddr(c, nullptr, 0) != NGX_OK) {
        return 0;
    }
    const ngx_proxy_protocol_t* passed = c->proxy_protocol;
    if (passed != nullptr && passed->dst_port != 0) {
        return passed->dst_port;
    }
    return ngx_inet_get_port(c->local_sockaddr);
}

ngx_int_t redirect(ngx_http_request_t* r) {
    const auto* location =
        static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    const std::string host = redirect_host(r, *location);
    if (host.empty()) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    RedirectTarget target;
    target.host = host;
    target.port = redirect_port(r, *location);
    target.uri = view(r->unparsed_uri);
    const std::string url = redirect_location(target);
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    auto* data = static_cast<u_char*>(ngx_pnalloc(r->pool, url.size()));
    if (header == nullptr || data == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    ngx_memcpy(data, url.data(), url.size());
    ngx_memzero(header, sizeof(*header));
    header->hash = 1;
    header->key = ngx_string("Location");
    header->value = ngx_str_t{url.size(), data};
    ngx_http_clear_location(r);
    r->headers_out.location = header;
    // No page of the server's own takes the place of this answer.
    r->error_page = 1;
    const bool is_safe = r->method == NGX_HTTP_GET || r->method == NGX_HTTP_HEAD;
    return is_safe ? NGX_HTTP_MOVED_PERMANENTLY : NGX_HTTP_PERMANENT_REDIRECT;
}

bool has_page_of_its_own(ngx_http_request_t* r, ngx_int_t status) {
    const auto* location =
        static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
    if (location->error_pages == nullptr) {
        return false;
    }
    const auto* pages = static_cast<const ngx_http_err_page_t*>(location->error_pages->elts);
    for (ngx_uint_t i = 0; i < location->error_pages->nelts; ++i) {
        if (pages[i].status == status) {
            return true;
        }
    }
    return false;
}

// nginx has no page for this status.
ngx_int_t require_upgrade(ngx_http_request_t* r) {
    constexpr ngx_int_t kUpgradeRequired = 426;
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "client sent a request in the clear where TLS is required (%s)",
                  reason_name(Reason::PlainHttp));
    if (has_page_of_its_own(r, kUpgradeRequired)) {
        return kUpgradeRequired;
    }
    r->headers_out.status_line = ngx_string("426 Upgrade Required");
    ngx_str_t type = ngx_string("text/html");
    ngx_http_complex_value_t page;
    ngx_memzero(&page, sizeof(page));
    page.value.data = reinterpret_cast<u_char*>(const_cast<char*>(kUpgradeRequiredPage.data()));
    page.value.len = kUpgradeRequiredPage.size();
    ngx_http_finalize_request(r, ngx_http_send_response(r, kUpgradeRequired, &type, &page));
    return NGX_DONE;
}

ngx_int_t carry_out(ngx_http_request_t* r, PlainAnswer answer) {
    ngx_log_t* log = r->connection->log;
    switch (answer) {
        case PlainAnswer::Serve:
            return NGX_DECLINED;
        case PlainAnswer::Redirect:
            return redirect(r);
        case PlainAnswer::RequireUpgrade:
            return require_upgrade(r);
        case PlainAnswer::RefuseBody:
            ngx_log_error(NGX_LOG_INFO, log, 0, "client sent a request for TLS with a body (%s)",
                          reason_name(Reason::PlainHttp));
            return NGX_HTTP_REQUEST_ENTITY_TOO_LARGE;
        case PlainAnswer::BadRequest:
            ngx_log_error(NGX_LOG_INFO, log, 0, "client sent invalid request (%s)",
                          reason_name(Reason::PlainHttp));
            return NGX_HTTP_BAD_REQUEST;
        case PlainAnswer::Upgrade:  // carried out before
        case PlainAnswer::Error:
            break;
    }
    ngx_log_error(NGX_LOG_INFO, log, 0, "client sent plain HTTP request to HTTPS port (%s)",
                  reason_name(Reason::PlainHttp));
    return NGX_HTTP_TO_HTTPS;
}

bool add_header(ngx_http_request_t* r, ngx_str_t name, const std::string& value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    auto* data = static_cast<u_char*>(ngx_pnalloc(r->pool, value.size()));
    if (header == nullptr || data == nullptr) {
        return false;
    }
    ngx_memcpy(data, value.data(), value.size());
    ngx_memzero(header, sizeof(*header));
    header->hash = 1;
    header->key = name;
    header->value = ngx_str_t{value.size(), data};
    return true;
}

ngx_http_output_header_filter_pt next_header_filter;

// RFC 9110 section 7.8: any answer may offer another protocol, that of a 426 has to. A connection that
// another protocol takes over has none to offer.
ngx_int_t offer_upgrade(ngx_http_request_t* r) {
    if (r != r->main || r->stream != nullptr || r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS ||
        !is_plain_on_tls_address(r) || !offers_upgrade(plain_terms(conf_of(r)))) {
        return NGX_OK;
    }
    const bool added = add_header(r, ngx_string("Upgrade"), offered_protocols(allowed_minors(conf_of(r)))) &&
                       add_header(r, ngx_string("Connection"), "Upgrade");
    return added ? NGX_OK : NGX_ERROR;
}

ngx_int_t filter_header(ngx_http_request_t* r) {
    const ngx_int_t offered = guarded(static_cast<ngx_int_t>(NGX_ERROR), [&] { return offer_upgrade(r); });
    return offered == NGX_OK ? next_header_filter(r) : offered;
}

// Requests that nginx refused before their server was asked, or whose client left.
ngx_int_t on_log(ngx_http_request_t* r) {
    guarded([&] {
        Connection* connection = is_plain_on_tls_address(r) ? Connection::in_pool_of(r->connection) : nullptr;
        if (connection != nullptr) {
            connection->note_plain(use_without_answer(r));
        }
    });
    return NGX_OK;
}

}  // namespace

bool is_plain_on_tls_address(const ngx_http_request_t* r) {
    const ngx_connection_t* c = r->connection;
    return c->ssl == nullptr && c->listening != nullptr && c->listening->handler == on_accepted &&
           find_address(r->http_connection->addr_conf) != nullptr;
}

ngx_int_t answer_plain_request(ngx_http_request_t* r, Connection* connection) {
    const UpgradeRequest upgrade = read_upgrade_request(r);
    PlainRequest request = describe(r, upgrade);
    bool good_target = true;
    if (!request.http2 && connection->take_asterisk()) {
        request.asterisk = true;
        good_target = restore_asterisk(r);
    }
    const PlainAnswer answer =
        good_target ? answer_plain(plain_terms(conf_of(r)), request) : PlainAnswer::BadRequest;
    PlainMark* mark = make_mark(r, connection, use_of(answer));
    if (mark == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    if (answer == PlainAnswer::Upgrade) {
        const ngx_int_t begun =
            connection->upgrade(r, switched_protocol(upgrade.offered, allowed_minors(conf_of(r))));
        mark->use = begun == NGX_AGAIN ? PortUse::Upgraded : PortUse::Refused;
        return begun;
    }
    connection->note_plain(use_of(answer));
    return carry_out(r, answer);
}

std::optional<PortUse> plain_use(const ngx_http_request_t* r) {
    if (!is_plain_on_tls_address(r)) {
        return std::nullopt;
    }
    if (const PlainMark* mark = find_mark(r)) {
        return mark->use;
    }
    const Connection* connection = Connection::in_pool_of(r->connection);
    // For the handshake log there is a request that nobody sent; it is told what the connection was used for.
    const bool was_sent = r->stream != nullptr || r->request_start != nullptr;
    if (connection == nullptr || !connection->is_plain() || !was_sent) {
        return std::nullopt;
    }
    return use_without_answer(r);
}

ngx_int_t add_plain_hooks(ngx_conf_t* cf) {
    next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = filter_header;
    auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto* handler =
        static_cast<ngx_http_handler_pt*>(ngx_array_push(&core->phases[NGX_HTTP_LOG_PHASE].handlers));
    if (handler == nullptr) {
        return NGX_ERROR;
    }
    *handler = on_log;
    return NGX_OK;
}

}  // namespace tls

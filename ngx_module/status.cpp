#include "status.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <map>
#include <new>
#include <string>

#include "base/guard.h"
#include "conf.h"
#include "server/tally.h"
#include "stats/html.h"
#include "stats/json.h"
#include "stats/negotiate.h"
#include "stats/prometheus.h"
#include "stats/server_labels.h"

namespace tls {

namespace {

char* const kConfError = static_cast<char*>(NGX_CONF_ERROR);

MainConf* main_conf_of(ngx_conf_t* cf) {
    return static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_tls_module));
}

std::string software() {
    // "OpenSSL 3.0.17 1 Jul 2025": without the date.
    const std::string library = OpenSSL_version(OPENSSL_VERSION);
    return std::string("nginx ") + NGINX_VERSION + ", " +
           library.substr(0, library.find(' ', library.find(' ') + 1));
}

bool is_internal(const ServerConf& server) {
    const auto uses = [](const ServerConf& conf) { return conf.internal == 1; };
    if (has_certificates(server) || server.borrowed == nullptr) {
        return uses(server);
    }
    return !server.borrowed->empty() && uses(*server.borrowed->begin()->first);
}

void list_certificates(const MainConf& main, const std::vector<FoundCertificate>& found, Snapshot* out) {
    for (const StaticCertificate& known : main.static_certificates) {
        out->certificates.push_back({known.server, known.name, known.key_type, known.not_after, false});
    }
    std::map<uint64_t, size_t> by_identity;
    for (size_t i = 0; i < main.counted.size(); ++i) {
        by_identity.emplace(main.counted[i].identity, i);
    }
    for (const FoundCertificate& known : found) {
        // A table may have some of servers that are gone.
        const auto server = by_identity.find(known.server);
        if (server != by_identity.end()) {
            out->certificates.push_back({server->second, known.name, known.key_type, known.not_after,
                                         is_internal(*main.counted[server->second].conf)});
        }
    }
    std::stable_sort(
        out->certificates.begin(), out->certificates.end(),
        [](const CertificateLine& a, const CertificateLine& b) { return a.not_after < b.not_after; });
}

Snapshot take_snapshot(const MainConf& main) {
    const CounterBoard board = main.counters->board();
    const std::vector<uint32_t> workers = board.live_workers(SharedCounters::is_alive);
    Snapshot snapshot;
    snapshot.now = ngx_time();
    snapshot.since = board.since();
    snapshot.workers = workers.size();
    snapshot.software = software();
    snapshot.names = label_names();
    snapshot.recent = board.read_recent(snapshot.now);
    snapshot.whole.values = board.read_all();
    snapshot.servers.resize(main.counted.size());
    for (size_t i = 0; i < main.counted.size(); ++i) {
        ServerFigures& server = snapshot.servers[i];
        const uint32_t place = main.counted[i].conf->count_place;
        server.label = main.counted[i].label;
        if (place >= CounterBoard::kFirstServer) {
            board.read(place, &server.values);
            server.connections = board.read_gauges(place, workers);
        }
    }
    ServerFigures others;
    others.label = kOtherServers;
    board.read(CounterBoard::kShared, &others.values);
    others.connections = board.read_gauges(CounterBoard::kShared, workers);
    if (total_of(others.values, FamilyId::Connections) != 0) {
        snapshot.servers.push_back(std::move(others));
    }
    for (uint32_t place = 0; place < board.shape().places; ++place) {
        const GaugeValues here = board.read_gauges(place, workers);
        snapshot.whole.connections.active += here.active;
        snapshot.whole.connections.handshaking += here.handshaking;
    }
    list_certificates(main, main.counters->certificates(snapshot.now), &snapshot);
    return snapshot;
}

// Lines of a header that was sent several times count as one list (RFC 9110 section 5.3).
std::string accept_header(const ngx_http_request_t* r) {
    std::string accept;
    for (const ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
        const auto* headers = static_cast<const ngx_table_elt_t*>(part->elts);
        for (ngx_uint_t i = 0; i < part->nelts; ++i) {
            if (view(headers[i].key).size() == 6 &&
                ngx_strncasecmp(headers[i].key.data, reinterpret_cast<u_char*>(const_cast<char*>("accept")),
                                6) == 0) {
                accept += (accept.empty() ? "" : ",") + text_of(headers[i].value);
            }
        }
    }
    return accept;
}

// Nothing when the argument asks for a format that is none.
std::optional<StatusFormat> wanted_format(ngx_http_request_t* r) {
    ngx_str_t name;
    if (ngx_http_arg(r, reinterpret_cast<u_char*>(const_cast<char*>("format")), 6, &name) == NGX_OK) {
        return format_by_name(view(name));
    }
    return format_by_accept(accept_header(r));
}

std::string render(StatusFormat format, const Snapshot& snapshot) {
    switch (format) {
        case StatusFormat::Html:
            return render_html(snapshot);
        case StatusFormat::Json:
            return render_json(snapshot);
        case StatusFormat::Prometheus:
            return render_prometheus(snapshot);
    }
    return {};
}

ngx_str_t static_text(std::string_view text) {
    return ngx_str_t{text.size(), reinterpret_cast<u_char*>(const_cast<char*>(text.data()))};
}

bool add_header(ngx_http_request_t* r, std::string_view name, std::string_view value) {
    auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
    if (header == nullptr) {
        return false;
    }
    ngx_memzero(header, sizeof(*header));
    header->hash = 1;
    header->key = static_text(name);
    header->value = static_text(value);
    return true;
}

ngx_int_t send_head(ngx_http_request_t* r, StatusFormat format, size_t size) {
    const std::string_view type = content_type(format);
    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = static_cast<off_t>(size);
    r->headers_out.content_type = static_text(type);
    // Shorter than the whole: it says its charset itself, and nginx adds none.
    r->headers_out.content_type_len = type.substr(0, type.find(';')).size();
    r->headers_out.content_type_lowcase = nullptr;
    const bool added =
        add_header(r, "Cache-Control", "no-store") && add_header(r, "Vary", "Accept") &&
        add_header(r, "X-Content-Type-Options", "nosniff") &&
        (format != StatusFormat::Html ||
         add_header(r, "Content-Security-Policy",
                    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
                    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"));
    return added ? ngx_http_send_header(r) : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

// The text lives as long as the request.
ngx_buf_t* buffer_of(ngx_http_request_t* r, std::string text) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(r->pool, sizeof(std::string));
    auto* buffer = static_cast<ngx_buf_t*>(ngx_calloc_buf(r->pool));
    if (cleanup == nullptr || buffer == nullptr) {
        return nullptr;
    }
    auto* kept = new (cleanup->data) std::string(std::move(text));
    cleanup->handler = [](void* data) { static_cast<std::string*>(data)->~basic_string(); };
    buffer->pos = reinterpret_cast<u_char*>(kept->data());
    buffer->last = buffer->pos + kept->size();
    buffer->memory = 1;
    buffer->last_buf = r == r->main ? 1 : 0;
    buffer->last_in_chain = 1;
    return buffer;
}

ngx_int_t answer(ngx_http_request_t* r) {
    if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) {
        return NGX_HTTP_NOT_ALLOWED;
    }
    const ngx_int_t discarded = ngx_http_discard_request_body(r);
    if (discarded != NGX_OK) {
        return discarded;
    }
    const std::optional<StatusFormat> format = wanted_format(r);
    if (!format) {
        return NGX_HTTP_BAD_REQUEST;
    }
    const auto* main = static_cast<const MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_tls_module));
    ngx_buf_t* buffer = buffer_of(r, render(*format, take_snapshot(*main)));
    if (buffer == nullptr) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
    const ngx_int_t sent = send_head(r, *format, static_cast<size_t>(buffer->last - buffer->pos));
    if (sent == NGX_ERROR || sent > NGX_OK || r->header_only) {
        return sent;
    }
    ngx_chain_t out{buffer, nullptr};
    return ngx_http_output_filter(r, &out);
}

ngx_int_t on_status(ngx_http_request_t* r) {
    return guarded(static_cast<ngx_int_t>(NGX_HTTP_INTERNAL_SERVER_ERROR), [&] { return answer(r); });
}

}  // namespace

char* set_status(ngx_conf_t* cf, ngx_command_t*, void*) {
    auto* location =
        static_cast<ngx_http_core_loc_conf_t*>(ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
    MainConf* main = main_conf_of(cf);
    location->handler = on_status;
    if (main->status_place.file.data == nullptr) {
        main->status_place = ConfPlace{cf->conf_file->file.name, cf->conf_file->line};
    }
    return NGX_CONF_OK;
}

// tls_status_zone off | SIZE
char* set_status_zone(ngx_conf_t* cf, ngx_command_t*, void*) {
    MainConf* main = main_conf_of(cf);
    if (main->status_zone_said) {
        return const_cast<char*>("is duplicate");
    }
    main->status_zone_said = true;
    ngx_str_t value = static_cast<ngx_str_t*>(cf->args->elts)[1];
    if (view(value) == "off") {
        main->status_zone_off = true;
        return NGX_CONF_OK;
    }
    const ssize_t size = ngx_parse_size(&value);
    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid zone size \"%V\"", &value);
        return kConfError;
    }
    if (size < static_cast<ssize_t>(32 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "zone \"tls_status_zone\" is too small");
        return kConfError;
    }
    main->status_zone_size = static_cast<size_t>(size);
    return NGX_CONF_OK;
}

}  // namespace tls

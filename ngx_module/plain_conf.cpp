#include "plain_conf.h"

#include <memory>

#include "base/guard.h"

namespace tls {

namespace {

constexpr ngx_msec_t kDefaultOtherTimeout = 2000;
constexpr ngx_msec_t kDefaultIdleTimeout = 600 * 1000;  // as proxy_timeout of nginx's stream

char* const kConfError = static_cast<char*>(NGX_CONF_ERROR);

struct PlainWord {
    const char* word;
    PlainMode mode;
};

constexpr PlainWord kPlainWords[] = {
    {"error", PlainMode::Error},
    {"serve", PlainMode::Serve},
    {"redirect", PlainMode::Redirect},
    {"upgrade", PlainMode::Upgrade},
    {"upgrade_required", PlainMode::UpgradeRequired},
};

char* fail(ngx_conf_t* cf, const char* message, const ngx_str_t& value) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s \"%V\"", message, &value);
    return kConfError;
}

bool find_mode(std::string_view word, ngx_uint_t* mode) {
    for (const PlainWord& known : kPlainWords) {
        if (known.word == word) {
            *mode = static_cast<ngx_uint_t>(known.mode);
            return true;
        }
    }
    return false;
}

const char* word_of(PlainMode mode) {
    for (const PlainWord& known : kPlainWords) {
        if (known.mode == mode) {
            return known.word;
        }
    }
    return "";
}

// What is behind `prefix` in `value`; null data when it does not begin so.
ngx_str_t behind(const ngx_str_t& value, std::string_view prefix) {
    if (view(value).substr(0, prefix.size()) != prefix) {
        return ngx_null_string;
    }
    return ngx_str_t{value.len - prefix.size(), value.data + prefix.size()};
}

bool is_upgrade(const ServerConf& conf) {
    return conf.plain_mode == static_cast<ngx_uint_t>(PlainMode::Upgrade) ||
           conf.plain_mode == static_cast<ngx_uint_t>(PlainMode::UpgradeRequired);
}

// except=PREFIX of redirect, requests=any of the upgrades.
bool set_plain_parameter(ngx_conf_t* cf, const ngx_str_t& value, ServerConf* conf) {
    const ngx_str_t prefix = behind(value, "except=");
    if (prefix.len > 0 && prefix.data[0] == '/' &&
        conf->plain_mode == static_cast<ngx_uint_t>(PlainMode::Redirect)) {
        if (conf->plain_except == nullptr) {
            conf->plain_except = ngx_array_create(cf->pool, 1, sizeof(ngx_str_t));
        }
        void* place = conf->plain_except != nullptr ? ngx_array_push(conf->plain_except) : nullptr;
        if (place != nullptr) {
            *static_cast<ngx_str_t*>(place) = prefix;
        }
        return place != nullptr;
    }
    if (view(value) == "requests=any" && is_upgrade(*conf)) {
        conf->plain_any_method = 1;
        return true;
    }
    return false;
}

bool resolve_other(ngx_conf_t* cf, const ngx_str_t& value, OtherServer* other) {
    ngx_url_t url;
    ngx_memzero(&url, sizeof(url));
    url.url = value;
    if (ngx_parse_url(cf->pool, &url) != NGX_OK) {
        if (url.err != nullptr) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in tls_other \"%V\"", url.err, &value);
        }
        return false;
    }
    if (url.no_port) {
        fail(cf, "no port in tls_other", value);
        return false;
    }
    other->name = text_of(value);
    other->addresses.assign(url.addrs, url.addrs + url.naddrs);
    return true;
}

bool set_other_parameter(const ngx_str_t& value, OtherServer* other) {
    if (view(value) == "proxy_protocol") {
        other->proxy_protocol = true;
        return true;
    }
    ngx_str_t timeout = behind(value, "timeout=");
    const ngx_int_t parsed = timeout.len > 0 ? ngx_parse_time(&timeout, 0) : NGX_ERROR;
    if (parsed == NGX_ERROR || parsed == 0) {
        return false;
    }
    other->idle_timeout = static_cast<ngx_msec_t>(parsed);
    return true;
}

char* read_other(ngx_conf_t* cf, ServerConf* conf) {
    const auto* value = static_cast<const ngx_str_t*>(cf->args->elts);
    if (conf->other_set) {
        return const_cast<char*>("is duplicate");
    }
    conf->other_set = 1;
    if (view(value[1]) == "off" && cf->args->nelts == 2) {
        return NGX_CONF_OK;
    }
    auto other = std::make_unique<OtherServer>();
    other->idle_timeout = kDefaultIdleTimeout;
    if (!resolve_other(cf, value[1], other.get())) {
        return kConfError;
    }
    for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
        if (!set_other_parameter(value[i], other.get())) {
            return fail(cf, "invalid parameter", value[i]);
        }
    }
    conf->other = other.get();
    auto* main = static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_tls_module));
    main->others.push_back(std::move(other));
    return NGX_CONF_OK;
}

}  // namespace

// tls_plain error | serve | redirect [except=PREFIX ...] | upgrade [requests=any] | upgrade_required
// [requests=any]
char* set_plain(ngx_conf_t* cf, ngx_command_t* command, void* data) {
    auto* conf = static_cast<ServerConf*>(data);
    const auto* value = static_cast<const ngx_str_t*>(cf->args->elts);
    if (conf->plain_mode != NGX_CONF_UNSET_UINT) {
        return const_cast<char*>("is duplicate");
    }
    if (!find_mode(view(value[1]), &conf->plain_mode)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive, it must be \"error\", \"serve\", "
                           "\"redirect\", \"upgrade\" or \"upgrade_required\"",
                           &value[1], &command->name);
        return kConfError;
    }
    conf->plain_place = ConfPlace{cf->conf_file->file.name, cf->conf_file->line};
    for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
        if (!set_plain_parameter(cf, value[i], conf)) {
            return fail(cf, "invalid parameter", value[i]);
        }
    }
    return NGX_CONF_OK;
}

// tls_other off | ADDRESS [proxy_protocol] [timeout=TIME]
char* set_other(ngx_conf_t* cf, ngx_command_t*, void* data) {
    return guarded(kConfError, [&] { return read_other(cf, static_cast<ServerConf*>(data)); });
}

void unset_plain(ServerConf* conf) {
    conf->plain_mode = NGX_CONF_UNSET_UINT;
    conf->other_timeout = NGX_CONF_UNSET_MSEC;
}

void merge_plain(ServerConf* conf, const ServerConf& parent) {
    if (conf->plain_mode == NGX_CONF_UNSET_UINT) {
        conf->plain_mode = parent.plain_mode;
        conf->plain_except = parent.plain_except;
        conf->plain_any_method = parent.plain_any_method;
        conf->plain_place = parent.plain_place;
    }
    if (conf->plain_mode == NGX_CONF_UNSET_UINT) {
        conf->plain_mode = static_cast<ngx_uint_t>(PlainMode::Error);
    }
    if (!conf->other_set) {
        conf->other = parent.other;
    }
    ngx_conf_merge_msec_value(conf->other_timeout, parent.other_timeout, kDefaultOtherTimeout);
}

PlainTerms plain_terms(const ServerConf& conf) {
    PlainTerms terms;
    terms.mode = static_cast<PlainMode>(conf.plain_mode);
    terms.any_method = conf.plain_any_method != 0;
    terms.serves_tls = conf.enable == 1;
    return terms;
}

void warn_of_plain(ngx_conf_t* cf, const ngx_http_conf_addr_t& address, MainConf* main) {
    auto** servers = static_cast<ngx_http_core_srv_conf_t**>(address.servers.elts);
    for (ngx_uint_t i = 0; i < address.servers.nelts; ++i) {
        const ServerConf& conf = *server_conf_of(servers[i]);
        const PlainTerms terms = plain_terms(conf);
        if (!terms.serves_tls && answer_plain(terms, PlainRequest()) != PlainAnswer::Serve) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "server \"%V\" in %s:%ui has no \"tls on\" but shares %V with a server that has, "
                          "it cannot be reached there without \"tls_plain serve\"",
                          &servers[i]->server_name, servers[i]->file_name, servers[i]->line,
                          &address.opt.addr_text);
        }
        if (offers_upgrade(terms) && !main->warned_of_upgrade) {
            main->warned_of_upgrade = true;
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"tls_plain %s\" in %V:%ui: the certificate of server \"%V\" serves ordinary "
                          "TLS as well, and there a client that offers no ALPN can be given the answer to "
                          "somebody else's request; use a name and a certificate of their own for upgrades",
                          word_of(terms.mode), &conf.plain_place.file, conf.plain_place.line,
                          &servers[i]->server_name);
        }
    }
}

}  // namespace tls

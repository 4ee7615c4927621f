// The directives of the handshake log.
#include "base/guard.h"
#include "base/line_format.h"
#include "conf.h"
#include "handshake_log.h"

namespace tls {

namespace {

constexpr const char* kDefaultName = "default";
// Every value is one word, but for the last, which stands between quotes.
constexpr const char* kDefaultFormat =
    "time=$time_iso8601 client=$remote_addr port=$remote_port proxy=$proxy_protocol_addr "
    "address=$server_addr address_port=$server_port connection=$connection use=$tls_port_use "
    "reason=$tls_handshake_reason ended_by=$tls_ended_by "
    "alert=$tls_alert alert_from=$tls_alert_from name=$tls_server_name server=$server_name "
    "matched_by=$tls_server_matched_by offered=$tls_offered_version protocol=$tls_protocol "
    "cipher=$tls_cipher group=$tls_curve signature=$tls_sigalg alpn=$tls_alpn_protocol "
    "resumed=$tls_session_reused early_data=$tls_early_data_status "
    "certificate=$tls_certificate_file certificate_by=$tls_certificate_by "
    "verify=$tls_client_verify ja3=$tls_ja3_hash ja4=$tls_ja4 received=$tls_bytes_received "
    "sent=$tls_bytes_sent "
    "seconds=$tls_handshake_time detail=\"$tls_handshake_detail\"";

// nginx is about to reopen the file: what was said before goes into the old one.
void on_reopen(ngx_open_file_t* file, ngx_log_t*) {
    flush_handshake_logs(ngx_cycle, file);
}

bool ends_with_quote(const std::string& text) {
    return !text.empty() && text.back() == '"';
}

// False for a word that is none.
bool parse_escape(std::string_view word, Escape* escape) {
    if (word == "default") {
        *escape = Escape::Default;
    } else if (word == "json") {
        *escape = Escape::Json;
    } else if (word == "none") {
        *escape = Escape::None;
    } else {
        return false;
    }
    return true;
}

// What follows the path in tls_handshake_log.
struct LogTerms {
    std::string_view format = kDefaultName;
    size_t buffer_size = 0;
    ngx_msec_t flush = 0;
    ngx_http_complex_value_t* condition = nullptr;
};

ngx_str_t after(const ngx_str_t& value, size_t size) {
    return ngx_str_t{value.len - size, value.data + size};
}

bool starts_with(const ngx_str_t& value, std::string_view prefix) {
    return view(value).substr(0, prefix.size()) == prefix;
}

ngx_http_complex_value_t* compile_condition(ngx_conf_t* cf, ngx_str_t text) {
    auto* condition =
        static_cast<ngx_http_complex_value_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_http_complex_value_t)));
    ngx_http_compile_complex_value_t compile{};
    compile.cf = cf;
    compile.value = &text;
    compile.complex_value = condition;
    return condition != nullptr && ngx_http_compile_complex_value(&compile) == NGX_OK ? condition : nullptr;
}

// The word of a sentence "invalid … " for a parameter that is none; null when it was taken, and empty when
// the reason was logged already.
const char* take_parameter(ngx_conf_t* cf, const ngx_str_t& value, LogTerms* terms, ngx_str_t* text) {
    if (starts_with(value, "buffer=")) {
        *text = after(value, sizeof("buffer=") - 1);
        const ssize_t size = ngx_parse_size(text);
        terms->buffer_size = static_cast<size_t>(size);
        return size == NGX_ERROR || size == 0 ? "buffer size" : nullptr;
    }
    if (starts_with(value, "flush=")) {
        *text = after(value, sizeof("flush=") - 1);
        const ngx_int_t time = ngx_parse_time(text, 0);
        terms->flush = static_cast<ngx_msec_t>(time);
        return time == NGX_ERROR || time == 0 ? "flush time" : nullptr;
    }
    if (starts_with(value, "if=")) {
        terms->condition = compile_condition(cf, after(value, sizeof("if=") - 1));
        return terms->condition == nullptr ? "" : nullptr;
    }
    *text = value;
    return "parameter";
}

bool take_parameters(ngx_conf_t* cf, LogTerms* terms) {
    const auto* value = static_cast<const ngx_str_t*>(cf->args->elts);
    ngx_uint_t i = 2;
    if (i < cf->args->nelts && view(value[i]).find('=') == std::string_view::npos) {
        terms->format = view(value[i++]);
    }
    for (; i < cf->args->nelts; ++i) {
        ngx_str_t text{};
        const char* wrong = take_parameter(cf, value[i], terms, &text);
        if (wrong == nullptr) {
            continue;
        }
        if (*wrong != '\0') {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid %s \"%V\"", wrong, &text);
        }
        return false;
    }
    if (terms->flush != 0 && terms->buffer_size == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "no buffer is defined for tls_handshake_log \"%V\"",
                           &value[1]);
        return false;
    }
    return true;
}

bool open_syslog(ngx_conf_t* cf, const LogTerms& terms, HandshakeLog* log) {
    if (terms.buffer_size != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "logs to syslog cannot be buffered");
        return false;
    }
    log->syslog = static_cast<ngx_syslog_peer_t*>(ngx_pcalloc(cf->pool, sizeof(ngx_syslog_peer_t)));
    return log->syslog != nullptr && ngx_syslog_process_conf(cf, log->syslog) == NGX_CONF_OK;
}

bool add_log(ngx_conf_t* cf, HandshakeLogs* logs, HandshakeLog* log) {
    const ngx_str_t& path = static_cast<const ngx_str_t*>(cf->args->elts)[1];
    LogTerms terms;
    if (!take_parameters(cf, &terms)) {
        return false;
    }
    log->condition = terms.condition;
    log->format = logs->find_format(cf, terms.format);
    if (log->format == nullptr) {
        return false;
    }
    if (starts_with(path, "syslog:")) {
        return open_syslog(cf, terms, log);
    }
    if (view(path).find('$') != std::string_view::npos) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "tls_handshake_log \"%V\" cannot have variables in its name",
                           &path);
        return false;
    }
    log->file = logs->add_file(cf, path, terms.buffer_size, terms.flush);
    return log->file != nullptr;
}

HandshakeLogs* make_logs(MainConf* main) {
    if (main->handshake_logs == nullptr) {
        main->handshake_logs = std::make_unique<HandshakeLogs>();
    }
    return main->handshake_logs.get();
}

}  // namespace

const HandshakeFormat* HandshakeLogs::compile(ngx_conf_t* cf, const std::string& name, Escape escape,
                                              const std::string& text) {
    const auto parsed = parse_line_format(text);
    if (!parsed) {
        const std::string& error = parsed.error().message;
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%*s", error.size(), error.data());
        return nullptr;
    }
    auto format = std::make_unique<HandshakeFormat>();
    format->name = name;
    for (const LinePiece& piece : *parsed) {
        HandshakeFormat::Piece made{piece.text, escape};
        if (piece.is_variable) {
            ngx_str_t variable{piece.text.size(),
                               reinterpret_cast<u_char*>(const_cast<char*>(piece.text.data()))};
            made.variable = ngx_http_get_variable_index(cf, &variable);
            if (made.variable == NGX_ERROR) {
                return nullptr;
            }
            const bool quoted = !format->pieces.empty() && ends_with_quote(format->pieces.back().text);
            if (escape == Escape::Word && quoted) {
                made.escape = Escape::Default;
            }
        }
        format->pieces.push_back(std::move(made));
    }
    formats_.push_back(std::move(format));
    return formats_.back().get();
}

const HandshakeFormat* HandshakeLogs::add_format(ngx_conf_t* cf) {
    const auto* value = static_cast<const ngx_str_t*>(cf->args->elts);
    const std::string name = text_of(value[1]);
    bool known = name == kDefaultName;
    for (const auto& format : formats_) {
        known = known || format->name == name;
    }
    if (known) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "duplicate \"tls_handshake_format\" name \"%V\"", &value[1]);
        return nullptr;
    }
    ngx_uint_t i = 2;
    Escape escape = Escape::Default;
    if (starts_with(value[i], "escape=")) {
        const ngx_str_t word = after(value[i++], sizeof("escape=") - 1);
        if (!parse_escape(view(word), &escape)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown handshake format escaping \"%V\"", &word);
            return nullptr;
        }
    }
    std::string text;
    for (; i < cf->args->nelts; ++i) {
        text += view(value[i]);
    }
    return compile(cf, name, escape, text);
}

// The default one costs nothing until it is named.
const HandshakeFormat* HandshakeLogs::find_format(ngx_conf_t* cf, std::string_view name) {
    for (const auto& format : formats_) {
        if (format->name == name) {
            return format.get();
        }
    }
    if (name == kDefaultName) {
        return compile(cf, kDefaultName, Escape::Word, kDefaultFormat);
    }
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "unknown handshake format \"%*s\"", name.size(), name.data());
    return nullptr;
}

LogFile* HandshakeLogs::add_file(ngx_conf_t* cf, ngx_str_t path, size_t buffer_size, ngx_msec_t flush) {
    ngx_open_file_t* file = ngx_conf_open_file(cf->cycle, &path);
    if (file == nullptr) {
        return nullptr;
    }
    for (const auto& known : files_) {
        if (known->file() != file) {
            continue;
        }
        if (!known->has_terms(buffer_size, flush)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "tls_handshake_log \"%V\" already defined with conflicting parameters", &path);
            return nullptr;
        }
        return known.get();
    }
    // An access_log with a buffer may have the file as well; then its own is flushed at a reopening.
    if (file->flush == nullptr) {
        file->flush = on_reopen;
    }
    files_.push_back(std::make_unique<LogFile>(file, buffer_size, flush));
    return files_.back().get();
}

char* set_handshake_format(ngx_conf_t* cf, ngx_command_t*, void* main_conf) {
    const bool added = guarded(
        false, [&] { return make_logs(static_cast<MainConf*>(main_conf))->add_format(cf) != nullptr; });
    return added ? NGX_CONF_OK : static_cast<char*>(NGX_CONF_ERROR);
}

char* set_handshake_log(ngx_conf_t* cf, ngx_command_t*, void* server_conf) {
    auto* conf = static_cast<ServerConf*>(server_conf);
    const auto* value = static_cast<const ngx_str_t*>(cf->args->elts);
    if (view(value[1]) == "off") {
        conf->handshake_log_off = 1;
        if (cf->args->nelts == 2) {
            return NGX_CONF_OK;
        }
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", &value[2]);
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    if (conf->handshake_logs == nullptr) {
        conf->handshake_logs = ngx_array_create(cf->pool, 2, sizeof(HandshakeLog));
    }
    auto* log = conf->handshake_logs != nullptr
                    ? static_cast<HandshakeLog*>(ngx_array_push(conf->handshake_logs))
                    : nullptr;
    if (log == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    *log = HandshakeLog{};
    auto* main = static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_tls_module));
    const bool added = guarded(false, [&] { return add_log(cf, make_logs(main), log); });
    return added ? NGX_CONF_OK : static_cast<char*>(NGX_CONF_ERROR);
}

}  // namespace tls

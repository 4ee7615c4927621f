// The directives' table, and the handlers of those that nginx's own slots cannot read.
#include <climits>
#include <cstddef>

#include "base/guard.h"
#include "conf.h"
#include "handshake_log.h"
#include "key_log.h"
#include "key_threads.h"
#include "plain_conf.h"
#include "policy/profile.h"
#include "session_zone.h"
#include "status.h"

namespace tls {

namespace {

char* const kConfError = static_cast<char*>(NGX_CONF_ERROR);

ngx_str_t* arguments(ngx_conf_t* cf) {
    return static_cast<ngx_str_t*>(cf->args->elts);
}

bool starts_with(const ngx_str_t& value, const char* prefix) {
    return view(value).substr(0, ngx_strlen(prefix)) == prefix;
}

ConfPlace here(ngx_conf_t* cf) {
    return ConfPlace{cf->conf_file->file.name, cf->conf_file->line};
}

char* set_enable(ngx_conf_t* cf, ngx_command_t* command, void* data) {
    static_cast<ServerConf*>(data)->place = here(cf);
    return ngx_conf_set_flag_slot(cf, command, data);
}

// The place is remembered for messages about what the files hold.
char* set_credential(ngx_conf_t* cf, ngx_command_t* command, void* data) {
    const ngx_str_t& value = arguments(cf)[1];
    auto** sources = reinterpret_cast<ngx_array_t**>(static_cast<char*>(data) + command->offset);
    if (*sources == NGX_CONF_UNSET_PTR) {
        *sources = ngx_array_create(cf->pool, 2, sizeof(ConfSource));
    }
    auto* source = *sources != nullptr ? static_cast<ConfSource*>(ngx_array_push(*sources)) : nullptr;
    if (source == nullptr) {
        return kConfError;
    }
    *source = ConfSource{value, here(cf)};
    return NGX_CONF_OK;
}

// A file, several times, or `internal`.
char* set_certificate(ngx_conf_t* cf, ngx_command_t* command, void* data) {
    auto* conf = static_cast<ServerConf*>(data);
    const bool is_internal = view(arguments(cf)[1]) == "internal";
    const bool has_files = conf->certificates != NGX_CONF_UNSET_PTR;
    if (conf->internal == 1 || (is_internal && has_files)) {
        return const_cast<char*>("\"internal\" excludes other certificates");
    }
    if (conf->certificate_place.file.data == nullptr) {
        conf->certificate_place = here(cf);
    }
    if (!is_internal) {
        return set_credential(cf, command, data);
    }
    conf->internal = 1;
    return NGX_CONF_OK;
}

// tls_certificate_cache off | max=N [inactive=time] [valid=time]
char* set_catalog(ngx_conf_t* cf, ngx_command_t*, void* data) {
    auto* conf = static_cast<ServerConf*>(data);
    if (conf->catalog_max != NGX_CONF_UNSET) {
        return const_cast<char*>("is duplicate");
    }
    const ngx_str_t* value = arguments(cf);
    for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
        const size_t equals = view(value[i]).find('=');
        const std::string_view name = view(value[i]).substr(0, equals);
        ngx_str_t text = value[i];
        if (equals != std::string_view::npos) {
            text = ngx_str_t{value[i].len - equals - 1, value[i].data + equals + 1};
        }
        bool valid = true;
        if (cf->args->nelts == 2 && view(value[i]) == "off") {
            conf->catalog_max = 0;
        } else if (name == "max") {
            conf->catalog_max = ngx_atoi(text.data, text.len);
            valid = conf->catalog_max > 0;
        } else if (name == "inactive") {
            conf->catalog_inactive = ngx_parse_time(&text, 1);
            valid = conf->catalog_inactive != static_cast<time_t>(NGX_ERROR);
        } else if (name == "valid") {
            conf->catalog_valid = ngx_parse_time(&text, 1);
            valid = conf->catalog_valid != static_cast<time_t>(NGX_ERROR);
        } else {
            valid = false;
        }
        if (!valid) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", &value[i]);
            return kConfError;
        }
    }
    if (conf->catalog_max == NGX_CONF_UNSET) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"tls_certificate_cache\" must have the \"max\" parameter");
        return kConfError;
    }
    return NGX_CONF_OK;
}

char* set_profile(ngx_conf_t* cf, ngx_command_t* command, void* data) {
    const ngx_str_t& value = arguments(cf)[1];
    if (find_profile(view(value)) == nullptr) {
        ngx_conf_log_error(
            NGX_LOG_EMERG, cf, 0,
            "invalid value \"%V\" in \"%V\" directive, it must be \"modern\", \"intermediate\" or \"old\"",
            &value, &command->name);
        return kConfError;
    }
    return ngx_conf_set_str_slot(cf, command, data);
}

bool set_builtin_cache(const ngx_str_t& value, ServerConf* conf) {
    constexpr size_t kPrefix = sizeof("builtin:") - 1;
    if (view(value) == "builtin") {
        conf->builtin_size = -1;
        return true;
    }
    const ngx_int_t size = ngx_atoi(value.data + kPrefix, value.len - kPrefix);
    if (size == NGX_ERROR) {
        return false;
    }
    // As in OpenSSL and with nginx's own directive, 0 is no limit.
    conf->builtin_size = size != 0 ? size : LONG_MAX;
    return true;
}

// shared:NAME:SIZE; `logged` is set when a failure has been told already.
bool set_shared_cache(ngx_conf_t* cf, const ngx_str_t& value, ServerConf* conf, bool* logged) {
    constexpr size_t kPrefix = sizeof("shared:") - 1;
    const size_t colon = view(value).find(':', kPrefix);
    if (colon == std::string_view::npos || colon == kPrefix) {
        return false;
    }
    ngx_str_t name{colon - kPrefix, value.data + kPrefix};
    ngx_str_t text{value.len - colon - 1, value.data + colon + 1};
    const ssize_t size = ngx_parse_size(&text);
    if (size == NGX_ERROR) {
        return false;
    }
    *logged = true;
    if (size < static_cast<ssize_t>(8 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "session cache \"%V\" is too small", &value);
        return false;
    }
    conf->shared_sessions = SharedSessions::in_zone(cf, &name, static_cast<size_t>(size));
    return conf->shared_sessions != nullptr;
}

bool is_switched_off(const ServerConf& conf) {
    return conf.cache_mode == static_cast<ngx_int_t>(CacheMode::Off) ||
           conf.cache_mode == static_cast<ngx_int_t>(CacheMode::None);
}

// Said again, it adds to what was said, as nginx's own does: builtin cache and zone may stand in two lines.
char* set_session_cache(ngx_conf_t* cf, ngx_command_t*, void* data) {
    auto* conf = static_cast<ServerConf*>(data);
    if (conf->cache_mode == NGX_CONF_UNSET) {
        conf->builtin_size = 0;
    }
    const ngx_str_t* value = arguments(cf);
    for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
        CacheMode mode = CacheMode::None;
        bool valid = true;
        bool logged = false;
        if (view(value[i]) == "off") {
            mode = CacheMode::Off;
        } else if (view(value[i]) == "none") {
            mode = CacheMode::None;
        } else if (view(value[i]) == "builtin" || starts_with(value[i], "builtin:")) {
            mode = conf->shared_sessions != nullptr ? CacheMode::Shared : CacheMode::Builtin;
            valid = set_builtin_cache(value[i], conf);
        } else if (starts_with(value[i], "shared:")) {
            mode = is_switched_off(*conf) ? static_cast<CacheMode>(conf->cache_mode) : CacheMode::Shared;
            valid = set_shared_cache(cf, value[i], conf, &logged);
        } else {
            valid = false;
        }
        if (!valid) {
            if (!logged) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid session cache \"%V\"", &value[i]);
            }
            return kConfError;
        }
        conf->cache_mode = static_cast<ngx_int_t>(mode);
    }
    return NGX_CONF_OK;
}

// For sizes with which nothing would ever be served. It begins as nginx's ngx_conf_post_t.
struct LeastSize {
    ngx_conf_post_handler_pt check;
    size_t least;
};

char* check_size(ngx_conf_t* cf, void* post, void* data) {
    const size_t least = static_cast<const LeastSize*>(post)->least;
    if (*static_cast<const size_t*>(data) >= least) {
        return NGX_CONF_OK;
    }
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "value must be equal to or greater than %uz", least);
    return kConfError;
}

LeastSize kLeastBuffer{check_size, 1};
LeastSize kLeastHello{check_size, 512};

// SSL_CONF_cmd needs no look at the value here: OpenSSL checks it when the context is built.
ngx_conf_bitmask_t kProtocolWords[] = {
    {ngx_string("SSLv2"), kSslv2},
    {ngx_string("SSLv3"), kSslv3},
    {ngx_string("TLSv1"), kTlsv1},
    {ngx_string("TLSv1.1"), kTlsv11},
    {ngx_string("TLSv1.2"), kTlsv12},
    {ngx_string("TLSv1.3"), kTlsv13},
    {ngx_null_string, 0},
};

ngx_conf_enum_t kVerifyWords[] = {
    {ngx_string("off"), static_cast<ngx_uint_t>(VerifyMode::Off)},
    {ngx_string("on"), static_cast<ngx_uint_t>(VerifyMode::On)},
    {ngx_string("optional"), static_cast<ngx_uint_t>(VerifyMode::Optional)},
    {ngx_string("optional_no_ca"), static_cast<ngx_uint_t>(VerifyMode::OptionalNoCa)},
    {ngx_null_string, 0},
};

ngx_conf_enum_t kRecordMakerWords[] = {
    {ngx_string("auto"), static_cast<ngx_uint_t>(RecordMaker::Auto)},
    {ngx_string("libssl"), static_cast<ngx_uint_t>(RecordMaker::Libssl)},
    {ngx_null_string, 0},
};

ngx_conf_enum_t kWithoutCertificateWords[] = {
    {ngx_string("default"), static_cast<ngx_uint_t>(WithoutCertificate::Default)},
    {ngx_string("refuse"), static_cast<ngx_uint_t>(WithoutCertificate::Refuse)},
    {ngx_null_string, 0},
};

// auto | size
char* set_record_size(ngx_conf_t* cf, ngx_command_t* command, void* data) {
    auto* conf = static_cast<ServerConf*>(data);
    if (conf->record_size != NGX_CONF_UNSET_SIZE) {
        return const_cast<char*>("is duplicate");
    }
    if (view(arguments(cf)[1]) == "auto") {
        conf->record_size = 0;
        return NGX_CONF_OK;
    }
    constexpr size_t kLeast = 512;
    constexpr size_t kMost = 16384;
    char* const set = ngx_conf_set_size_slot(cf, command, data);
    if (set != NGX_CONF_OK || (conf->record_size >= kLeast && conf->record_size <= kMost)) {
        return set;
    }
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, it must be \"auto\" or from 512 to 16k",
                       &arguments(cf)[1], &command->name);
    return kConfError;
}

char* set_ticket_count(ngx_conf_t* cf, ngx_command_t* command, void* data) {
    constexpr ngx_int_t kMost = 16;
    char* const set = ngx_conf_set_num_slot(cf, command, data);
    const ngx_int_t count = static_cast<ServerConf*>(data)->ticket_count;
    if (set != NGX_CONF_OK || (count >= 1 && count <= kMost)) {
        return set;
    }
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, it must be from 1 to 16", &arguments(cf)[1],
                       &command->name);
    return kConfError;
}

ngx_conf_enum_t kBatchWords[] = {
    {ngx_string("auto"), static_cast<ngx_uint_t>(BatchMode::Auto)},
    {ngx_string("on"), static_cast<ngx_uint_t>(BatchMode::On)},
    {ngx_string("off"), static_cast<ngx_uint_t>(BatchMode::Off)},
    {ngx_null_string, 0},
};

// Every directive stands in the http and in the server block.
constexpr ngx_uint_t kWhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF;

using Setter = char* (*)(ngx_conf_t*, ngx_command_t*, void*);

constexpr ngx_command_t directive(ngx_str_t name, ngx_uint_t type, Setter set, size_t offset,
                                  void* post = nullptr) {
    return ngx_command_t{name, kWhere | type, set, NGX_HTTP_SRV_CONF_OFFSET, offset, post};
}

}  // namespace

#define TLS_FIELD(field) offsetof(ServerConf, field)

ngx_command_t kDirectives[] = {
    directive(ngx_string("tls"), NGX_CONF_FLAG, set_enable, TLS_FIELD(enable)),

    directive(ngx_string("tls_certificate"), NGX_CONF_TAKE1, set_certificate, TLS_FIELD(certificates)),
    directive(ngx_string("tls_certificate_key"), NGX_CONF_TAKE1, set_credential, TLS_FIELD(certificate_keys)),
    directive(ngx_string("tls_password_file"), NGX_CONF_TAKE1, ngx_conf_set_str_slot,
              TLS_FIELD(password_file)),

    directive(ngx_string("tls_certificate_directory"), NGX_CONF_TAKE1, ngx_conf_set_str_array_slot,
              TLS_FIELD(directories)),
    directive(ngx_string("tls_certificate_cache"), NGX_CONF_TAKE123, set_catalog, TLS_FIELD(catalog_max)),
    directive(ngx_string("tls_internal_ca"), NGX_CONF_TAKE1, ngx_conf_set_str_slot, TLS_FIELD(internal_ca)),
    directive(ngx_string("tls_unknown_name"), NGX_CONF_TAKE1, ngx_conf_set_enum_slot, TLS_FIELD(unknown_name),
              kWithoutCertificateWords),
    directive(ngx_string("tls_no_name"), NGX_CONF_TAKE1, ngx_conf_set_enum_slot, TLS_FIELD(no_name),
              kWithoutCertificateWords),
    directive(ngx_string("tls_expiry_warning"), NGX_CONF_TAKE1, ngx_conf_set_sec_slot,
              TLS_FIELD(expiry_warning)),

    directive(ngx_string("tls_profile"), NGX_CONF_TAKE1, set_profile, TLS_FIELD(profile)),
    directive(ngx_string("tls_protocols"), NGX_CONF_1MORE, ngx_conf_set_bitmask_slot, TLS_FIELD(protocols),
              kProtocolWords),
    directive(ngx_string("tls_ciphers"), NGX_CONF_TAKE1, ngx_conf_set_str_slot, TLS_FIELD(ciphers)),
    directive(ngx_string("tls_ciphersuites"), NGX_CONF_TAKE1, ngx_conf_set_str_slot, TLS_FIELD(ciphersuites)),
    directive(ngx_string("tls_prefer_server_ciphers"), NGX_CONF_FLAG, ngx_conf_set_flag_slot,
              TLS_FIELD(prefer_server_ciphers)),
    directive(ngx_string("tls_ecdh_curve"), NGX_CONF_TAKE1, ngx_conf_set_str_slot, TLS_FIELD(groups)),
    directive(ngx_string("tls_groups"), NGX_CONF_TAKE1, ngx_conf_set_str_slot, TLS_FIELD(groups)),
    directive(ngx_string("tls_signature_algorithms"), NGX_CONF_TAKE1, ngx_conf_set_str_slot,
              TLS_FIELD(signature_algorithms)),
    directive(ngx_string("tls_dhparam"), NGX_CONF_TAKE1, ngx_conf_set_str_slot, TLS_FIELD(dhparam)),
    directive(ngx_string("tls_conf_command"), NGX_CONF_TAKE2, ngx_conf_set_keyval_slot,
              TLS_FIELD(conf_commands)),

    directive(ngx_string("tls_verify_client"), NGX_CONF_TAKE1, ngx_conf_set_enum_slot, TLS_FIELD(verify),
              kVerifyWords),
    directive(ngx_string("tls_verify_depth"), NGX_CONF_TAKE1, ngx_conf_set_num_slot, TLS_FIELD(verify_depth)),
    directive(ngx_string("tls_client_certificate"), NGX_CONF_TAKE1, ngx_conf_set_str_slot,
              TLS_FIELD(client_certificate)),
    directive(ngx_string("tls_trusted_certificate"), NGX_CONF_TAKE1, ngx_conf_set_str_slot,
              TLS_FIELD(trusted_certificate)),
    directive(ngx_string("tls_crl"), NGX_CONF_TAKE1, ngx_conf_set_str_slot, TLS_FIELD(crl)),

    directive(ngx_string("tls_session_cache"), NGX_CONF_TAKE12, set_session_cache, TLS_FIELD(cache_mode)),
    directive(ngx_string("tls_session_tickets"), NGX_CONF_FLAG, ngx_conf_set_flag_slot,
              TLS_FIELD(session_tickets)),
    directive(ngx_string("tls_session_ticket_key"), NGX_CONF_TAKE1, ngx_conf_set_str_array_slot,
              TLS_FIELD(ticket_key_files)),
    directive(ngx_string("tls_session_ticket_count"), NGX_CONF_TAKE1, set_ticket_count,
              TLS_FIELD(ticket_count)),
    directive(ngx_string("tls_session_timeout"), NGX_CONF_TAKE1, ngx_conf_set_sec_slot,
              TLS_FIELD(session_timeout)),
    directive(ngx_string("tls_early_data"), NGX_CONF_FLAG, ngx_conf_set_flag_slot, TLS_FIELD(early_data)),

    directive(ngx_string("tls_batch"), NGX_CONF_TAKE1, ngx_conf_set_enum_slot, TLS_FIELD(batch), kBatchWords),
    directive(ngx_string("tls_signatures_ahead"), NGX_CONF_FLAG, ngx_conf_set_flag_slot,
              TLS_FIELD(signatures_ahead)),
    directive(ngx_string("tls_key_threads"), NGX_CONF_TAKE1, set_key_threads, 0),

    directive(ngx_string("tls_buffer_size"), NGX_CONF_TAKE1, ngx_conf_set_size_slot, TLS_FIELD(buffer_size),
              &kLeastBuffer),
    directive(ngx_string("tls_records"), NGX_CONF_TAKE1, ngx_conf_set_enum_slot, TLS_FIELD(records),
              kRecordMakerWords),
    directive(ngx_string("tls_record_size"), NGX_CONF_TAKE1, set_record_size, TLS_FIELD(record_size)),
    directive(ngx_string("tls_reject_handshake"), NGX_CONF_FLAG, ngx_conf_set_flag_slot,
              TLS_FIELD(reject_handshake)),
    directive(ngx_string("tls_client_hello_max_size"), NGX_CONF_TAKE1, ngx_conf_set_size_slot,
              TLS_FIELD(hello_max_size), &kLeastHello),
    directive(ngx_string("tls_handshake_timeout"), NGX_CONF_TAKE1, ngx_conf_set_msec_slot,
              TLS_FIELD(handshake_timeout)),

    directive(ngx_string("tls_handshake_log"), NGX_CONF_1MORE, set_handshake_log, TLS_FIELD(handshake_logs)),
    directive(ngx_string("tls_key_log"), NGX_CONF_1MORE, set_key_log, TLS_FIELD(key_log)),
    {ngx_string("tls_handshake_format"), NGX_HTTP_MAIN_CONF | NGX_CONF_2MORE, set_handshake_format,
     NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    ngx_command_t{ngx_string("tls_status_zone"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, set_status_zone,
                  NGX_HTTP_MAIN_CONF_OFFSET, 0, nullptr},
    ngx_command_t{ngx_string("tls_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_status,
                  NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    directive(ngx_string("tls_plain"), NGX_CONF_1MORE, set_plain, 0),
    directive(ngx_string("tls_other"), NGX_CONF_TAKE123, set_other, 0),
    directive(ngx_string("tls_other_timeout"), NGX_CONF_TAKE1, ngx_conf_set_msec_slot,
              TLS_FIELD(other_timeout)),

    ngx_null_command,
};

#undef TLS_FIELD

}  // namespace tls

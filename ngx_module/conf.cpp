// Creating and merging the configuration of a server block, with nginx's own defaults.
#include "conf.h"

#include <new>

#include "base/guard.h"
#include "credential_finder.h"
#include "handshake_log.h"
#include "key_log.h"
#include "plain_conf.h"
#include "policy/profile.h"
#include "session_zone.h"

namespace tls {

namespace {

constexpr size_t kDefaultBufferSize = 16384;  // as nginx's NGX_SSL_BUFSIZE
constexpr size_t kDefaultHelloMaxSize = 16384;
constexpr ngx_int_t kDefaultTicketCount = 1;
constexpr time_t kDefaultSessionTimeout = 300;
constexpr ngx_int_t kDefaultCatalogMax = 1000;
constexpr time_t kDefaultCatalogInactive = 3600;
constexpr time_t kDefaultCatalogValid = 1;
constexpr time_t kDefaultExpiryWarning = 14 * 24 * 3600;
constexpr const char* kDefaultCiphers = "HIGH:!aNULL:!MD5";

ngx_str_t text(const char* value) {
    return ngx_str_t{ngx_strlen(value), reinterpret_cast<u_char*>(const_cast<char*>(value))};
}

void merge_place(ConfPlace* place, const ConfPlace& parent) {
    if (place->file.data == nullptr) {
        *place = parent;
    }
}

// Unlike nginx's own macro, an empty value that was written stays one: OpenSSL is to refuse it.
void merge_text(ngx_str_t* value, const ngx_str_t& parent, const char* otherwise) {
    if (value->data == nullptr) {
        *value = parent.data != nullptr ? parent : text(otherwise);
    }
}

// A directive that is nowhere in sight takes what the profile says, and without one nginx's default.
void merge_negotiation(ServerConf* conf, const ServerConf& parent) {
    ngx_conf_merge_str_value(conf->profile, parent.profile, "");
    const Profile* profile = find_profile(view(conf->profile));
    // A profile in the server block overrides what single directives around it said; those inside override
    // it.
    const bool own_profile = profile != nullptr && conf->profile.data != parent.profile.data;
    ServerConf unset{};
    unset.prefer_server_ciphers = NGX_CONF_UNSET;
    const ServerConf& outer = own_profile ? unset : parent;

    ngx_conf_merge_bitmask_value(
        conf->protocols, outer.protocols,
        (NGX_CONF_BITMASK_SET | (profile != nullptr ? profile->protocols : unsigned{kTlsv12 | kTlsv13})));
    const bool names_ciphers = profile != nullptr && profile->ciphers[0] != '\0';
    merge_text(&conf->ciphers, outer.ciphers, names_ciphers ? profile->ciphers : kDefaultCiphers);
    merge_text(&conf->ciphersuites, outer.ciphersuites, profile != nullptr ? profile->ciphersuites : "");
    merge_text(&conf->groups, outer.groups, profile != nullptr ? profile->groups : "auto");
    ngx_conf_merge_value(conf->prefer_server_ciphers, outer.prefer_server_ciphers,
                         (profile != nullptr && profile->prefer_server_ciphers ? 1 : 0));
    ngx_conf_merge_str_value(conf->signature_algorithms, parent.signature_algorithms, "");
    ngx_conf_merge_str_value(conf->dhparam, parent.dhparam, "");
    ngx_conf_merge_ptr_value(conf->conf_commands, parent.conf_commands, nullptr);
}

void merge_sessions(ServerConf* conf, const ServerConf& parent) {
    if (conf->cache_mode == NGX_CONF_UNSET) {
        conf->cache_mode = parent.cache_mode;
        conf->builtin_size = parent.builtin_size;
        conf->shared_sessions = parent.shared_sessions;
    }
    if (conf->cache_mode == NGX_CONF_UNSET) {
        conf->cache_mode = static_cast<ngx_int_t>(CacheMode::None);
        conf->builtin_size = 0;
        conf->shared_sessions = nullptr;
    }
    ngx_conf_merge_value(conf->session_tickets, parent.session_tickets, 1);
    ngx_conf_merge_ptr_value(conf->ticket_key_files, parent.ticket_key_files, nullptr);
    ngx_conf_merge_value(conf->ticket_count, parent.ticket_count, kDefaultTicketCount);
    ngx_conf_merge_sec_value(conf->session_timeout, parent.session_timeout, kDefaultSessionTimeout);
    ngx_conf_merge_value(conf->early_data, parent.early_data, 0);
}

void merge_verification(ServerConf* conf, const ServerConf& parent) {
    ngx_conf_merge_uint_value(conf->verify, parent.verify, static_cast<ngx_uint_t>(VerifyMode::Off));
    ngx_conf_merge_value(conf->verify_depth, parent.verify_depth, 1);
    ngx_conf_merge_str_value(conf->client_certificate, parent.client_certificate, "");
    ngx_conf_merge_str_value(conf->trusted_certificate, parent.trusted_certificate, "");
    ngx_conf_merge_str_value(conf->crl, parent.crl, "");
}

// Files in the server block replace an authority of the http block, and the other way round.
void merge_certificates(ServerConf* conf, const ServerConf& parent) {
    const bool own_files = conf->certificates != NGX_CONF_UNSET_PTR;
    const bool own_authority = conf->internal == 1;
    if (own_authority && !own_files) {
        conf->certificates = nullptr;
        conf->certificate_keys = nullptr;
    }
    ngx_conf_merge_value(conf->internal, own_files ? 0 : parent.internal, 0);
    ngx_conf_merge_ptr_value(conf->certificates, parent.certificates, nullptr);
    ngx_conf_merge_ptr_value(conf->certificate_keys, parent.certificate_keys, nullptr);
    ngx_conf_merge_str_value(conf->password_file, parent.password_file, "");
    ngx_conf_merge_ptr_value(conf->directories, parent.directories, nullptr);
    ngx_conf_merge_str_value(conf->internal_ca, parent.internal_ca, "");
    constexpr auto kDefault = static_cast<ngx_uint_t>(WithoutCertificate::Default);
    ngx_conf_merge_uint_value(conf->unknown_name, parent.unknown_name, kDefault);
    ngx_conf_merge_uint_value(conf->no_name, parent.no_name, kDefault);
    ngx_conf_merge_value(conf->catalog_max, parent.catalog_max, kDefaultCatalogMax);
    ngx_conf_merge_sec_value(conf->catalog_inactive, parent.catalog_inactive, kDefaultCatalogInactive);
    ngx_conf_merge_sec_value(conf->catalog_valid, parent.catalog_valid, kDefaultCatalogValid);
    ngx_conf_merge_sec_value(conf->expiry_warning, parent.expiry_warning, kDefaultExpiryWarning);
}

// As with access_log: `off` has the last word in its block, and a block that says something inherits nothing.
void merge_logs(ServerConf* conf, const ServerConf& parent) {
    if (conf->handshake_logs == nullptr && !conf->handshake_log_off) {
        conf->handshake_logs = parent.handshake_logs;
        conf->handshake_log_off = parent.handshake_log_off;
    }
    if (conf->handshake_log_off) {
        conf->handshake_logs = nullptr;
    }
}

template <class T>
void destroy(void* data) {
    guarded([&] { static_cast<T*>(data)->~T(); });
}

}  // namespace

MainConf::MainConf() = default;
MainConf::~MainConf() = default;

void* create_main_conf(ngx_conf_t* cf) {
    ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, sizeof(MainConf));
    if (cleanup == nullptr) {
        return nullptr;
    }
    cleanup->data = new (cleanup->data) MainConf();
    cleanup->handler = destroy<MainConf>;
    return cleanup->data;
}

void* create_server_conf(ngx_conf_t* cf) {
    auto* conf = static_cast<ServerConf*>(ngx_pcalloc(cf->pool, sizeof(ServerConf)));
    if (conf == nullptr) {
        return nullptr;
    }
    conf->enable = NGX_CONF_UNSET;
    conf->certificates = static_cast<ngx_array_t*>(NGX_CONF_UNSET_PTR);
    conf->certificate_keys = static_cast<ngx_array_t*>(NGX_CONF_UNSET_PTR);
    conf->directories = static_cast<ngx_array_t*>(NGX_CONF_UNSET_PTR);
    conf->internal = NGX_CONF_UNSET;
    conf->unknown_name = NGX_CONF_UNSET_UINT;
    conf->no_name = NGX_CONF_UNSET_UINT;
    conf->catalog_max = NGX_CONF_UNSET;
    conf->catalog_inactive = NGX_CONF_UNSET;
    conf->catalog_valid = NGX_CONF_UNSET;
    conf->expiry_warning = NGX_CONF_UNSET;
    conf->prefer_server_ciphers = NGX_CONF_UNSET;
    conf->buffer_size = NGX_CONF_UNSET_SIZE;
    conf->records = NGX_CONF_UNSET_UINT;
    conf->record_size = NGX_CONF_UNSET_SIZE;
    conf->verify = NGX_CONF_UNSET_UINT;
    conf->verify_depth = NGX_CONF_UNSET;
    conf->cache_mode = NGX_CONF_UNSET;
    conf->session_tickets = NGX_CONF_UNSET;
    conf->ticket_key_files = static_cast<ngx_array_t*>(NGX_CONF_UNSET_PTR);
    conf->ticket_count = NGX_CONF_UNSET;
    conf->session_timeout = NGX_CONF_UNSET;
    conf->early_data = NGX_CONF_UNSET;
    conf->batch = NGX_CONF_UNSET_UINT;
    conf->signatures_ahead = NGX_CONF_UNSET;
    conf->key_threads = static_cast<ngx_thread_pool_s*>(NGX_CONF_UNSET_PTR);
    conf->conf_commands = static_cast<ngx_array_t*>(NGX_CONF_UNSET_PTR);
    conf->reject_handshake = NGX_CONF_UNSET;
    conf->hello_max_size = NGX_CONF_UNSET_SIZE;
    conf->key_log = static_cast<KeyLog*>(NGX_CONF_UNSET_PTR);
    conf->handshake_timeout = NGX_CONF_UNSET_MSEC;
    unset_plain(conf);
    return conf;
}

char* merge_server_conf(ngx_conf_t*, void* parent, void* child) {
    const ServerConf& outer = *static_cast<ServerConf*>(parent);
    auto* conf = static_cast<ServerConf*>(child);
    merge_place(&conf->place, outer.place);
    ngx_conf_merge_value(conf->enable, outer.enable, 0);
    merge_place(&conf->certificate_place, outer.certificate_place);
    merge_certificates(conf, outer);
    merge_negotiation(conf, outer);
    merge_verification(conf, outer);
    merge_sessions(conf, outer);
    merge_logs(conf, outer);
    ngx_conf_merge_ptr_value(conf->key_log, outer.key_log, nullptr);
    ngx_conf_merge_uint_value(conf->batch, outer.batch, static_cast<ngx_uint_t>(BatchMode::Auto));
    ngx_conf_merge_value(conf->signatures_ahead, outer.signatures_ahead, 0);
    ngx_conf_merge_ptr_value(conf->key_threads, outer.key_threads, nullptr);
    ngx_conf_merge_size_value(conf->buffer_size, outer.buffer_size, kDefaultBufferSize);
    ngx_conf_merge_uint_value(conf->records, outer.records, static_cast<ngx_uint_t>(RecordMaker::Auto));
    ngx_conf_merge_size_value(conf->record_size, outer.record_size, 0);
    ngx_conf_merge_value(conf->reject_handshake, outer.reject_handshake, 0);
    ngx_conf_merge_size_value(conf->hello_max_size, outer.hello_max_size, kDefaultHelloMaxSize);
    ngx_conf_merge_msec_value(conf->handshake_timeout, outer.handshake_timeout, 0);
    merge_plain(conf, outer);
    return NGX_CONF_OK;
}

}  // namespace tls

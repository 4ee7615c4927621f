// From configuration to contexts: what every server with `tls on` needs for its handshakes, built and checked
// once all of the configuration has been read.
#include <algorithm>
#include <string>
#include <vector>

#include "base/guard.h"
#include "batch.h"
#include "conf.h"
#include "key_log.h"
#include "plain_conf.h"
#include "policy/profile.h"
#include "server/record_check.h"
#include "session_zone.h"
#include "shared_notes.h"
#include "sources.h"

namespace tls {

namespace {

using Credentials = std::vector<std::shared_ptr<const Credential>>;

// All errors of the configuration leave here, with the line that caused them.
class Builder {
  public:
    Builder(ngx_conf_t* cf, MainConf* main) : cf_(cf), main_(main) {}

    bool build(ServerConf* server) {
        if (server->context != nullptr) {
            return true;
        }
        Credentials credentials;
        if (!attach(server) || !load_credentials(*server, &credentials)) {
            return false;
        }
        server->context = make_context(*server, std::move(credentials));
        return server->context != nullptr;
    }

    // A server without certificates on an address whose default server has some.
    bool borrow(ServerConf* server, ServerConf* lender) {
        if (server->borrowed == nullptr) {
            main_->borrowed.push_back(std::make_unique<std::map<const ServerConf*, const ServerContext*>>());
            server->borrowed = main_->borrowed.back().get();
        }
        const ServerContext*& context = (*server->borrowed)[lender];
        if (context == nullptr) {
            Credentials credentials;
            if (!attach(lender) || !load_credentials(*lender, &credentials)) {
                return false;
            }
            context = make_context(*server, std::move(credentials));
        }
        return context != nullptr;
    }

    bool fail(const std::string& message, const ConfPlace& place) {
        log_conf_error(cf_, message, place);
        return false;
    }

  private:
    bool attach(ServerConf* server) {
        if (main_->notes == nullptr) {
            main_->notes = SharedNotes::create(cf_);
            if (main_->notes == nullptr) {
                return false;
            }
        }
        if (server->finder != nullptr) {
            return true;
        }
        const Result<void> attached = attach_finder(cf_, main_, server);
        return attached || fail(attached.error().message, server->certificate_place);
    }

    // The static ones; none where they are found by name.
    bool load_credentials(const ServerConf& server, Credentials* out) {
        if (server.certificates == nullptr || server.certificate_values != nullptr) {
            return true;
        }
        const auto* certificates = static_cast<const ConfSource*>(server.certificates->elts);
        const ngx_uint_t count = server.certificates->nelts;
        if (server.certificate_keys == nullptr || server.certificate_keys->nelts < count) {
            return fail("no \"tls_certificate_key\" is defined for certificate \"" +
                            text_of(certificates[count - 1].text) + "\"",
                        certificates[count - 1].place);
        }
        const auto* keys = static_cast<const ConfSource*>(server.certificate_keys->elts);
        for (ngx_uint_t i = 0; i < count; ++i) {
            const auto credential = load_credential_once(server, certificates[i], keys[i]);
            if (credential == nullptr) {
                return false;
            }
            out->push_back(credential);
        }
        return true;
    }

    // Servers often share their files; each pair is read once.
    std::shared_ptr<const Credential> load_credential_once(const ServerConf& server,
                                                           const ConfSource& certificate,
                                                           const ConfSource& key) {
        std::shared_ptr<const Credential>& known =
            main_->credentials[{resolve_path(cf_, certificate.text), resolve_path(cf_, key.text)}];
        if (known != nullptr) {
            return known;
        }
        const auto passwords = passwords_of(cf_, server);
        if (!passwords) {
            fail(passwords.error().message, certificate.place);
            return nullptr;
        }
        auto loaded =
            load_credential(resolve_path(cf_, certificate.text), resolve_path(cf_, key.text), **passwords);
        if (!loaded) {
            fail(loaded.error().message, certificate.place);
            return nullptr;
        }
        known = *loaded;
        return known;
    }

    const ServerContext* make_context(const ServerConf& server, Credentials credentials) {
        ContextTerms terms;
        terms.credentials = std::move(credentials);
        terms.keys = server.key_log;
        const Result<OSSL_LIB_CTX*> library = choose_library(cf_, main_, server);
        if (!library) {
            fail(library.error().message, server.place);
            return nullptr;
        }
        terms.library = *library;
        terms.threads = server.key_threads != nullptr;
        fill_policy(server, &terms.policy);
        if (!fill_trust(server, &terms) || !fill_sessions(server, &terms.sessions)) {
            return nullptr;
        }
        terms.own_records =
            static_cast<RecordMaker>(server.records) == RecordMaker::Auto && can_own_records(*library);
        if (terms.own_records) {
            const Result<const IpsecMb*> ipsec_mb = choose_record_library(cf_, main_, server);
            if (!ipsec_mb) {
                fail(ipsec_mb.error().message, server.place);
                return nullptr;
            }
            terms.ipsec_mb = *ipsec_mb;
        }
        auto built = ServerContext::build(std::move(terms));
        if (!built) {
            fail(built.error().message, server.place);
            return nullptr;
        }
        tell_of_threads(**built);
        main_->contexts.push_back(std::move(*built));
        return main_->contexts.back().get();
    }

    // Said once, of the first such key.
    void tell_of_threads(const ServerContext& context) {
        const Credential* credential = context.unthreaded();
        if (credential == nullptr || main_->threads_told) {
            return;
        }
        main_->threads_told = true;
        ngx_log_error(
            NGX_LOG_NOTICE, cf_->log, 0,
            "\"tls_key_threads\" leaves the key \"%s\" to the worker: threads sign with keys of RSA and "
            "EC only, and with none of an engine or where OpenSSL is configured for FIPS",
            credential->key_source.c_str());
    }

    void fill_policy(const ServerConf& server, Policy* policy) {
        policy->protocols = static_cast<unsigned>(server.protocols);
        policy->ciphers = text_of(server.ciphers);
        policy->ciphersuites = text_of(server.ciphersuites);
        policy->groups = text_of(server.groups);
        policy->signature_algorithms = text_of(server.signature_algorithms);
        policy->prefer_server_ciphers = server.prefer_server_ciphers != 0;
        policy->session_tickets = server.session_tickets != 0;
        policy->early_data = server.early_data != 0;
        policy->verify = static_cast<VerifyMode>(server.verify);
        policy->verify_depth = static_cast<int>(server.verify_depth);
        if (server.dhparam.len != 0) {
            policy->dhparam_file = resolve_path(cf_, server.dhparam);
        }
        const Profile* profile = find_profile(view(server.profile));
        // The same list written out by the operator is theirs.
        const bool profile_groups =
            profile != nullptr && reinterpret_cast<const char*>(server.groups.data) == profile->groups;
        if (profile_groups && supports_group(kHybridGroup)) {
            policy->groups = std::string(kHybridGroup) + ":" + policy->groups;
        }
        if (server.conf_commands != nullptr) {
            const auto* commands = static_cast<const ngx_keyval_t*>(server.conf_commands->elts);
            for (ngx_uint_t i = 0; i < server.conf_commands->nelts; ++i) {
                const std::string name = text_of(commands[i].key);
                const bool is_path = takes_path(name);
                policy->conf_commands.emplace_back(
                    name, is_path ? resolve_path(cf_, commands[i].value) : text_of(commands[i].value));
            }
        }
    }

    // Said once, by whoever asks first.
    bool can_own_records(OSSL_LIB_CTX* library) {
        const std::string& failed = check_own_records(library);
        if (!failed.empty() && !main_->told_of_records) {
            main_->told_of_records = true;
            ngx_log_error(NGX_LOG_NOTICE, cf_->log, 0,
                          "\"tls_records auto\" leaves records to libssl: %s failed", failed.c_str());
        }
        return failed.empty();
    }

    bool fill_trust(const ServerConf& server, ContextTerms* terms) {
        const VerifyMode verify = terms->policy.verify;
        if (verify == VerifyMode::Off) {
            return true;
        }
        if (verify != VerifyMode::OptionalNoCa && server.client_certificate.len == 0 &&
            server.trusted_certificate.len == 0) {
            return fail(
                "no \"tls_client_certificate\" or \"tls_trusted_certificate\" for \"tls_verify_client\"",
                server.place);
        }
        ClientTrustFiles files;
        files.client_certificate = optional_path(server.client_certificate);
        files.trusted_certificate = optional_path(server.trusted_certificate);
        files.crl = optional_path(server.crl);
        auto trust = load_client_trust(files);
        if (!trust) {
            return fail(trust.error().message, server.place);
        }
        terms->trust = *trust;
        return true;
    }

    std::string optional_path(const ngx_str_t& path) {
        return path.len == 0 ? std::string() : resolve_path(cf_, path);
    }

    bool fill_sessions(const ServerConf& server, SessionTerms* sessions) {
        sessions->mode = static_cast<CacheMode>(server.cache_mode);
        sessions->builtin_size = server.builtin_size > 0 ? server.builtin_size : 0;
        sessions->builtin_beside_shared = server.builtin_size != 0;
        sessions->store = server.shared_sessions;
        sessions->timeout = static_cast<long>(server.session_timeout);
        sessions->ticket_count = static_cast<unsigned>(server.ticket_count);
        if (server.ticket_key_files != nullptr) {
            return load_ticket_keys(server, sessions);
        }
        if (server.shared_sessions != nullptr) {
            void* memory = ngx_palloc(cf_->pool, sizeof(ZoneTicketKeys));
            if (memory == nullptr) {
                return false;
            }
            sessions->tickets = new (memory) ZoneTicketKeys(server.shared_sessions, server.session_timeout);
        }
        return true;
    }

    bool load_ticket_keys(const ServerConf& server, SessionTerms* sessions) {
        const auto* paths = static_cast<const ngx_str_t*>(server.ticket_key_files->elts);
        std::vector<TicketKey> keys;
        for (ngx_uint_t i = 0; i < server.ticket_key_files->nelts; ++i) {
            const auto key = load_ticket_key(resolve_path(cf_, paths[i]));
            if (!key) {
                return fail(key.error().message, server.place);
            }
            keys.push_back(*key);
        }
        main_->file_ticket_keys.push_back(std::make_unique<FixedTicketKeys>(std::move(keys)));
        sessions->tickets = main_->file_ticket_keys.back().get();
        return true;
    }

    ngx_conf_t* cf_;
    MainConf* main_;
};

bool keep_names(ngx_conf_t* cf, const ngx_http_core_srv_conf_t& server, ServerConf* conf) {
    const ngx_array_t& names = server.server_names;
    if (conf->names != nullptr || names.nelts == 0) {
        return true;
    }
    conf->names = ngx_array_create(cf->pool, names.nelts, names.size);
    void* copies = conf->names != nullptr ? ngx_array_push_n(conf->names, names.nelts) : nullptr;
    if (copies == nullptr) {
        return false;
    }
    ngx_memcpy(copies, names.elts, names.nelts * names.size);
    return true;
}

bool build_server(Builder* builder, const ngx_http_conf_addr_t& address, ngx_http_core_srv_conf_t* server) {
    ServerConf* conf = server_conf_of(server);
    ServerConf* fallback = server_conf_of(address.default_server);
    if (has_certificates(*conf)) {
        return builder->build(conf);
    }
    if (has_certificates(*fallback)) {
        return builder->borrow(conf, fallback);
    }
    if (conf->reject_handshake) {
        return true;
    }
    return builder->fail("no \"tls_certificate\" is defined for the \"tls\" directive", conf->place);
}

void remember(const ngx_http_conf_addr_t& address, MainConf* main) {
    TlsSocket socket{};
    socket.size = address.opt.socklen;
    ngx_memcpy(&socket.sockaddr, address.opt.sockaddr, address.opt.socklen);
    auto** servers = static_cast<ngx_http_core_srv_conf_t**>(address.servers.elts);
    socket.upgrades = std::any_of(servers, servers + address.servers.nelts, [](auto* server) {
        return offers_upgrade(plain_terms(*server_conf_of(server)));
    });
    main->sockets.push_back(socket);
}

bool build_address(ngx_conf_t* cf, Builder* builder, MainConf* main, const ngx_http_conf_addr_t& address) {
    auto** servers = static_cast<ngx_http_core_srv_conf_t**>(address.servers.elts);
    bool any = false;
    for (ngx_uint_t i = 0; i < address.servers.nelts; ++i) {
        if (server_conf_of(servers[i])->enable) {
            any = true;
            if (!keep_names(cf, *servers[i], server_conf_of(servers[i])) ||
                !build_server(builder, address, servers[i])) {
                return false;
            }
        }
    }
    if (any) {
        remember(address, main);
        warn_of_plain(cf, address, main);
    }
    return true;
}

bool build_all(ngx_conf_t* cf) {
    auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto* main = static_cast<MainConf*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_tls_module));
    Builder builder(cf, main);
    if (core->ports == nullptr) {
        return true;
    }
    auto* ports = static_cast<ngx_http_conf_port_t*>(core->ports->elts);
    for (ngx_uint_t p = 0; p < core->ports->nelts; ++p) {
        auto* addresses = static_cast<ngx_http_conf_addr_t*>(ports[p].addrs.elts);
        for (ngx_uint_t a = 0; a < ports[p].addrs.nelts; ++a) {
            if (is_stream_address(addresses[a]) && !build_address(cf, &builder, main, addresses[a])) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

ngx_int_t build_contexts(ngx_conf_t* cf) {
    return guarded(false, [&] { return build_all(cf); }) ? NGX_OK : NGX_ERROR;
}

bool has_certificates(const ServerConf& server) {
    return server.certificates != nullptr || server.directories != nullptr || server.internal;
}

const ServerConf& lender_of(const ServerConf& server, const ServerConf& default_server) {
    return has_certificates(server) ? server : default_server;
}

const ServerContext* context_on(const ServerConf& server, const ServerConf& default_server) {
    if (server.context != nullptr || server.borrowed == nullptr) {
        return server.context;
    }
    const auto found = server.borrowed->find(&default_server);
    return found != server.borrowed->end() ? found->second : nullptr;
}

}  // namespace tls

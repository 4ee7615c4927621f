#include "sources.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdint>
#include <set>
#include <vector>

#include "base/guard.h"
#include "certs/directory_source.h"
#include "certs/internal_authority.h"
#include "credential_finder.h"

namespace tls {

namespace {

bool has_variables(const ngx_array_t* values) {
    const auto* value = static_cast<const ConfSource*>(values->elts);
    for (ngx_uint_t i = 0; i < values->nelts; ++i) {
        if (view(value[i].text).find('$') != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

bool uses_variables(const ServerConf& server) {
    return server.certificates != nullptr && server.certificate_keys != nullptr &&
           (has_variables(server.certificates) || has_variables(server.certificate_keys));
}

Result<ngx_array_t*> compile(ngx_conf_t* cf, const ngx_array_t& values) {
    auto* sources = static_cast<ConfSource*>(values.elts);
    ngx_array_t* compiled = ngx_array_create(cf->pool, values.nelts, sizeof(ngx_http_complex_value_t));
    for (ngx_uint_t i = 0; compiled != nullptr && i < values.nelts; ++i) {
        auto* value = static_cast<ngx_http_complex_value_t*>(ngx_array_push(compiled));
        ngx_http_compile_complex_value_t compile{};
        compile.cf = cf;
        compile.value = &sources[i].text;
        compile.complex_value = value;
        if (value == nullptr || ngx_http_compile_complex_value(&compile) != NGX_OK) {
            return Error{"invalid value \"" + text_of(sources[i].text) + "\""};
        }
    }
    if (compiled == nullptr) {
        return Error{"out of memory"};
    }
    return compiled;
}

std::string limits_text(const ServerConf& server) {
    return std::to_string(server.catalog_max) + "," + std::to_string(server.catalog_inactive) + "," +
           std::to_string(server.catalog_valid) + "," + text_of(server.password_file);
}

using MadeSource = Result<std::unique_ptr<CredentialSource>>;

// The finder of that key; the first server that needs it has its source made.
template <class Make>
Result<CredentialFinder*> share_finder(MainConf* main, const ServerConf& server, const std::string& key,
                                       Make make) {
    auto& finder = main->finders[key];
    if (finder == nullptr) {
        MadeSource source = make();
        if (!source) {
            return source.error();
        }
        CredentialCatalog::Limits limits;
        limits.max = static_cast<size_t>(server.catalog_max);
        limits.inactive = server.catalog_inactive;
        // Off: a name's files are looked at in each handshake.
        limits.valid = server.catalog_max == 0 ? 0 : server.catalog_valid;
        finder = std::make_unique<CredentialFinder>(key, std::move(*source), limits, main->notes);
    }
    return finder.get();
}

Result<CredentialFinder*> folder_finder(ngx_conf_t* cf, MainConf* main, const ServerConf& server) {
    const auto* paths = static_cast<const ngx_str_t*>(server.directories->elts);
    std::vector<std::string> folders;
    std::string key = "folders:" + limits_text(server);
    for (ngx_uint_t i = 0; i < server.directories->nelts; ++i) {
        folders.push_back(resolve_path(cf, paths[i]));
        key += ":" + folders.back();
    }
    return share_finder(main, server, key, [&]() -> MadeSource {
        auto passwords = passwords_of(cf, server);
        if (!passwords) {
            return passwords.error();
        }
        main->folders.insert(main->folders.end(), folders.begin(), folders.end());
        return make_directory_source(std::move(folders), *passwords);
    });
}

Result<CredentialFinder*> pair_finder(ngx_conf_t* cf, MainConf* main, const ServerConf& server) {
    return share_finder(main, server, "pairs:" + limits_text(server), [&]() -> MadeSource {
        auto passwords = passwords_of(cf, server);
        if (!passwords) {
            return passwords.error();
        }
        return make_pair_source(*passwords);
    });
}

Result<CredentialFinder*> internal_finder(ngx_conf_t* cf, MainConf* main, const ServerConf& server) {
    if (server.internal_ca.len == 0) {
        return Error{"no \"tls_internal_ca\" is defined for \"tls_certificate internal\""};
    }
    const std::string path = resolve_path(cf, server.internal_ca);
    const std::string key = "internal:" + limits_text(server) + ":" + path;
    return share_finder(main, server, key, [&]() -> MadeSource {
        auto authority = InternalAuthority::open(path, ngx_time());
        if (!authority) {
            return authority.error();
        }
        return make_internal_source(*authority);
    });
}

Result<void> attach_values(ngx_conf_t* cf, ServerConf* server) {
    if (server->certificate_keys->nelts < server->certificates->nelts) {
        return Error{"no \"tls_certificate_key\" is defined for each \"tls_certificate\""};
    }
    auto certificates = compile(cf, *server->certificates);
    if (!certificates) {
        return certificates.error();
    }
    auto keys = compile(cf, *server->certificate_keys);
    if (!keys) {
        return keys.error();
    }
    server->certificate_values = *certificates;
    server->certificate_key_values = *keys;
    return {};
}

MainConf* main_of(ngx_cycle_t* cycle) {
    if (cycle->conf_ctx[ngx_http_module.index] == nullptr) {
        return nullptr;
    }
    return static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_tls_module));
}

}  // namespace

std::string resolve_path(ngx_conf_t* cf, const ngx_str_t& source) {
    for (const char* scheme : {"data:", "engine:", "store:"}) {
        if (view(source).substr(0, ngx_strlen(scheme)) == scheme) {
            return text_of(source);
        }
    }
    ngx_str_t path = source;
    if (path.len == 0 || ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK) {
        return text_of(source);
    }
    return text_of(path);
}

Result<Passwords> passwords_of(ngx_conf_t* cf, const ServerConf& server) {
    if (server.password_file.len == 0) {
        return Passwords(std::make_shared<const std::vector<SecretString>>());
    }
    auto read = load_passwords(resolve_path(cf, server.password_file));
    if (!read) {
        return read.error();
    }
    return Passwords(std::make_shared<const std::vector<SecretString>>(std::move(*read)));
}

Result<void> attach_finder(ngx_conf_t* cf, MainConf* main, ServerConf* server) {
    const bool variables = uses_variables(*server);
    if (server->directories != nullptr && (variables || server->internal)) {
        return Error{std::string("\"tls_certificate_directory\" and ") +
                     (variables ? "variables in \"tls_certificate\"" : "\"tls_certificate internal\"") +
                     " exclude each other"};
    }
    if (!variables && !server->internal && server->directories == nullptr) {
        return {};
    }
    if (variables) {
        Result<void> attached = attach_values(cf, server);
        if (!attached) {
            return attached;
        }
    }
    auto finder = variables          ? pair_finder(cf, main, *server)
                  : server->internal ? internal_finder(cf, main, *server)
                                     : folder_finder(cf, main, *server);
    if (!finder) {
        return finder.error();
    }
    server->finder = *finder;
    return {};
}

void check_folders(ngx_cycle_t* cycle) {
    const MainConf* main = main_of(cycle);
    if (main == nullptr || ngx_worker != 0) {
        return;
    }
    for (const std::string& folder : std::set<std::string>(main->folders.begin(), main->folders.end())) {
        if (access(folder.c_str(), X_OK) != 0) {
            const ngx_err_t failure = ngx_errno;
            const passwd* user = getpwuid(geteuid());
            const std::string name = user != nullptr ? user->pw_name : std::to_string(geteuid());
            ngx_log_error(NGX_LOG_WARN, cycle->log, failure,
                          "certificates in \"%s\" cannot be read by the workers' user \"%s\"", folder.c_str(),
                          name.c_str());
        }
    }
}

void warm_finders(ngx_cycle_t* cycle) {
    guarded([&] {
        const MainConf* main = main_of(cycle);
        if (main == nullptr) {
            return;
        }
        for (const auto& [key, finder] : main->finders) {
            finder->warm();
        }
    });
}

}  // namespace tls

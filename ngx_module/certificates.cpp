// The certificates for one hello: those found for its name, put together from variables, or issued here.
// Those that belong to the server itself are in its context already.
#include <algorithm>
#include <vector>

#include "base/guard.h"
#include "certs/directory_source.h"
#include "conf.h"
#include "connection.h"
#include "credential_finder.h"
#include "scratch_request.h"

namespace tls {

namespace {

using Credentials = std::shared_ptr<const CredentialSet>;

// nginx's forms of a server name: exact, `*.suffix`, `.suffix`, `prefix.*`.
bool matches_pattern(std::string_view pattern, std::string_view name) {
    if (pattern.substr(0, 2) == "*.") {
        const std::string_view suffix = pattern.substr(1);
        return name.size() > suffix.size() && name.substr(name.size() - suffix.size()) == suffix;
    }
    if (pattern.substr(0, 1) == ".") {
        return name == pattern.substr(1) || matches_pattern(std::string("*").append(pattern), name);
    }
    if (pattern.size() > 2 && pattern.substr(pattern.size() - 2) == ".*") {
        const std::string_view prefix = pattern.substr(0, pattern.size() - 1);
        return name.size() > prefix.size() && name.substr(0, prefix.size()) == prefix;
    }
    return name == pattern;
}

// A server that is alone on its address has no map of names in nginx, so its names are looked at one by one.
bool serves_name(const ServerConf& server, const std::string& name) {
    if (server.names == nullptr) {
        return false;
    }
    const auto* names = static_cast<const ngx_http_server_name_t*>(server.names->elts);
    for (ngx_uint_t i = 0; i < server.names->nelts; ++i) {
#if (NGX_PCRE)
        if (names[i].regex != nullptr) {
            ngx_str_t text{name.size(), reinterpret_cast<u_char*>(const_cast<char*>(name.data()))};
            if (ngx_regex_exec(names[i].regex->regex, &text, nullptr, 0) >= 0) {
                return true;
            }
            continue;
        }
#endif
        if (matches_pattern(view(names[i].name), name)) {
            return true;
        }
    }
    return false;
}

// The first name of the server that is one: for clients that send none.
std::string first_name(const ngx_http_core_srv_conf_t& server) {
    const std::string_view name = view(server.server_name);
    const bool plain =
        !name.empty() && name.find_first_of("*~") == std::string_view::npos && name[0] != '.' && name != "_";
    return plain ? std::string(name) : std::string();
}

// The pairs of one hello, a key type each, in one set. It is the name's own also where its sources do not say
// so, as with `data:`: no session of another name resumes with it.
Credentials join(const std::string& name, const std::vector<Credentials>& found) {
    auto all = std::make_shared<CredentialSet>();
    std::string whole = name;
    for (const Credentials& set : found) {
        whole += '\0' + set->name;
        all->credentials.insert(all->credentials.end(), set->credentials.begin(), set->credentials.end());
    }
    all->set_name(std::move(whole));
    return all;
}

// A path as nginx resolves it from the folder of its configuration; `data:` stays. Empty when memory ran out.
std::string resolve(ngx_pool_t* pool, ngx_str_t value) {
    if (view(value).substr(0, 5) == "data:") {
        return text_of(value);
    }
    if (value.len == 0 ||
        ngx_get_full_name(pool, const_cast<ngx_str_t*>(&ngx_cycle->conf_prefix), &value) != NGX_OK) {
        return std::string();
    }
    return text_of(value);
}

Credentials evaluate(ngx_http_request_t* r, const std::string& name, const ServerConf& conf,
                     CertifiedOutcome* outcome) {
    auto* certificates = static_cast<ngx_http_complex_value_t*>(conf.certificate_values->elts);
    auto* keys = static_cast<ngx_http_complex_value_t*>(conf.certificate_key_values->elts);
    std::vector<Credentials> found;
    for (ngx_uint_t i = 0; i < conf.certificate_values->nelts; ++i) {
        ngx_str_t certificate;
        ngx_str_t key;
        if (ngx_http_complex_value(r, &certificates[i], &certificate) != NGX_OK ||
            ngx_http_complex_value(r, &keys[i], &key) != NGX_OK) {
            return nullptr;
        }
        CertifiedOutcome here = CertifiedOutcome::Missing;
        Credentials set =
            conf.finder->find(join_pair(resolve(r->pool, certificate), resolve(r->pool, key)), &here);
        // They are told in the order of what they cost.
        *outcome = std::max(*outcome, here);
        if (set == nullptr) {
            return nullptr;
        }
        found.push_back(std::move(set));
    }
    return join(name, found);
}

}  // namespace

Credentials Connection::evaluate_certificates(const ServerConf& conf, CertifiedOutcome* outcome) {
    const ScratchRequest request(c_, beginning_->http);
    return request.get() != nullptr ? evaluate(request.get(), beginning_->name, conf, outcome) : nullptr;
}

const ServerConf& Connection::lending_server() const {
    return lender_of(*server_, *server_conf_of(beginning_->http->addr_conf->default_server));
}

void Connection::find_credentials(ServerTerms* terms) {
    const auto* server = static_cast<const ngx_http_core_srv_conf_t*>(
        ngx_http_get_module_srv_conf(beginning_->http->conf_ctx, ngx_http_core_module));
    constexpr auto kRefuse = static_cast<ngx_uint_t>(WithoutCertificate::Refuse);
    // What is no host name at all is still a name that has no certificate.
    terms->named = terms->matched_by != MatchedBy::NoName;
    terms->refuses_unknown_name = server_->unknown_name == kRefuse;
    terms->refuses_no_name = server_->no_name == kRefuse;
    const ServerConf& lender = lending_server();
    const bool one_by_one =
        terms->matched_by != MatchedBy::Name && beginning_->http->addr_conf->virtual_names == nullptr;
    if (one_by_one && !beginning_->name.empty() && serves_name(*server_, beginning_->name)) {
        terms->matched_by = MatchedBy::Name;
    }
    if (lender.finder == nullptr || !terms->serves_tls || terms->rejects) {
        return;
    }
    CertifiedOutcome outcome = CertifiedOutcome::Hit;
    if (lender.certificate_values != nullptr) {
        terms->credentials = evaluate_certificates(lender, &outcome);
        count_.look_up(*server_, outcome, terms->credentials.get(), false);
        return;
    }
    std::string name = beginning_->name;
    if (lender.internal && !terms->named && !terms->refuses_no_name) {
        name = first_name(*server);
    } else if (lender.internal && terms->matched_by != MatchedBy::Name) {
        name.clear();
    }
    if (!name.empty()) {
        terms->credentials = lender.finder->find(name, &outcome);
        count_.look_up(*server_, outcome, terms->credentials.get(), true);
    }
}

}  // namespace tls

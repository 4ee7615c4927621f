#include "variables.h"

#include "auth/identity.h"
#include "base/guard.h"
#include "connection.h"
#include "server/names.h"

namespace tls {

namespace {

// The text of a variable on a connection of ours. An empty one counts as not found, as in nginx.
using Text = std::string (*)(const Connection&);

struct Variable {
    ngx_str_t name;
    Text text;
    ngx_uint_t flags;
};

// Most of what a connection agreed on never changes, so nginx may keep the value for the request.
constexpr ngx_uint_t kFrozen = NGX_HTTP_VAR_CHANGEABLE;
constexpr ngx_uint_t kLive = NGX_HTTP_VAR_CHANGEABLE | NGX_HTTP_VAR_NOCACHEABLE;

std::string protocol(const Connection& connection) {
    return connection.facts().protocol;
}

std::string cipher(const Connection& connection) {
    return connection.facts().cipher;
}

std::string ciphers(const Connection& connection) {
    return joined_names(connection.facts().offered.cipher_suite_list(), cipher_suite_name);
}

std::string curve(const Connection& connection) {
    const uint16_t group = connection.facts().group;
    return group != 0 ? name_or_number(group, group_name) : std::string();
}

std::string curves(const Connection& connection) {
    return joined_names(connection.facts().offered.group_list(), group_name);
}

std::string signature(uint16_t scheme) {
    return scheme != 0 ? name_or_number(scheme, signature_scheme_name) : std::string();
}

std::string sigalg(const Connection& connection) {
    return signature(connection.facts().signature_scheme);
}

std::string client_sigalg(const Connection& connection) {
    return signature(connection.facts().client_signature_scheme);
}

std::string sigalgs(const Connection& connection) {
    return joined_names(connection.facts().offered.signature_algorithm_list(), signature_scheme_name);
}

std::string alpn_protocol(const Connection& connection) {
    return connection.facts().alpn;
}

std::string server_name(const Connection& connection) {
    return connection.facts().offered.server_name;
}

std::string session_id(const Connection& connection) {
    const std::string& id = connection.facts().session_id;
    std::string hex(2 * id.size(), '\0');
    ngx_hex_dump(reinterpret_cast<u_char*>(hex.data()),
                 reinterpret_cast<u_char*>(const_cast<char*>(id.data())), id.size());
    return hex;
}

std::string session_reused(const Connection& connection) {
    return connection.facts().session_reused ? "r" : ".";
}

// Not a fact of the handshake: it is "1" only until the handshake has ended, which may be during the request.
std::string early_data(const Connection& connection) {
    return connection.tunnel().in_early_data() ? "1" : "";
}

// What `words` says of the client's certificate; nothing without one.
template <auto words>
std::string certificate(const Connection& connection) {
    X509* const sent = connection.facts().client_certificate.get();
    return sent != nullptr ? words(sent) : std::string();
}

// The same of the certificate that the client was shown.
template <auto words>
std::string own_certificate(const Connection& connection) {
    X509* const shown = connection.facts().server_certificate.get();
    return shown != nullptr ? words(shown) : std::string();
}

std::string client_verify(const Connection& connection) {
    const Facts& facts = connection.facts();
    return verify_verdict(facts.client_certificate.get(), facts.verify_result);
}

std::string client_v_remain(const Connection& connection) {
    const X509* const sent = connection.facts().client_certificate.get();
    return sent != nullptr ? valid_remaining_days(sent, ngx_time()) : std::string();
}

// A variable's data is its row's index.
const Variable kVariables[] = {
    {ngx_string("tls_protocol"), protocol, kFrozen},
    {ngx_string("tls_cipher"), cipher, kFrozen},
    {ngx_string("tls_ciphers"), ciphers, kFrozen},
    {ngx_string("tls_curve"), curve, kFrozen},
    {ngx_string("tls_curves"), curves, kFrozen},
    {ngx_string("tls_sigalg"), sigalg, kFrozen},
    {ngx_string("tls_sigalgs"), sigalgs, kFrozen},
    {ngx_string("tls_alpn_protocol"), alpn_protocol, kFrozen},
    {ngx_string("tls_server_name"), server_name, kFrozen},
    {ngx_string("tls_session_id"), session_id, kFrozen},
    {ngx_string("tls_session_reused"), session_reused, kFrozen},
    {ngx_string("tls_early_data"), early_data, kLive},
    {ngx_string("tls_server_not_after"), own_certificate<valid_until>, kFrozen},
    {ngx_string("tls_server_fingerprint_sha256"), own_certificate<fingerprint_sha256>, kFrozen},
    {ngx_string("tls_server_key_type"), own_certificate<key_type>, kFrozen},
    {ngx_string("tls_client_cert"), certificate<pem_with_tabs>, kFrozen},
    {ngx_string("tls_client_raw_cert"), certificate<pem>, kFrozen},
    {ngx_string("tls_client_escaped_cert"), certificate<pem_escaped>, kFrozen},
    {ngx_string("tls_client_s_dn"), certificate<subject_dn>, kFrozen},
    {ngx_string("tls_client_i_dn"), certificate<issuer_dn>, kFrozen},
    {ngx_string("tls_client_s_dn_legacy"), certificate<subject_dn_legacy>, kFrozen},
    {ngx_string("tls_client_i_dn_legacy"), certificate<issuer_dn_legacy>, kFrozen},
    {ngx_string("tls_client_serial"), certificate<serial_number>, kFrozen},
    {ngx_string("tls_client_fingerprint"), certificate<fingerprint_sha1>, kFrozen},
    {ngx_string("tls_client_fingerprint_sha256"), certificate<fingerprint_sha256>, kFrozen},
    {ngx_string("tls_client_sigalg"), client_sigalg, kFrozen},
    {ngx_string("tls_client_verify"), client_verify, kFrozen},
    {ngx_string("tls_client_v_start"), certificate<valid_from>, kFrozen},
    {ngx_string("tls_client_v_end"), certificate<valid_until>, kFrozen},
    {ngx_string("tls_client_v_remain"), client_v_remain, kFrozen},
};

// While certificates are looked for there are no facts yet, but the name is known.
std::string name_before_handshake(const ngx_connection_t* c) {
    const Connection* connection = Connection::in_pool_of(c);
    return connection != nullptr ? connection->name() : std::string();
}

ngx_int_t evaluate(ngx_http_request_t* r, ngx_http_variable_value_t* value, Text text) {
    const Connection* connection = Connection::of(r->connection);
    std::string words;
    if (connection != nullptr) {
        words = text(*connection);
    } else if (text == server_name) {
        words = name_before_handshake(r->connection);
    }
    if (words.empty()) {
        value->not_found = 1;
        return NGX_OK;
    }
    auto* data = static_cast<u_char*>(ngx_pnalloc(r->pool, words.size()));
    if (data == nullptr) {
        return NGX_ERROR;
    }
    ngx_memcpy(data, words.data(), words.size());
    value->data = data;
    value->len = static_cast<unsigned>(words.size());
    value->valid = 1;
    value->no_cacheable = 0;
    value->not_found = 0;
    return NGX_OK;
}

ngx_int_t get_variable(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t row) {
    return guarded(static_cast<ngx_int_t>(NGX_ERROR),
                   [&] { return evaluate(r, value, kVariables[row].text); });
}

}  // namespace

ngx_int_t add_variables(ngx_conf_t* cf) {
    uintptr_t row = 0;
    for (const Variable& known : kVariables) {
        ngx_str_t name = known.name;
        ngx_http_variable_t* variable = ngx_http_add_variable(cf, &name, known.flags);
        if (variable == nullptr) {
            return NGX_ERROR;
        }
        variable->get_handler = get_variable;
        variable->data = row++;
    }
    return NGX_OK;
}

}  // namespace tls

#include "variables.h"

#include "asked_variables.h"
#include "auth/identity.h"
#include "base/guard.h"
#include "conf.h"
#include "connection.h"
#include "plain_request.h"
#include "server/names.h"

namespace tls {

namespace {

// What must be known of a connection before a variable says anything.
enum class Needs {
    Facts,   // what was agreed
    Hello,   // what the client offered
    Report,  // what became of the handshake
};

// The text of a variable on a connection of ours.
using Text = std::string (*)(const Connection&);

// Where a connection has it when the handshake has ended.
enum class From {
    Shared,       // a report that is the same for many connections, or always
    Particulars,  // what is kept only if the configuration asks for it
};

// Most of what a connection agreed on never changes, so nginx may keep the value for the request.
constexpr ngx_uint_t kFixed = NGX_HTTP_VAR_CHANGEABLE;
constexpr ngx_uint_t kLive = NGX_HTTP_VAR_CHANGEABLE | NGX_HTTP_VAR_NOCACHEABLE;

struct Variable {
    ngx_str_t name;
    Needs needs;
    Text text;
    ngx_uint_t flags = kFixed;
    From from = From::Shared;
};

std::string protocol(const Connection& connection) {
    return connection.agreed()->protocol();
}

std::string cipher(const Connection& connection) {
    return connection.agreed()->cipher();
}

std::string ciphers(const Connection& connection) {
    return joined_names(connection.particulars().offered->cipher_suite_list(), cipher_suite_name);
}

std::string curve(const Connection& connection) {
    const uint16_t group = connection.agreed()->group;
    return group != 0 ? name_or_number(group, group_name) : std::string();
}

std::string curves(const Connection& connection) {
    return joined_names(connection.particulars().offered->group_list(), group_name);
}

std::string signature(uint16_t scheme) {
    return scheme != 0 ? name_or_number(scheme, signature_scheme_name) : std::string();
}

std::string sigalg(const Connection& connection) {
    return signature(connection.agreed()->signature_scheme);
}

std::string client_sigalg(const Connection& connection) {
    return signature(connection.agreed()->client_signature_scheme);
}

std::string sigalgs(const Connection& connection) {
    return joined_names(connection.particulars().offered->signature_algorithm_list(), signature_scheme_name);
}

// nginx's are empty, too, on an OpenSSL without Encrypted ClientHello.
std::string no_encrypted_hello(const Connection&) {
    return {};
}

std::string alpn_protocol(const Connection& connection) {
    return connection.agreed()->alpn;
}

std::string server_name(const Connection& connection) {
    return connection.particulars().offered->server_name;
}

std::string session_id(const Connection& connection) {
    const ByteView id = connection.particulars().session_id.view();
    std::string hex(2 * id.size(), '\0');
    ngx_hex_dump(reinterpret_cast<u_char*>(hex.data()), const_cast<u_char*>(id.data()), id.size());
    return hex;
}

std::string session_reused(const Connection& connection) {
    return connection.agreed()->session_reused ? "r" : ".";
}

// Not a fact of the handshake: it is "1" only until the handshake has ended, which may be during the request.
std::string early_data(const Connection& connection) {
    return connection.tunnel().in_early_data() ? "1" : "";
}

// What `words` says of the client's certificate; nothing without one.
template <auto words>
std::string certificate(const Connection& connection) {
    X509* const sent = connection.agreed()->client_certificate.get();
    return sent != nullptr ? words(sent) : std::string();
}

// The same of the certificate that the client was shown.
template <auto words>
std::string own_certificate(const Connection& connection) {
    X509* const shown = connection.agreed()->server_certificate();
    return shown != nullptr ? words(shown) : std::string();
}

std::string client_verify(const Connection& connection) {
    const Facts& facts = *connection.agreed();
    return verify_verdict(facts.client_certificate.get(), facts.verify_result);
}

std::string client_v_remain(const Connection& connection) {
    const X509* const sent = connection.agreed()->client_certificate.get();
    return sent != nullptr ? valid_remaining_days(sent, ngx_time()) : std::string();
}

// How far early data went; nothing where none was sent.
std::string early_data_status(const Connection& connection) {
    if (connection.tunnel().in_early_data()) {
        return "accepted";
    }
    switch (connection.agreed()->early_data) {
        case EarlyData::None:
            return "";
        case EarlyData::Rejected:
            return "rejected";
        case EarlyData::Accepted:
            return "accepted";
    }
    return "";
}

std::string certificate_file(const Connection& connection) {
    const Credential* shown = connection.agreed()->credential.get();
    return shown != nullptr ? shown->certificate_source : std::string();
}

std::string certificate_name(const Connection& connection) {
    return connection.report().certificate_name;
}

std::string certificate_by(const Connection& connection) {
    return certified_by_name(connection.report().certified_by);
}

std::string offered_version(const Connection& connection) {
    const char* name = version_name(connection.particulars().offered->version);
    return name != nullptr ? name : "";
}

std::string matched_by(const Connection& connection) {
    return matched_by_name(connection.report().matched_by);
}

std::string port_use(const Connection& connection) {
    return port_use_name(connection.report().use);
}

std::string reason(const Connection& connection) {
    return reason_name(connection.report().reason);
}

std::string detail(const Connection& connection) {
    return report_detail(connection.report());
}

std::string handshake_time(const Connection& connection) {
    return seconds_text(connection.particulars().duration);
}

std::string ended_by(const Connection& connection) {
    return ended_by_name(connection.report().ended_by);
}

// The one that ended it: whoever gets an alert answers with none.
std::string alert(const Connection& connection) {
    const Report& report = connection.report();
    const int number = report.alert_received >= 0 ? report.alert_received : report.alert_sent;
    return number >= 0 ? alert_name(static_cast<uint8_t>(number)) : "";
}

std::string alert_from(const Connection& connection) {
    const Report& report = connection.report();
    if (report.alert_received >= 0) {
        return ended_by_name(EndedBy::Client);
    }
    return report.alert_sent >= 0 ? ended_by_name(EndedBy::Server) : "";
}

std::string bytes_received(const Connection& connection) {
    return std::to_string(connection.particulars().bytes_received);
}

std::string bytes_sent(const Connection& connection) {
    return std::to_string(connection.particulars().bytes_sent);
}

// A variable's data is its row's index.
const Variable kVariables[] = {
    {ngx_string("tls_protocol"), Needs::Facts, protocol},
    {ngx_string("tls_cipher"), Needs::Facts, cipher},
    {ngx_string("tls_ciphers"), Needs::Hello, ciphers, kFixed, From::Particulars},
    {ngx_string("tls_curve"), Needs::Facts, curve},
    {ngx_string("tls_curves"), Needs::Hello, curves, kFixed, From::Particulars},
    {ngx_string("tls_sigalg"), Needs::Facts, sigalg},
    {ngx_string("tls_sigalgs"), Needs::Hello, sigalgs, kFixed, From::Particulars},
    {ngx_string("tls_alpn_protocol"), Needs::Facts, alpn_protocol},
    {ngx_string("tls_server_name"), Needs::Hello, server_name, kFixed, From::Particulars},
    {ngx_string("tls_ech_status"), Needs::Hello, no_encrypted_hello},
    {ngx_string("tls_ech_outer_server_name"), Needs::Hello, no_encrypted_hello},
    {ngx_string("tls_session_id"), Needs::Facts, session_id, kFixed, From::Particulars},
    {ngx_string("tls_session_reused"), Needs::Facts, session_reused},
    {ngx_string("tls_early_data"), Needs::Facts, early_data, kLive},
    {ngx_string("tls_server_not_after"), Needs::Facts, own_certificate<valid_until>},
    {ngx_string("tls_server_fingerprint_sha256"), Needs::Facts, own_certificate<fingerprint_sha256>},
    {ngx_string("tls_server_key_type"), Needs::Facts, own_certificate<key_type>},
    {ngx_string("tls_client_cert"), Needs::Facts, certificate<pem_with_tabs>},
    {ngx_string("tls_client_raw_cert"), Needs::Facts, certificate<pem>},
    {ngx_string("tls_client_escaped_cert"), Needs::Facts, certificate<pem_escaped>},
    {ngx_string("tls_client_s_dn"), Needs::Facts, certificate<subject_dn>},
    {ngx_string("tls_client_i_dn"), Needs::Facts, certificate<issuer_dn>},
    {ngx_string("tls_client_s_dn_legacy"), Needs::Facts, certificate<subject_dn_legacy>},
    {ngx_string("tls_client_i_dn_legacy"), Needs::Facts, certificate<issuer_dn_legacy>},
    {ngx_string("tls_client_serial"), Needs::Facts, certificate<serial_number>},
    {ngx_string("tls_client_fingerprint"), Needs::Facts, certificate<fingerprint_sha1>},
    {ngx_string("tls_client_fingerprint_sha256"), Needs::Facts, certificate<fingerprint_sha256>},
    {ngx_string("tls_client_sigalg"), Needs::Facts, client_sigalg},
    {ngx_string("tls_client_verify"), Needs::Facts, client_verify},
    {ngx_string("tls_client_v_start"), Needs::Facts, certificate<valid_from>},
    {ngx_string("tls_client_v_end"), Needs::Facts, certificate<valid_until>},
    {ngx_string("tls_client_v_remain"), Needs::Facts, client_v_remain},
    {ngx_string("tls_early_data_status"), Needs::Facts, early_data_status},
    {ngx_string("tls_certificate_file"), Needs::Facts, certificate_file},
    {ngx_string("tls_certificate_name"), Needs::Report, certificate_name},
    {ngx_string("tls_certificate_by"), Needs::Report, certificate_by},
    {ngx_string("tls_offered_version"), Needs::Hello, offered_version, kFixed, From::Particulars},
    {ngx_string("tls_server_matched_by"), Needs::Hello, matched_by},
    {ngx_string("tls_port_use"), Needs::Report, port_use, kLive},
    {ngx_string("tls_handshake_reason"), Needs::Report, reason},
    {ngx_string("tls_handshake_detail"), Needs::Report, detail},
    {ngx_string("tls_handshake_time"), Needs::Report, handshake_time, kFixed, From::Particulars},
    {ngx_string("tls_ended_by"), Needs::Report, ended_by},
    {ngx_string("tls_alert"), Needs::Report, alert},
    {ngx_string("tls_alert_from"), Needs::Report, alert_from},
    {ngx_string("tls_bytes_received"), Needs::Report, bytes_received, kFixed, From::Particulars},
    {ngx_string("tls_bytes_sent"), Needs::Report, bytes_sent, kFixed, From::Particulars},
};

bool is_known(const Connection& connection, Needs needs) {
    switch (needs) {
        case Needs::Facts:
            return connection.agreed() != nullptr;
        case Needs::Hello:
            return connection.report().has_hello;
        case Needs::Report:
            return true;
    }
    return false;
}

std::string text_of(const Connection& connection, const Variable& variable) {
    if (!connection.concluded()) {
        // While certificates are looked for there is nothing but the name, made fit for paths.
        return variable.text == server_name ? connection.name() : std::string();
    }
    return is_known(connection, variable.needs) ? variable.text(connection) : std::string();
}

// By the name that nginx's own has, too.
bool is_of_particulars(std::string_view name) {
    const auto stock = stock_variable_row(name);
    const auto row = stock ? stock : variable_row(name);
    return row && kVariables[*row].from == From::Particulars;
}

ngx_int_t evaluate(ngx_http_request_t* r, ngx_http_variable_value_t* value, const Variable& variable) {
    if (variable.text == port_use) {
        if (const auto use = plain_use(r)) {
            return set_value(r, value, port_use_name(*use));
        }
    }
    const Connection* connection = Connection::of(r->connection);
    if (connection == nullptr) {
        connection = Connection::in_pool_of(r->connection);
    }
    if (connection != nullptr && variable.from == From::Particulars && !connection->has_particulars()) {
        tell_of_unkept(r, variable.name);
        value->not_found = 1;
        return NGX_OK;
    }
    return set_value(r, value, connection != nullptr ? text_of(*connection, variable) : std::string());
}

}  // namespace

ngx_int_t get_variable(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t row) {
    return guarded(static_cast<ngx_int_t>(NGX_ERROR), [&] { return evaluate(r, value, kVariables[row]); });
}

std::optional<uintptr_t> variable_row(std::string_view name) {
    uintptr_t row = 0;
    for (const Variable& known : kVariables) {
        if (view(known.name) == name) {
            return row;
        }
        ++row;
    }
    return std::nullopt;
}

ngx_int_t set_value(ngx_http_request_t* r, ngx_http_variable_value_t* value, std::string_view words) {
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

std::optional<uintptr_t> stock_variable_row(std::string_view name) {
    constexpr std::string_view kStock = "ssl_";
    if (name.substr(0, kStock.size()) != kStock) {
        return std::nullopt;
    }
    return variable_row("tls_" + std::string(name.substr(kStock.size())));
}

void decide_on_particulars(ngx_cycle_t* cycle) {
    auto* main = static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_tls_module));
    // Null without an http block.
    if (main != nullptr) {
        main->keeps_particulars = may_be_asked_for(cycle, is_of_particulars);
    }
}

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

void make_room_for_variables(ngx_conf_t* cf) {
    constexpr ngx_uint_t kMaxSize = 4096;
    auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    core->variables_hash_max_size = ngx_max(core->variables_hash_max_size, kMaxSize);
}

}  // namespace tls

#include "fingerprint_variables.h"

#include <algorithm>
#include <iterator>

#include "asked_variables.h"
#include "base/guard.h"
#include "conf.h"
#include "connection.h"
#include "variables.h"

namespace tls {

namespace {

struct Row {
    ngx_str_t name;
    Fingerprint fingerprint;
};

// A variable's data is its row's index.
const Row kRows[] = {
    {ngx_string("tls_ja3"), Fingerprint::Ja3},
    {ngx_string("tls_ja3_hash"), Fingerprint::Ja3Hash},
    {ngx_string("tls_ja4"), Fingerprint::Ja4},
    {ngx_string("tls_ja4_r"), Fingerprint::Ja4Raw},
    {ngx_string("tls_ja4_o"), Fingerprint::Ja4Original},
    {ngx_string("tls_ja4_ro"), Fingerprint::Ja4RawOriginal},
};

bool is_fingerprint(std::string_view name) {
    return std::any_of(std::begin(kRows), std::end(kRows),
                       [&](const Row& row) { return view(row.name) == name; });
}

ngx_int_t evaluate(ngx_http_request_t* r, ngx_http_variable_value_t* value, const Row& row) {
    const auto* main = static_cast<const MainConf*>(ngx_http_get_module_main_conf(r, ngx_http_tls_module));
    if (!main->keeps_fingerprints) {
        tell_of_unkept(r, row.name);
        value->not_found = 1;
        return NGX_OK;
    }
    // While certificates are looked for there is a hello, but no encryption yet.
    const Connection* connection = Connection::of(r->connection);
    if (connection == nullptr) {
        connection = Connection::in_pool_of(r->connection);
    }
    if (connection == nullptr || connection->fingerprints() == nullptr) {
        value->not_found = 1;
        return NGX_OK;
    }
    return set_value(r, value, connection->fingerprints()->get(row.fingerprint));
}

ngx_int_t get_fingerprint(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t row) {
    return guarded(static_cast<ngx_int_t>(NGX_ERROR), [&] { return evaluate(r, value, kRows[row]); });
}

}  // namespace

ngx_int_t add_fingerprint_variables(ngx_conf_t* cf) {
    uintptr_t index = 0;
    for (const Row& row : kRows) {
        ngx_str_t name = row.name;
        ngx_http_variable_t* variable = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_CHANGEABLE);
        if (variable == nullptr) {
            return NGX_ERROR;
        }
        variable->get_handler = get_fingerprint;
        variable->data = index++;
    }
    return NGX_OK;
}

void decide_on_fingerprints(ngx_cycle_t* cycle) {
    auto* main = static_cast<MainConf*>(ngx_http_cycle_get_module_main_conf(cycle, ngx_http_tls_module));
    // Null without an http block.
    if (main != nullptr) {
        main->keeps_fingerprints = main->keeps_fingerprints || may_be_asked_for(cycle, is_fingerprint);
    }
}

}  // namespace tls

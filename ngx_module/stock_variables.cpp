#include "stock_variables.h"

#include "connection.h"
#include "variables.h"

namespace tls {

namespace {

// What nginx does for a variable, and which of ours says the same. In the configuration's pool.
struct StockVariable {
    ngx_http_get_variable_pt get;
    uintptr_t data;
    uintptr_t row;
};

ngx_int_t get_stock_variable(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t data) {
    const auto* stock = reinterpret_cast<const StockVariable*>(data);
    const Connection* connection = Connection::of(r->connection);
    if (connection != nullptr && connection->tunnel().native() == nullptr) {
        return get_variable(r, value, stock->row);
    }
    return stock->get(r, value, stock->data);
}

}  // namespace

ngx_int_t answer_stock_variables(ngx_conf_t* cf) {
    const auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    const auto* keys = static_cast<const ngx_hash_key_t*>(core->variables_keys->keys.elts);
    for (ngx_uint_t i = 0; i < core->variables_keys->keys.nelts; ++i) {
        auto* variable = static_cast<ngx_http_variable_t*>(keys[i].value);
        const auto row = stock_variable_row(view(keys[i].key));
        if (!row || variable->get_handler == nullptr) {
            continue;
        }
        auto* stock = static_cast<StockVariable*>(ngx_palloc(cf->pool, sizeof(StockVariable)));
        if (stock == nullptr) {
            return NGX_ERROR;
        }
        *stock = StockVariable{variable->get_handler, variable->data, *row};
        variable->get_handler = get_stock_variable;
        variable->data = reinterpret_cast<uintptr_t>(stock);
    }
    return NGX_OK;
}

}  // namespace tls

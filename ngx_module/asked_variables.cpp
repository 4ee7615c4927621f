#include "asked_variables.h"

#include <algorithm>
#include <iterator>

namespace tls {

namespace {

// Modules whose programs ask for any variable by its name while they run. nginx cannot tell before which.
constexpr std::string_view kAskByName[] = {"ngx_http_perl_module", "ngx_http_js_module",
                                           "ngx_http_lua_module"};

bool has_programs(const ngx_cycle_t& cycle) {
    return std::any_of(cycle.modules, cycle.modules + cycle.modules_n, [](const ngx_module_t* module) {
        return std::find(std::begin(kAskByName), std::end(kAskByName), module->name) != std::end(kAskByName);
    });
}

}  // namespace

bool may_be_asked_for(const ngx_cycle_t* cycle, bool (*is_one)(std::string_view name)) {
    const auto* core = static_cast<const ngx_http_core_main_conf_t*>(
        ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module));
    // Null without an http block.
    if (core == nullptr) {
        return false;
    }
    // Whatever names a variable in the configuration gives it an index.
    const auto* indexed = static_cast<const ngx_http_variable_t*>(core->variables.elts);
    return has_programs(*cycle) ||
           std::any_of(indexed, indexed + core->variables.nelts,
                       [&](const ngx_http_variable_t& variable) { return is_one(view(variable.name)); });
}

void tell_of_unkept(const ngx_http_request_t* r, const ngx_str_t& name) {
    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "variable \"%V\" is asked for by its name alone, and is empty: "
                  "nothing in the configuration uses it",
                  &name);
}

}  // namespace tls

#include "request.h"

#include "auth/client_trust.h"
#include "base/guard.h"
#include "conf.h"
#include "connection.h"

namespace tls {

namespace {

const ServerConf& conf_of(const ngx_http_request_t* r) {
    return *static_cast<const ServerConf*>(ngx_http_get_module_srv_conf(r, ngx_http_tls_module));
}

ngx_int_t check_plain(const ngx_http_request_t* r) {
    const ngx_connection_t* c = r->connection;
    const bool on_tls_address = c->ssl == nullptr && c->listening != nullptr &&
                                c->listening->handler == on_accepted &&
                                find_address(r->http_connection->addr_conf) != nullptr;
    if (!on_tls_address) {
        return NGX_DECLINED;
    }
    ngx_log_error(NGX_LOG_INFO, c->log, 0, "client sent plain HTTP request to HTTPS port");
    return NGX_HTTP_TO_HTTPS;
}

// The server that Host names must not be reached under terms that are not its own. With a server name in the
// handshake all terms count; without one the client could not choose, and only a verification by others does.
bool is_misdirected(const ngx_http_request_t* r, const Connection& connection) {
    const ServerConf& target = conf_of(r);
    if (&target == &connection.server()) {
        return false;
    }
    if (!target.enable || target.reject_handshake) {
        return true;
    }
    const ServerContext* wanted =
        context_on(target, *server_conf_of(r->http_connection->addr_conf->default_server));
    const ServerContext& given = connection.tunnel().context();
    if (wanted == nullptr || wanted == &given) {
        return wanted == nullptr;
    }
    if (connection.named()) {
        return !wanted->same_policy(given);
    }
    return given.policy().verify != VerifyMode::Off && !wanted->same_verification(given);
}

ngx_int_t check_client_certificate(const ngx_http_request_t* r, const Connection& connection) {
    const auto verify = static_cast<VerifyMode>(conf_of(r).verify);
    const Facts& facts = connection.facts();
    ngx_log_t* log = r->connection->log;
    if (verify == VerifyMode::Off) {
        return NGX_DECLINED;
    }
    const long result = facts.verify_result;
    if (result != X509_V_OK && (verify != VerifyMode::OptionalNoCa || !is_optional_verify_error(result))) {
        ngx_log_error(NGX_LOG_INFO, log, 0, "client SSL certificate verify error: (%l:%s)", result,
                      X509_verify_cert_error_string(result));
        connection.tunnel().forget_session();
        return NGX_HTTPS_CERT_ERROR;
    }
    if (verify == VerifyMode::On && facts.client_certificate == nullptr) {
        ngx_log_error(NGX_LOG_INFO, log, 0, "client sent no required SSL certificate");
        connection.tunnel().forget_session();
        return NGX_HTTPS_NO_CERT;
    }
    return NGX_DECLINED;
}

ngx_int_t check(const ngx_http_request_t* r) {
    const Connection* connection = Connection::of(r->connection);
    if (connection == nullptr) {
        return check_plain(r);
    }
    if (is_misdirected(r, *connection)) {
        ngx_log_error(
            NGX_LOG_INFO, r->connection->log, 0,
            "client attempted to request the server name different from the one that was negotiated");
        return NGX_HTTP_MISDIRECTED_REQUEST;
    }
    return check_client_certificate(r, *connection);
}

ngx_int_t on_post_read(ngx_http_request_t* r) {
    ngx_log_t* log = r->connection->log;
    auto* const action = log->action;
    // nginx's own check is made there, and its log lines say so.
    log->action = const_cast<char*>("reading client request headers");
    const ngx_int_t answer =
        guarded(static_cast<ngx_int_t>(NGX_HTTP_INTERNAL_SERVER_ERROR), [&] { return check(r); });
    log->action = action;
    return answer;
}

}  // namespace

ngx_int_t add_request_check(ngx_conf_t* cf) {
    auto* core =
        static_cast<ngx_http_core_main_conf_t*>(ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
    auto* handler =
        static_cast<ngx_http_handler_pt*>(ngx_array_push(&core->phases[NGX_HTTP_POST_READ_PHASE].handlers));
    if (handler == nullptr) {
        return NGX_ERROR;
    }
    *handler = on_post_read;
    return NGX_OK;
}

}  // namespace tls

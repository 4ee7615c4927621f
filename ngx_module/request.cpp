#include "request.h"

#include "base/guard.h"
#include "conf.h"
#include "connection.h"
#include "plain_request.h"

namespace tls {

namespace {

const ServerConf& conf_of(const ngx_http_request_t* r) {
    return *static_cast<const ServerConf*>(ngx_http_get_module_srv_conf(r, ngx_http_tls_module));
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

ngx_int_t check_client_certificate(const ngx_http_request_t* r, Connection* connection) {
    const auto verify = static_cast<VerifyMode>(conf_of(r).verify);
    const CertificateFault fault = find_certificate_fault(verify, connection->facts());
    if (fault == CertificateFault::None) {
        return NGX_DECLINED;
    }
    connection->tunnel().forget_session();
    connection->log_certificate_fault(fault, r->connection->log);
    return fault == CertificateFault::Missing ? NGX_HTTPS_NO_CERT : NGX_HTTPS_CERT_ERROR;
}

ngx_int_t check(ngx_http_request_t* r) {
    Connection* connection = Connection::of(r->connection);
    if (connection == nullptr) {
        Connection* plain = is_plain_on_tls_address(r) ? Connection::in_pool_of(r->connection) : nullptr;
        return plain != nullptr ? answer_plain_request(r, plain) : static_cast<ngx_int_t>(NGX_DECLINED);
    }
    if (is_misdirected(r, *connection)) {
        ngx_log_error(
            NGX_LOG_INFO, r->connection->log, 0,
            "client attempted to request the server name different from the one that was negotiated");
        return NGX_HTTP_MISDIRECTED_REQUEST;
    }
    return check_client_certificate(r, connection);
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

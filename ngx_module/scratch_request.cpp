#include "scratch_request.h"

namespace tls {

ScratchRequest::ScratchRequest(ngx_connection_t* c, ngx_http_connection_t* http)
    : c_(c),
      data_(c->data),
      log_(*c->log),
      log_context_(*static_cast<const ngx_http_log_ctx_t*>(c->log->data)) {
    c->data = http;
    request_ = ngx_http_create_request(c);
    if (request_ != nullptr) {
        request_->logged = 1;
    }
}

ScratchRequest::~ScratchRequest() {
    if (request_ != nullptr) {
        ngx_http_free_request(request_, 0);
        c_->requests--;
#if (NGX_STAT_STUB)
        (void)ngx_atomic_fetch_add(ngx_stat_requests, -1);
#endif
        c_->destroyed = 0;
    }
    *c_->log = log_;
    *static_cast<ngx_http_log_ctx_t*>(c_->log->data) = log_context_;
    c_->data = data_;
}

}  // namespace tls

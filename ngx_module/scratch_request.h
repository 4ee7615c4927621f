// A request that nobody sent, for the sake of nginx's variables, which need one: on a connection that has no
// request yet, never will, or has a real one that goes on afterwards as if nothing had been.
//
// Lives for a few lines of code. Nothing is logged, counted or answered by it.
#pragma once

#include "nginx.h"

namespace tls {

class ScratchRequest {
  public:
    // `http` is the connection's, whose server block the request gets.
    ScratchRequest(ngx_connection_t* c, ngx_http_connection_t* http);
    ~ScratchRequest();
    ScratchRequest(const ScratchRequest&) = delete;
    ScratchRequest& operator=(const ScratchRequest&) = delete;

    // Null when memory ran out.
    ngx_http_request_t* get() const { return request_; }

  private:
    ngx_connection_t* c_;
    void* data_;
    ngx_log_t log_;  // where the connection logs to, and what it says that it does
    ngx_http_log_ctx_t log_context_;
    ngx_http_request_t* request_;
};

}  // namespace tls

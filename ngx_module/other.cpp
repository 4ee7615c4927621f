// Clients that speak neither TLS nor HTTP, or nothing at all: on to tls_other, or closed.
#include "connection.h"
#include "plain_conf.h"
#include "relay.h"
#include "scratch_request.h"

namespace tls {

namespace {

// Of the server's own level: there is no request that a location could be found for. Variables in limit_rate
// know the client only.
RelayLimits find_limits(ngx_connection_t* c, ngx_http_connection_t* http) {
    const auto* location = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_get_module_loc_conf(http->conf_ctx, ngx_http_core_module));
    RelayLimits limits;
    limits.send_timeout = location->send_timeout;
    if (location->limit_rate == nullptr) {
        return limits;
    }
    const ScratchRequest request(c, http);
    if (request.get() != nullptr) {
        limits.pace.rate = ngx_http_complex_value_size(request.get(), location->limit_rate, 0);
        limits.pace.after = ngx_http_complex_value_size(request.get(), location->limit_rate_after, 0);
    }
    return limits;
}

}  // namespace

// The time until the hello is whole.
void Connection::arm_deadline() {
    const auto left = static_cast<ngx_msec_int_t>(beginning_->deadline - ngx_current_msec);
    beginning_->may_be_silent = false;
    if (c_->read->timer_set) {
        ngx_del_timer(c_->read);
    }
    ngx_add_timer(c_->read, left > 0 ? static_cast<ngx_msec_t>(left) : 1);
}

// The same, but a client that says nothing may be one whose protocol lets the server speak first.
void Connection::arm_silence() {
    arm_deadline();
    const auto left = static_cast<ngx_msec_int_t>(beginning_->deadline - ngx_current_msec);
    if (server_->other == nullptr || static_cast<ngx_msec_int_t>(server_->other_timeout) >= left) {
        return;
    }
    beginning_->may_be_silent = true;
    ngx_del_timer(c_->read);
    ngx_add_timer(c_->read, server_->other_timeout);
}

void Connection::become_other(ByteView bytes) {
    if (server_->other == nullptr) {
        log_ending(0, "client sent neither TLS nor HTTP", Reason::NotTls);
        end({Reason::NotTls, EndedBy::Server, "", PortUse::Other});
        return;
    }
    conclude({Reason::NotTls, EndedBy::Nobody, "", PortUse::Other});
    phase_ = Phase::Other;
    beginning_->may_be_silent = false;
    ngx_reusable_connection(c_, 0);
    beginning_->relay =
        std::make_unique<Relay>(this, c_, *server_->other, std::vector<uint8_t>(bytes.begin(), bytes.end()),
                                find_limits(c_, beginning_->http));
    beginning_->inbox.clear();
    beginning_->relay->start();
}

void Connection::end_other() {
    close();
}

}  // namespace tls

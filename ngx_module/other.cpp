// Clients that speak neither TLS nor HTTP, or nothing at all: on to tls_other, or closed.
#include "connection.h"
#include "plain_conf.h"
#include "relay.h"

namespace tls {

// The time until the hello is whole.
void Connection::arm_deadline() {
    const auto left = static_cast<ngx_msec_int_t>(deadline_ - ngx_current_msec);
    may_be_silent_ = false;
    if (c_->read->timer_set) {
        ngx_del_timer(c_->read);
    }
    ngx_add_timer(c_->read, left > 0 ? static_cast<ngx_msec_t>(left) : 1);
}

// The same, but a client that says nothing may be one whose protocol lets the server speak first.
void Connection::arm_silence() {
    arm_deadline();
    const auto left = static_cast<ngx_msec_int_t>(deadline_ - ngx_current_msec);
    if (server_->other == nullptr || static_cast<ngx_msec_int_t>(server_->other_timeout) >= left) {
        return;
    }
    may_be_silent_ = true;
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
    may_be_silent_ = false;
    ngx_reusable_connection(c_, 0);
    const auto* location = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_get_module_loc_conf(http_->conf_ctx, ngx_http_core_module));
    relay_ = std::make_unique<Relay>(
        this, c_, *server_->other, std::vector<uint8_t>(bytes.begin(), bytes.end()), location->send_timeout);
    inbox_.clear();
    relay_->start();
}

void Connection::end_other() {
    close();
}

}  // namespace tls

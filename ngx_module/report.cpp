// What became of a connection: filled in while it goes on, told once.
#include "base/guard.h"
#include "conf.h"
#include "connection.h"
#include "handshake_log.h"

namespace tls {

namespace {

using Clock = std::chrono::steady_clock;

// Bytes of a client's name in a line of the error log: no host name is longer (RFC 1035 section 2.3.4).
constexpr size_t kMaxShownName = 255;

}  // namespace

void Connection::note_choice(const Choice& choice) {
    report_.matched_by = choice.matched_by;
    if (!choice.accepted) {
        return;
    }
    if (choice.credentials == nullptr) {
        report_.certified_by = CertifiedBy::Server;
        return;
    }
    const ServerConf& lender = lender_of(*server_, *server_conf_of(http_->addr_conf->default_server));
    if (lender.certificate_values != nullptr) {
        // The set's own name is made of paths, or of keys in `data:`.
        report_.certified_by = CertifiedBy::Variable;
        report_.certificate_name = std::make_unique<const std::string>(beginning_->name);
        return;
    }
    report_.certified_by = lender.internal ? CertifiedBy::Internal : CertifiedBy::Directory;
    report_.certificate_name = std::make_unique<const std::string>(choice.credentials->name);
}

std::string Connection::shown_name() const {
    return escaped_start(report_.offered->server_name, kMaxShownName);
}

// How a connection ended before, or without, a judgement on its hello.
void Connection::log_ending(int system_error, const char* text, Reason reason) const {
    const std::string name = report_.has_hello ? ", server name \"" + shown_name() + "\"" : std::string();
    ngx_log_error(NGX_LOG_INFO, c_->log, system_error, "%s (%s)%s", text, reason_name(reason), name.c_str());
}

// The only place from which a connection's fate is told. Whoever counts or writes it down is called here.
void Connection::conclude(const Ending& ending) {
    if (concluded_) {
        return;
    }
    concluded_ = true;
    report_.use = upgraded_ ? PortUse::Upgraded : ending.use;
    report_.reason = ending.reason;
    report_.ended_by = ending.ended_by;
    report_.text = ending.text;
    if (tunnel_ != nullptr) {
        report_.alert_sent = static_cast<int16_t>(tunnel_->alert_sent());
        report_.alert_received = static_cast<int16_t>(tunnel_->alert_received());
        report_.bytes_received += tunnel_->bytes_received();
        report_.bytes_sent += tunnel_->bytes_sent();
    }
    report_.duration = Clock::now() - beginning_->accepted;
    count_.conclude(report_, tunnel_.get());
    if (agreed() == nullptr && tunnel_ != nullptr && tunnel_->has_agreed()) {
        facts_ = tunnel_->facts();
    }
    if (server_->handshake_logs != nullptr) {
        guarded([&] { write_handshake_logs(*server_->handshake_logs, c_, http_); });
    }
}

void Connection::conclude_failure() {
    const Failure& failure = tunnel_->failure();
    if (!failure.text.empty()) {
        report_.library_text = std::make_unique<const std::string>(failure.text);
    }
    report_.system_error = failure.system_error;
    const bool client_gave_up = failure.reason == Reason::PeerAlert || failure.reason == Reason::PeerClosed;
    conclude({failure.reason, client_gave_up ? EndedBy::Client : EndedBy::Server});
}

// Their events still have the handlers of the phases before HTTP, and their data is ours.
void Connection::conclude_all(ngx_cycle_t* cycle) {
    for (ngx_uint_t i = 0; i < cycle->connection_n; ++i) {
        const ngx_connection_t& c = cycle->connections[i];
        if (c.fd == static_cast<ngx_socket_t>(-1) || c.read == nullptr ||
            (c.read->handler != on_first_bytes && c.read->handler != on_handshake_event)) {
            continue;
        }
        guarded([&] { static_cast<Connection*>(c.data)->conclude({Reason::ShuttingDown, EndedBy::Server}); });
    }
}

// A handshake that is completed with a client certificate that its server does not take: the requests are
// answered with 495 or 496, so this is what became of the connection.
void Connection::conclude_success() {
    report_.facts = &facts_;
    const auto fault = find_certificate_fault(static_cast<VerifyMode>(server_->verify), facts_);
    const bool good = fault == CertificateFault::None;
    conclude({good ? Reason::Completed : Reason::VerifyFailed, EndedBy::Nobody,
              certificate_fault_words(fault, facts_)});
}

void Connection::log_certificate_fault(CertificateFault fault, ngx_log_t* log, const std::string& more) {
    fault_told_ = true;
    const char* reason = reason_name(Reason::VerifyFailed);
    if (fault == CertificateFault::Missing) {
        ngx_log_error(NGX_LOG_INFO, log, 0, "client sent no required SSL certificate (%s)%s", reason,
                      more.c_str());
        return;
    }
    ngx_log_error(NGX_LOG_INFO, log, 0, "client SSL certificate verify error: (%D:%s) (%s)%s",
                  facts_.verify_result, certificate_fault_words(fault, facts_), reason, more.c_str());
}

// From the end of the connection's pool: nginx's log for it is still there.
void Connection::log_untold_fault() {
    if (report_.reason != Reason::VerifyFailed || fault_told_) {
        return;
    }
    c_->log->action = const_cast<char*>("SSL handshaking");
    log_certificate_fault(find_certificate_fault(static_cast<VerifyMode>(server_->verify), facts_), c_->log,
                          ", server name \"" + shown_name() + "\"");
}

}  // namespace tls

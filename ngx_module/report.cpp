// What became of a connection: filled in while it goes on, told once.
#include "base/guard.h"
#include "conf.h"
#include "connection.h"
#include "handshake_log.h"
#include "server/shared_report.h"

namespace tls {

namespace {

using Clock = std::chrono::steady_clock;

// Bytes of a client's name in a line of the error log: no host name is longer (RFC 1035 section 2.3.4).
constexpr size_t kMaxShownName = 255;

}  // namespace

void Connection::note_choice(const Choice& choice) {
    beginning_->report.matched_by = choice.matched_by;
    if (!choice.accepted) {
        return;
    }
    if (choice.credentials == nullptr) {
        beginning_->report.certified_by = CertifiedBy::Server;
        return;
    }
    const ServerConf& lender = lending_server();
    if (lender.certificate_values != nullptr) {
        // The set's own name is made of paths, or of keys in `data:`.
        beginning_->report.certified_by = CertifiedBy::Variable;
        beginning_->report.certificate_name = beginning_->name;
        return;
    }
    beginning_->report.certified_by = lender.internal ? CertifiedBy::Internal : CertifiedBy::Directory;
    beginning_->report.certificate_name = choice.credentials->name;
}

void Connection::note_agreed() {
    beginning_->report.facts = tunnel_->facts();
    beginning_->particulars.session_id = tunnel_->session_id();
}

// What only the beginning needs goes; what became of it may be the same for many.
void Connection::settle() {
    const bool wanted = main_conf_of(beginning_->http->conf_ctx)->keeps_particulars;
    if (wanted || beginning_->report.reason == Reason::VerifyFailed) {
        particulars_ = std::make_unique<const Particulars>(std::move(beginning_->particulars));
    }
    told_ = share_report(std::move(beginning_->report));
    beginning_.reset();
}

bool Connection::has_particulars() const {
    return beginning_ != nullptr || particulars_ != nullptr;
}

const Particulars& Connection::particulars() const {
    static const Particulars kNone;
    if (beginning_ != nullptr) {
        return beginning_->particulars;
    }
    return particulars_ != nullptr ? *particulars_ : kNone;
}

std::string Connection::shown_name() const {
    return escaped_start(particulars().offered->server_name, kMaxShownName);
}

// How a connection ended before, or without, a judgement on its hello.
void Connection::log_ending(int system_error, const char* text, Reason reason) const {
    const std::string name = report().has_hello ? ", server name \"" + shown_name() + "\"" : std::string();
    ngx_log_error(NGX_LOG_INFO, c_->log, system_error, "%s (%s)%s", text, reason_name(reason), name.c_str());
}

// The only place from which a connection's fate is told. Whoever counts or writes it down is called here.
void Connection::conclude(const Ending& ending) {
    if (concluded_) {
        return;
    }
    concluded_ = true;
    beginning_->report.use = upgraded_ ? PortUse::Upgraded : ending.use;
    beginning_->report.reason = ending.reason;
    beginning_->report.ended_by = ending.ended_by;
    beginning_->report.text = ending.text;
    if (tunnel_ != nullptr) {
        beginning_->report.alert_sent = static_cast<int16_t>(tunnel_->alert_sent());
        beginning_->report.alert_received = static_cast<int16_t>(tunnel_->alert_received());
        beginning_->particulars.bytes_received += tunnel_->bytes_received();
        beginning_->particulars.bytes_sent += tunnel_->bytes_sent();
    }
    beginning_->particulars.duration = Clock::now() - beginning_->accepted;
    count_.conclude(beginning_->report, beginning_->particulars, tunnel_.get());
    if (agreed() == nullptr && tunnel_ != nullptr && tunnel_->has_agreed()) {
        note_agreed();
    }
    if (server_->handshake_logs != nullptr) {
        guarded([&] { write_handshake_logs(*server_->handshake_logs, c_, beginning_->http); });
    }
}

void Connection::conclude_failure() {
    const Failure& failure = tunnel_->failure();
    beginning_->report.library_text = failure.text;
    beginning_->report.system_error = failure.system_error;
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
    beginning_->report.handshaken = true;
    const auto fault = find_certificate_fault(static_cast<VerifyMode>(server_->verify), facts());
    const bool good = fault == CertificateFault::None;
    conclude({good ? Reason::Completed : Reason::VerifyFailed, EndedBy::Nobody,
              certificate_fault_words(fault, facts())});
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
                  facts().verify_result, certificate_fault_words(fault, facts()), reason, more.c_str());
}

// From the end of the connection's pool: nginx's log for it is still there.
void Connection::log_untold_fault() {
    if (report().reason != Reason::VerifyFailed || fault_told_) {
        return;
    }
    c_->log->action = const_cast<char*>("SSL handshaking");
    log_certificate_fault(find_certificate_fault(static_cast<VerifyMode>(server_->verify), facts()), c_->log,
                          ", server name \"" + shown_name() + "\"");
}

}  // namespace tls

// From a whole ClientHello to an encrypted connection: choose, handshake, hand over to nginx's HTTP.
#include <algorithm>

#include "auth/identity.h"
#include "base/guard.h"
#include "conf.h"
#include "connection.h"
#include "gathering.h"
#include "io.h"
#include "key_log.h"
#include "keys/library.h"
#include "names/host_name.h"
#include "server/foresee.h"
#include "shared_notes.h"
#include "without_ssl.h"

namespace tls {

namespace {

// nginx's own map of names, so that the server name and the Host header can never be answered differently.
// False when a regular expression failed to run.
bool look_up(ngx_connection_t* c, ngx_http_connection_t* http, const std::string& name,
             ngx_http_core_srv_conf_t** found) {
    ngx_http_virtual_names_t* names = http->addr_conf->virtual_names;
    *found = nullptr;
    if (names == nullptr || name.empty()) {
        return true;
    }
    auto* data = reinterpret_cast<u_char*>(const_cast<char*>(name.data()));
    *found = static_cast<ngx_http_core_srv_conf_t*>(
        ngx_hash_find_combined(&names->names, ngx_hash_key(data, name.size()), data, name.size()));
#if (NGX_PCRE)
    ngx_str_t text{name.size(), data};
    for (ngx_uint_t i = 0; *found == nullptr && i < names->nregex; ++i) {
        ngx_http_server_name_t& candidate = names->regex[i];
        const ngx_int_t matched = ngx_regex_exec(candidate.regex->regex, &text, nullptr, 0);
        if (matched >= 0) {
            http->ssl_servername_regex = candidate.regex;
            *found = candidate.server;
        } else if (matched != NGX_REGEX_NO_MATCHED) {
            ngx_log_error(NGX_LOG_ALERT, c->log, 0, ngx_regex_exec_n " failed: %i on \"%V\" using \"%V\"",
                          matched, &text, &candidate.regex->name);
            return false;
        }
    }
#else
    (void)c;
#endif
    return true;
}

// Newer nginx asks here whether $ssl_server_name was taken; older ones have no such field.
template <class Ssl>
auto accept_server_name(Ssl* ssl, int) -> decltype(ssl->sni_accepted = 1, void()) {
    ssl->sni_accepted = 1;
}
template <class Ssl>
void accept_server_name(Ssl*, long) {}

RecordSizeTerms record_size_of(const ServerConf& server) {
    RecordSizeTerms terms;
    terms.automatic = server.record_size == 0;
    const size_t full = terms.automatic ? server.buffer_size : server.record_size;
    terms.full = static_cast<uint16_t>(std::min<size_t>(full, terms.full));
    return terms;
}

template <class Kind, class Share>
void give(const std::optional<Share>& share, PreparedExchange<Kind>* exchange) {
    if (share) {
        exchange->has_peer = true;
        exchange->peer = *share;
    }
}

// A place for what the handshake will need, when several of its kind can be made together.
std::unique_ptr<Prepared> foresee(const ClientHello& hello, const ServerContext& context,
                                  const CredentialSet* found, bool takes_ahead) {
    if (!context.uses_key_library() || !has_batches()) {
        return nullptr;
    }
    const ForeseenExchange share = foresee_exchange(hello, context);
    const SigningKey* signer = foresee_signature(hello, context, found);
    // RSA keys of certificates that were found by name sign on the spot.
    const bool waits = found == nullptr && context.batches_rsa() && foresee_wait(hello, context);
    if (!share.x25519 && !share.p256 && signer == nullptr && !waits) {
        return nullptr;
    }
    auto prepared = std::make_unique<Prepared>();
    give(share.x25519, prepared.get());
    give(share.p256, &prepared->p256);
    if (signer != nullptr) {
        prepared->signer = signer;
        prepared->takes_ahead = takes_ahead;
        prepared->hello.assign(hello.message.begin(), hello.message.end());
    }
    return prepared;
}

constexpr time_t kDay = 24 * 3600;

// One line a day for each certificate that is served and ends soon, whichever worker serves it. Those that
// are issued here are renewed here.
void warn_of_expiry(const Facts& facts, const ServerConf& conf) {
    const X509* certificate = facts.server_certificate();
    if (conf.expiry_warning == 0 || conf.internal || certificate == nullptr) {
        return;
    }
    const time_t end = facts.credential->not_after;
    const time_t left = end - ngx_time();
    if (end == 0 || left > conf.expiry_warning) {
        return;
    }
    const auto* main =
        static_cast<const MainConf*>(ngx_http_cycle_get_module_main_conf(ngx_cycle, ngx_http_tls_module));
    if (main == nullptr) {
        return;
    }
    const std::string subject = subject_dn(certificate);
    const std::string until = valid_until(certificate);
    if (main->notes->should_tell("expiry " + fingerprint_sha256(certificate), kDay)) {
        ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0, "certificate \"%s\" %s %s", subject.c_str(),
                      left > 0 ? "ends" : "has ended", until.c_str());
    }
}

}  // namespace

void Connection::start(ByteView message) {
    const ParsedHello parsed = parse_client_hello(message);
    if (!parsed.ok) {
        refuse(parsed.refusal);
        return;
    }
    beginning_->report.has_hello = true;
    beginning_->particulars.offered = share_terms(OfferedTerms::of(parsed.hello));
    if (main_conf_of(beginning_->http->conf_ctx)->keeps_fingerprints) {
        fingerprints_ = std::make_unique<Fingerprints>(parsed.hello);
    }
    ServerTerms terms;
    if (!find_server(parsed.hello, &terms)) {
        refuse({Alert::InternalError, Reason::Internal, "the server name could not be looked up"});
        return;
    }
    find_credentials(&terms);
    const Choice choice = choose(parsed.hello, terms);
    note_choice(choice);
    if (!choice.accepted) {
        refuse(choice.refusal);
        return;
    }
    open_tunnel(parsed.hello, choice);
}

// Finds the server block by name as nginx does, and what is known of it.
bool Connection::find_server(const ClientHello& hello, ServerTerms* terms) {
    ngx_http_core_srv_conf_t* found = nullptr;
    terms->matched_by = hello.has_server_name ? MatchedBy::Default : MatchedBy::NoName;
    if (hello.has_server_name) {
        HostName name = normalize_host_name(hello.server_name);
        if (name.kind != HostName::Kind::Invalid) {
            beginning_->name = std::move(name.text);
        }
        if (!look_up(c_, beginning_->http, beginning_->name, &found)) {
            return false;
        }
    }
    const ngx_http_core_srv_conf_t* fallback = beginning_->http->addr_conf->default_server;
    if (found != nullptr) {
        terms->matched_by = MatchedBy::Name;
        select_server(found);
    } else if (beginning_->upgrading != nullptr && hello.has_server_name) {
        beginning_->http->conf_ctx = fallback->ctx;
        server_ = server_conf_of(fallback);
    }
    if (beginning_->upgrading != nullptr) {
        terms->after_upgrade = true;
        terms->upgraded_elsewhere =
            ngx_http_get_module_srv_conf(beginning_->upgrading, ngx_http_tls_module) != server_;
    }
    const Address* address = find_address(beginning_->http->addr_conf);
    terms->context = context_on(*server_, *server_conf_of(fallback));
    terms->serves_tls = server_->enable == 1;
    terms->rejects = server_->reject_handshake == 1;
    terms->http2 = address != nullptr && speaks_http2(*address, beginning_->http->conf_ctx);
    return true;
}

void Connection::select_server(ngx_http_core_srv_conf_t* server) {
    beginning_->http->conf_ctx = server->ctx;
    server_ = server_conf_of(server);
    count_.move(*server_);
    auto* location =
        static_cast<ngx_http_core_loc_conf_t*>(server->ctx->loc_conf[ngx_http_core_module.ctx_index]);
    ngx_set_connection_log(c_, location->error_log);
    auto* name = static_cast<ngx_str_t*>(ngx_palloc(c_->pool, sizeof(ngx_str_t)));
    auto* bytes = static_cast<u_char*>(ngx_pnalloc(c_->pool, beginning_->name.size()));
    if (name == nullptr || bytes == nullptr) {
        // Without it nginx looks the Host header up once more; nothing is lost.
        return;
    }
    ngx_memcpy(bytes, beginning_->name.data(), beginning_->name.size());
    *name = ngx_str_t{beginning_->name.size(), bytes};
    beginning_->http->ssl_servername = name;
}

void Connection::open_tunnel(const ClientHello& hello, const Choice& choice) {
    Tunnel::Opening opening;
    opening.context = choice.context;
    opening.fd = c_->fd;
    opening.credentials = choice.credentials;
    opening.alpn = choice.alpn;
    opening.record_size = record_size_of(*server_);
    opening.logs_keys = server_->key_log != nullptr && server_->key_log->wants(c_);
    opening.takes_early_data = !upgraded_;
    opening.waits_for_signature = choice.credentials == nullptr && foresee_wait(hello, *choice.context);
    if (!upgraded_) {
        opening.prepared =
            foresee(hello, *choice.context, choice.credentials.get(), server_->signatures_ahead == 1);
    }
    const ByteView raw = beginning_->assembler->raw();
    opening.replay.assign(raw.begin(), raw.end());
    tunnel_ = Tunnel::open(std::move(opening));
    if (tunnel_ == nullptr) {
        refuse({Alert::InternalError, Reason::Internal, "out of memory"});
        return;
    }
    beginning_->assembler.reset();
    const auto* location = static_cast<ngx_http_core_loc_conf_t*>(
        ngx_http_get_module_loc_conf(beginning_->http->conf_ctx, ngx_http_core_module));
    // As in stock, before the first byte: else what follows a ticket or a flushed part waits for an ACK.
    if (location->tcp_nodelay && ngx_tcp_nodelay(c_) != NGX_OK) {
        beginning_->report.system_error = ngx_socket_errno;
        end({Reason::PeerClosed, EndedBy::Client});
        return;
    }
    phase_ = Phase::Handshake;
    c_->read->handler = on_handshake_event;
    c_->write->handler = on_handshake_event;
    if (tunnel_->prepared() == nullptr) {
        continue_handshake();
        return;
    }
    Gathering::of_worker().add(this);
    gathered_ = true;
}

void Connection::on_handshake_event(ngx_event_t* event) {
    auto* c = static_cast<ngx_connection_t*>(event->data);
    auto* connection = static_cast<Connection*>(c->data);
    guarded([&] {
        if (connection->ended_early(event)) {
            return;
        }
        if (!connection->waits()) {
            connection->continue_handshake();
        } else if (!event->write) {
            // What came meanwhile is read when it goes on. Where events are told again and again, not this
            // one.
            connection->wait_for(event);
        }
    });
}

void Connection::continue_handshake() {
    tunnel_->on_readable(will_be_told(c_->read), !c_->read->ready);
    switch (tunnel_->handshake()) {
        case Tunnel::Step::Done: {
            ngx_connection_t* const c = c_;
            const ngx_atomic_uint_t number = c->number;
            established();
            send_rest(c, number);
            return;
        }
        case Tunnel::Step::WantRead:
            c_->read->ready = 0;
            wait_for(c_->read);
            return;
        case Tunnel::Step::WantWrite:
            c_->write->ready = 0;
            wait_for(c_->write);
            return;
        case Tunnel::Step::WantKey:
            wait_for_signature();
            return;
        case Tunnel::Step::Failed:
            log_failure();
            conclude_failure();
            close();
            return;
    }
}

// A first answer took the end of the handshake along. Where there was none, it goes out alone, unless the
// connection is gone by now.
void Connection::send_rest(ngx_connection_t* c, ngx_atomic_uint_t number) {
    if (c->fd == static_cast<ngx_socket_t>(-1) || c->number != number) {
        return;
    }
    Connection* connection = of(c);
    if (connection != nullptr && connection->tunnel().flush().status == Tunnel::Status::Failed) {
        // nginx finds it when it reads or writes next.
        c->read->ready = 1;
        ngx_post_event(c->read, &ngx_posted_events);
    }
}

// A client's mistake is for the info log; ours or the library's is for whoever runs the server.
void Connection::log_failure() {
    const Failure& failure = tunnel_->failure();
    const ngx_uint_t level = failure.peer_to_blame ? NGX_LOG_INFO : NGX_LOG_CRIT;
    const int alert = tunnel_->alert_received() >= 0 ? tunnel_->alert_received() : tunnel_->alert_sent();
    const char* direction = tunnel_->alert_received() >= 0 ? "received" : "sent";
    const std::string alert_text =
        alert < 0 ? std::string()
                  : std::string(", alert ") + alert_name(static_cast<uint8_t>(alert)) + " " + direction;
    ngx_log_error(level, c_->log, failure.system_error, "SSL handshake failed: %s%s, server name \"%s\"%s",
                  reason_name(failure.reason), alert_text.c_str(), shown_name().c_str(),
                  failure.text.c_str());
}

void Connection::established() {
    phase_ = Phase::Established;
    note_agreed();
    install_core_ssl();
    install_io(c_);
    ngx_log_debug3(NGX_LOG_DEBUG_EVENT, c_->log, 0, "TLS: %s, cipher: \"%s\", matched by %s",
                   facts().protocol(), facts().cipher(), matched_by_name(report().matched_by));
    warn_of_expiry(facts(), lending_server());
    conclude_success();
    if (beginning_->upgrading != nullptr) {
        resume_request();
    } else {
        hand_to_http();
    }
}

void Connection::install_core_ssl() {
    // The core frees the SSL when it closes the connection; where it knows no TLS, nobody but us does.
    core_ssl.connection = core_has_ssl() ? Tunnel::share(tunnel_->native()) : tunnel_->native();
    core_ssl.session_ctx = tunnel_->context().native();
    core_ssl.buffer_size = server_->buffer_size;
    core_ssl.buffer = 1;
    core_ssl.handshaked = 1;
    core_ssl.no_wait_shutdown = 1;
    // Files come unread: they are read to where they are encrypted.
    core_ssl.sendfile = tunnel_->seals_records() ? 1 : 0;
    if (report().matched_by == MatchedBy::Name) {
        accept_server_name(&core_ssl, 0);
    }
    if (&ngx_ssl_connection_index != nullptr) {
        tunnel_->attach(ngx_ssl_connection_index, c_);
    }
    c_->ssl = &core_ssl;
    beginning_->http->ssl = 1;
    give_ssl_back();
}

void Connection::hand_to_http() {
    ngx_event_t* read = c_->read;
    const ngx_event_handler_pt http_handler = beginning_->http_handler;
    c_->data = beginning_->http;
    settle();
    c_->log->action = const_cast<char*>("waiting for request");
    if (read->timer_set) {
        ngx_del_timer(read);
    }
    // libssl may hold bytes that the socket will not announce again.
    read->ready = 1;
    c_->write->handler = ngx_http_empty_handler;
#if (NGX_HTTP_V2)
    if (is_http2()) {
        read_first(read, ngx_http_v2_init);
        return;
    }
#endif
    read->handler = http_handler;
    ngx_reusable_connection(c_, 1);
    if (tunnel_->idle()) {
        wait_for_request();
        return;
    }
    read_first(read, http_handler);
}

// What nginx's handler would do when it found nothing.
void Connection::wait_for_request() {
    const auto* http = static_cast<const ngx_http_connection_t*>(c_->data);
    const auto* core = static_cast<ngx_http_core_srv_conf_t*>(
        ngx_http_get_module_srv_conf(http->conf_ctx, ngx_http_core_module));
    c_->read->ready = 0;
    ngx_add_timer(c_->read, core->client_header_timeout);
    if (ngx_handle_read_event(c_->read, 0) != NGX_OK) {
        ngx_http_close_connection(c_);
    }
}

}  // namespace tls

// A Tunnel's records once they are ours: taking them over, reading, writing, new keys.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/alert.h"
#include "record/key_schedule.h"
#include "server/tunnel.h"

namespace tls {

// Takes the client's direction as well, where libssl has handed ours over.
bool Tunnel::open_records() {
    if (!writer_.sealing()) {
        return true;
    }
    if (writer_.version() == RecordVersion::Tls12) {
        const TrafficKeys* keys = side_->bio.receiving_keys();
        if (keys != nullptr) {
            reader_.start(*keys);
        }
        return keys != nullptr;
    }
    TrafficKeys keys;
    keys.ipsec_mb = context_->ipsec_mb();
    if (reader_.secret()->size == 0 || sending_secret_.size == 0 ||
        !derive_keys(*reader_.secret(), writer_.suite(), &keys)) {
        return false;
    }
    reader_.start(keys);
    return true;
}

void Tunnel::on_secret(const char* line) {
    const std::string_view text(line);
    const size_t last = text.rfind(' ');
    if (last == std::string_view::npos) {
        return;
    }
    if (text.substr(0, text.find(' ')) == "CLIENT_TRAFFIC_SECRET_0") {
        parse_secret(line + last + 1, reader_.secret());
    } else if (text.substr(0, text.find(' ')) == "SERVER_TRAFFIC_SECRET_0") {
        parse_secret(line + last + 1, &sending_secret_);
    }
}

Tunnel::Transfer Tunnel::read_records(uint8_t* data, size_t size) {
    const size_t unsent = writer_.unsent();
    const RecordReader::Result result = reader_.read(data, size, &writer_);
    // Behind close_notify nothing is said any more, and the socket may be shut for it (RFC 8446 section 6.1).
    const bool may_answer = !said_goodbye_;
    update_due_ = (reader_.take_answer_wanted() || update_due_) && may_answer;
    if (result.status == RecordReader::Status::Failed) {
        writer_.flush();
        return end_by_alert();
    }
    // Answers to what was read go out now; behind data that the socket does not take they wait.
    if (may_answer && (update_due_ || writer_.unsent() != unsent) && flush().status == Status::Failed) {
        return {Status::Failed};
    }
    switch (result.status) {
        case RecordReader::Status::Ok:
            return {Status::Ok, result.size, result.drained};
        case RecordReader::Status::Closed:
            return {Status::Closed};
        default:
            return {Status::WantRead};
    }
}

// As libssl does it: a session whose connection a fatal alert ended is not resumed (RFC 5246 section 7.2.2).
Tunnel::Transfer Tunnel::end_by_alert() {
    alert_received_ = static_cast<int16_t>(reader_.alert_received());
    alert_sent_ = static_cast<int16_t>(reader_.alert_sent());
    const Transfer failure = failed();
    const int alert = alert_received_ >= 0 ? alert_received_ : alert_sent_;
    if (alert >= 0) {
        forget_session();
        failure_->text = std::string(" (SSL: alert ") + alert_name(static_cast<uint8_t>(alert)) +
                         (alert_received_ >= 0 ? " received)" : " sent)");
    }
    return failure;
}

// What is sealed counts as written only when all of it was sent, so that nobody forgets the rest.
Tunnel::Transfer Tunnel::write_records(const uint8_t* data, size_t size) {
    Transfer sent = flush();
    if (promised_ == 0 && sent.status == Status::Ok) {
        for (RecordWriter::Room room = writer_.room(); promised_ < size && room.size > 0;
             room = writer_.room()) {
            const size_t count = std::min(room.size, size - promised_);
            std::memcpy(room.data, data + promised_, count);
            promised_ += static_cast<uint32_t>(count);
            if (!writer_.add(count)) {
                return failed();
            }
        }
        sent = flush();
    }
    if (sent.status == Status::Ok) {
        sent.size = promised_;
        promised_ = 0;
    }
    return sent;
}

Tunnel::Transfer Tunnel::flush() {
    if (phase_ == Phase::Failed) {
        return {Status::Failed};
    }
    const size_t before = writer_.unsent();
    OutputBuffer::Sent sent = writer_.flush();
    if (writer_.unsent() < before) {
        reader_.on_data_sent();
    }
    if (sent == OutputBuffer::Sent::All && (update_due_ || writer_.wants_new_keys())) {
        update_due_ = false;
        if (!update_keys()) {
            return failed();
        }
        sent = writer_.flush();
    }
    switch (sent) {
        case OutputBuffer::Sent::All:
            return {Status::Ok};
        case OutputBuffer::Sent::Blocked:
            return {Status::WantWrite};
        default:
            return failed();
    }
}

// RFC 8446 section 4.6.3.
bool Tunnel::update_keys() {
    return advance_secret(&sending_secret_) && writer_.update(sending_secret_);
}

void Tunnel::seal_goodbye() {
    if (phase_ != Phase::Established || said_goodbye_) {
        return;
    }
    said_goodbye_ = true;
    if (native() != nullptr) {
        // Else nginx's core would let it say the same again.
        if ((SSL_get_shutdown(side_->ssl) & SSL_SENT_SHUTDOWN) != 0) {
            return;
        }
        SSL_set_shutdown(side_->ssl, SSL_get_shutdown(side_->ssl) | SSL_SENT_SHUTDOWN);
    }
    constexpr uint8_t kCloseNotify[] = {1, 0};  // RFC 8446 section 6.1
    writer_.take(ContentType::Alert, kCloseNotify, sizeof(kCloseNotify));
}

bool Tunnel::give_ssl_back() {
    if (phase_ != Phase::Established || !reader_.opening()) {
        return false;
    }
    keep_resumable_session();
    free_ssl();
    return true;
}

// One that lies in a cache of ours, where forget_session() would look for it. What a client has in its ticket
// is nobody's to forget.
void Tunnel::keep_resumable_session() {
    if (native() == nullptr) {
        return;
    }
    const SessionTerms& terms = context_->sessions();
    const bool is_cached = terms.mode == CacheMode::Builtin || terms.mode == CacheMode::Shared;
    const bool in_ticket = writer_.version() == RecordVersion::Tls13 && context_->gives_tickets();
    SSL_SESSION* session = SSL_get0_session(side_->ssl);
    unsigned id_size = 0;
    if (session != nullptr) {
        SSL_SESSION_get_id(session, &id_size);
    }
    if (id_size > 0 && is_cached && (!in_ticket || terms.builtin_beside_shared)) {
        SSL_SESSION_up_ref(session);
        kept_sessions_.push_front(session);
    }
}

void Tunnel::forget_session() {
    SSL_CTX* ctx = context_->native();
    for (SSL_SESSION* session : kept_sessions_) {
        SSL_CTX_remove_session(ctx, session);
    }
    if (native() != nullptr) {
        SSL_CTX_remove_session(ctx, SSL_get0_session(side_->ssl));
    }
}

}  // namespace tls

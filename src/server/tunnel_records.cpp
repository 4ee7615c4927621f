// A Tunnel's records once they are ours: taking them over, reading, writing, new keys.
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "base/alert.h"
#include "record/key_schedule.h"
#include "server/callbacks.h"
#include "server/tunnel.h"

namespace tls {

// Takes the client's direction as well, where libssl has handed ours over.
bool Tunnel::open_records() {
    if (!writer_.sealing()) {
        return true;
    }
    if (writer_.version() == RecordVersion::Tls12) {
        const TrafficKeys* keys = bio_.receiving_keys();
        if (keys != nullptr) {
            reader_.start(*keys, TrafficSecret());
        }
        return keys != nullptr;
    }
    TrafficKeys keys;
    keys.ipsec_mb = context_->ipsec_mb();
    if (receiving_secret_.size == 0 || !derive_keys(receiving_secret_, writer_.suite(), &keys)) {
        return false;
    }
    reader_.start(keys, receiving_secret_);
    receiving_secret_ = TrafficSecret();
    return true;
}

void Tunnel::on_secret(const char* line) {
    const std::string_view text(line);
    const size_t last = text.rfind(' ');
    if (last == std::string_view::npos) {
        return;
    }
    if (text.substr(0, text.find(' ')) == "CLIENT_TRAFFIC_SECRET_0") {
        parse_secret(line + last + 1, &receiving_secret_);
    } else if (text.substr(0, text.find(' ')) == "SERVER_TRAFFIC_SECRET_N") {
        parse_secret(line + last + 1, &next_sending_secret_);
    }
}

Tunnel::Transfer Tunnel::read_records(uint8_t* data, size_t size) {
    const size_t unsent = writer_.unsent();
    const RecordReader::Result result = reader_.read(data, size);
    update_due_ = reader_.take_answer_wanted() || update_due_;
    if (result.status == RecordReader::Status::Failed) {
        writer_.flush();
        return end_by_alert();
    }
    // Answers to what was read go out now; behind data that the socket does not take they wait.
    if ((update_due_ || writer_.unsent() != unsent) && flush().status == Status::Failed) {
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
    alert_received_ = reader_.alert_received();
    alert_sent_ = reader_.alert_sent();
    const Transfer failure = failed();
    const int alert = alert_received_ >= 0 ? alert_received_ : alert_sent_;
    if (alert >= 0) {
        forget_session();
        failure_.text = std::string(" (SSL: alert ") + alert_name(static_cast<uint8_t>(alert)) +
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
            promised_ += count;
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
    if (next_sending_secret_.size == 0 && !learn_sending_secret()) {
        return false;
    }
    return writer_.update(next_sending_secret_) && advance_secret(&next_sending_secret_);
}

// libssl tells a secret only when it makes it: it is asked for a KeyUpdate that nobody receives. Once, and
// only where one is needed; from there on secrets are made here.
bool Tunnel::learn_sending_secret() {
    bio_.set_writing(SocketBio::Writing::Drop);
    {
        const SecretWatch watch(ssl_, true);
        if (SSL_key_update(ssl_, SSL_KEY_UPDATE_NOT_REQUESTED) == 1) {
            SSL_do_handshake(ssl_);
        }
    }
    bio_.set_writing(SocketBio::Writing::Through);
    ERR_clear_error();
    return next_sending_secret_.size != 0;
}

}  // namespace tls

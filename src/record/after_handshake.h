// What a client may say beside its data once the handshake has ended, and what is to be done about it.
//
// Used by the server's record layer for every record that was opened. A decider: it remembers how far a
// message has come and how much was said without data, and never touches keys or sockets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/alert.h"
#include "base/bytes.h"
#include "record/protection.h"

namespace tls {

struct Verdict {
    enum class Kind {
        Data,           // the record's content is the application's
        Nothing,        // to be passed over
        Closed,         // close_notify
        PeerAlert,      // the client ended the connection with `alert_number`
        KeyUpdate,      // the client's next record comes under its next keys
        RefuseRenewal,  // TLS 1.2: it wants another handshake and is told no_renegotiation
        Refuse,         // it broke the protocol; `alert` is for it
    };
    Kind kind = Kind::Nothing;
    Alert alert = Alert::UnexpectedMessage;
    uint8_t alert_number = 0;
    bool answer_wanted = false;  // KeyUpdate: ours is asked for
};

class AfterHandshake {
  public:
    explicit AfterHandshake(RecordVersion version) : version_(version) {}

    // A record that was opened, by its type and content.
    Verdict judge(ContentType type, ByteView content);

    // Data went to the client: what it says to steer the connection has a purpose then.
    void on_data_sent() { updates_ = 0; }

    // The most in a row, without data in either direction: records without content, as in libssl, warnings,
    // as in libssl, and KeyUpdates.
    static constexpr int kMaxEmpty = 32;
    static constexpr int kMaxWarnings = 5;
    static constexpr int kMaxUpdates = 512;

  private:
    Verdict judge_data(ByteView content);
    Verdict judge_alert(ByteView content);
    Verdict judge_handshake(ByteView content);

    RecordVersion version_;
    uint8_t empty_ = 0;
    uint8_t warnings_ = 0;
    uint8_t message_size_ = 0;
    uint16_t updates_ = 0;
    std::array<uint8_t, 5> message_{};  // a KeyUpdate that comes in pieces
};

}  // namespace tls

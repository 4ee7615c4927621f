#include "record/after_handshake.h"

namespace tls {

namespace {

using Kind = Verdict::Kind;

constexpr uint8_t kLevelFatal = 2;
constexpr uint8_t kUserCanceled = 90;
constexpr uint8_t kKeyUpdate = 24;

Verdict plain(Kind kind) {
    Verdict verdict;
    verdict.kind = kind;
    return verdict;
}

Verdict refuse(Alert alert) {
    Verdict verdict;
    verdict.kind = Kind::Refuse;
    verdict.alert = alert;
    return verdict;
}

}  // namespace

Verdict AfterHandshake::judge(ContentType type, ByteView content) {
    // RFC 8446 section 5.1: no other record comes between the pieces of a message.
    if (message_size_ > 0 && type != ContentType::Handshake) {
        return refuse(Alert::UnexpectedMessage);
    }
    switch (type) {
        case ContentType::ApplicationData:
            return judge_data(content);
        case ContentType::Alert:
            return judge_alert(content);
        case ContentType::Handshake:
            return judge_handshake(content);
        default:
            return refuse(Alert::UnexpectedMessage);
    }
}

Verdict AfterHandshake::judge_data(ByteView content) {
    if (!content.empty()) {
        empty_ = 0;
        warnings_ = 0;
        updates_ = 0;
        return plain(Kind::Data);
    }
    return ++empty_ > kMaxEmpty ? refuse(Alert::UnexpectedMessage) : plain(Kind::Nothing);
}

// RFC 8446 section 6, RFC 5246 section 7.2. One alert a record.
Verdict AfterHandshake::judge_alert(ByteView content) {
    if (content.size() != 2) {
        return refuse(Alert::DecodeError);
    }
    const uint8_t number = content[1];
    if (number == static_cast<uint8_t>(Alert::CloseNotify)) {
        return plain(Kind::Closed);
    }
    // In TLS 1.3 the number alone says whether the connection ends.
    const bool warning =
        version_ == RecordVersion::Tls13 ? number == kUserCanceled : content[0] != kLevelFatal;
    if (warning) {
        return ++warnings_ > kMaxWarnings ? refuse(Alert::UnexpectedMessage) : plain(Kind::Nothing);
    }
    Verdict verdict = plain(Kind::PeerAlert);
    verdict.alert_number = number;
    return verdict;
}

// RFC 8446 section 4.6.3: of all messages only KeyUpdate is left to a client that was not asked for more.
Verdict AfterHandshake::judge_handshake(ByteView content) {
    if (version_ == RecordVersion::Tls12) {
        return ++warnings_ > kMaxWarnings ? refuse(Alert::NoRenegotiation) : plain(Kind::RefuseRenewal);
    }
    // RFC 8446 section 5.1: no handshake record is empty. A key change ends its record.
    if (content.empty() || message_size_ + content.size() > message_.size()) {
        return refuse(Alert::UnexpectedMessage);
    }
    for (const uint8_t byte : content) {
        message_[message_size_++] = byte;
    }
    if (message_[0] != kKeyUpdate) {
        return refuse(Alert::UnexpectedMessage);
    }
    if (message_size_ < message_.size()) {
        return plain(Kind::Nothing);
    }
    message_size_ = 0;
    if (message_[1] != 0 || message_[2] != 0 || message_[3] != 1) {
        return refuse(Alert::DecodeError);
    }
    if (message_[4] > 1) {
        return refuse(Alert::IllegalParameter);
    }
    if (++updates_ > kMaxUpdates) {
        return refuse(Alert::UnexpectedMessage);
    }
    Verdict verdict = plain(Kind::KeyUpdate);
    verdict.answer_wanted = message_[4] == 1;
    return verdict;
}

}  // namespace tls

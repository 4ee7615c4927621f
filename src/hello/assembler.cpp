#include "hello/assembler.h"

#include <algorithm>

namespace tls {

namespace {

constexpr size_t kRecordHeader = 5;               // RFC 8446 section 5.1
constexpr size_t kMaxFragment = size_t{1} << 14;  // the same
constexpr uint8_t kContentTypeHandshake = 22;
constexpr uint8_t kMajorVersion = 3;

constexpr size_t kMessageHeader = 4;  // RFC 8446 section 4
constexpr uint8_t kMessageTypeClientHello = 1;

}  // namespace

HelloAssembler::Status HelloAssembler::append(ByteView bytes) {
    if (status_ == Status::NeedMore) {
        raw_.insert(raw_.end(), bytes.begin(), bytes.end());
        status_ = scan();
    }
    return status_;
}

ByteView HelloAssembler::message() const {
    if (status_ != Status::Complete) {
        return ByteView();
    }
    if (!joined_.empty()) {
        return ByteView(joined_.data(), joined_.size());
    }
    return ByteView(raw_.data() + message_offset_, message_size_);
}

// Takes record after record, from scanned_ on. A record that is not whole yet is read again when more has
// come: its header and the message's, never its content.
HelloAssembler::Status HelloAssembler::scan() {
    while (true) {
        Record record;
        if (!read_record(&record) || !read_message_header(record)) {
            return Status::Refused;
        }
        if (!record.whole()) {
            return Status::NeedMore;
        }
        if (joined_.empty() && record.length == message_size_) {
            message_offset_ = scanned_ + kRecordHeader;
            return Status::Complete;
        }
        joined_.insert(joined_.end(), record.fragment.begin(), record.fragment.end());
        scanned_ += kRecordHeader + record.length;
        if (joined_.size() == message_size_) {
            return Status::Complete;
        }
    }
}

// Fills in what is there of the record at scanned_. False when it is refused. The order of the checks is
// libssl's (ssl3_get_record): version, length, and only then the type, for which it takes in the whole record
// first. libssl sends no alert for a first record of another major version; the sniff has taken those away
// before.
bool HelloAssembler::read_record(Record* record) {
    const ByteView rest = raw().from(scanned_);
    Reader reader(rest);
    uint8_t type = 0;
    uint16_t version = 0;
    uint16_t length = 0;
    if (!reader.u8(&type)) {
        return true;
    }
    if (!reader.rest().empty() && reader.rest()[0] != kMajorVersion) {
        return refuse(Alert::ProtocolVersion, scanned_ == 0 ? Reason::NotTls : Reason::HelloMalformed,
                      "record of another protocol version");
    }
    if (!reader.u16(&version)) {
        return true;
    }
    if (scanned_ == 0) {
        record_version_ = version;
    }
    if (!reader.u16(&length)) {
        return true;
    }
    if (length > kMaxFragment) {
        return refuse(Alert::RecordOverflow, Reason::HelloMalformed, "record too long");
    }
    if (type != kContentTypeHandshake) {
        return refuse(Alert::UnexpectedMessage, Reason::HelloMalformed,
                      "record of another type within the ClientHello");
    }
    if (length == 0) {
        // Forbidden in every version (RFC 5246 section 6.2.1, RFC 8446 section 5.1). libssl lets 32 in a row
        // pass until TLS 1.3 is negotiated, and sends this alert from then on.
        return refuse(Alert::UnexpectedMessage, Reason::HelloMalformed, "empty handshake record");
    }
    record->header_known = true;
    record->length = length;
    record->fragment = reader.rest().first(length);
    return true;
}

// Checks the type and the length of the message as soon as their bytes are there, and that the message
// reaches to the end of the record. False when it is refused.
bool HelloAssembler::read_message_header(const Record& record) {
    if (message_size_ == 0) {
        uint8_t header[kMessageHeader] = {};
        const size_t joined = std::min(joined_.size(), kMessageHeader);
        const ByteView fresh = record.fragment.first(kMessageHeader - joined);
        std::copy_n(joined_.begin(), joined, header);
        std::copy(fresh.begin(), fresh.end(), header + joined);

        Reader reader(ByteView(header, joined + fresh.size()));
        uint8_t type = 0;
        uint32_t length = 0;
        if (reader.u8(&type) && type != kMessageTypeClientHello) {
            return refuse(Alert::UnexpectedMessage, Reason::HelloMalformed,
                          "first message is not a ClientHello");
        }
        if (!reader.u24(&length)) {
            return true;
        }
        if (kMessageHeader + length > max_size_) {
            // libssl's alert for SSL_R_EXCESSIVE_MESSAGE_SIZE.
            return refuse(Alert::IllegalParameter, Reason::HelloTooLarge, "ClientHello too large");
        }
        message_size_ = kMessageHeader + length;
    }
    if (record.header_known && joined_.size() + record.length > message_size_) {
        // RFC 8446 section 5.1: a ClientHello ends with its record. libssl insists on it when TLS 1.3 is
        // negotiated; in TLS 1.2 a client has nothing to say either before it has been answered.
        return refuse(Alert::UnexpectedMessage, Reason::HelloMalformed,
                      "handshake data behind the ClientHello");
    }
    return true;
}

bool HelloAssembler::refuse(Alert alert, Reason reason, const char* text) {
    refusal_ = Refusal{alert, reason, text};
    return false;
}

}  // namespace tls

// Gathers the bytes of a connection until its ClientHello is whole, however it was cut into records and
// segments.
//
// Used by the glue while it reads the hello. Keeps every byte as it came, so that libssl can be fed the same
// ones. Never reads a socket, never looks inside the hello.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/alert.h"
#include "base/bytes.h"
#include "base/reason.h"

namespace tls {

// Why a hello is refused before libssl sees it: the alert that goes out, the word for the log, and a
// sentence.
struct Refusal {
    Alert alert = Alert::InternalError;
    Reason reason = Reason::Internal;
    const char* text = "";  // static memory
};

class HelloAssembler {
  public:
    enum class Status { NeedMore, Complete, Refused };

    // `max_size`: the longest handshake message that is taken, in bytes, its four-byte header included.
    explicit HelloAssembler(size_t max_size) : max_size_(max_size) {}

    // Takes the next bytes of the connection, in order; they may be many records or part of one. After
    // Complete or Refused nothing more may be appended. Bytes behind the record in which the hello ends are
    // kept for replay. A record is refused here when its type is not handshake, its version's major byte is
    // not 3, it is empty, it is longer than 2^14 bytes, the message is not a ClientHello, or more handshake
    // bytes follow the hello in its record. Whatever can be said of a part is said at once, so that nobody
    // waits for the rest of a hello that is refused. Every byte is looked at once, and copied once more only
    // if its message spans records.
    Status append(ByteView bytes);

    // The handshake message, header included, when Complete; empty before. The view stays good while the
    // assembler, or the one it was moved into, lives and is not appended to.
    ByteView message() const;
    // All bytes that were appended, as they came.
    ByteView raw() const { return ByteView(raw_.data(), raw_.size()); }
    // Why, when Refused.
    const Refusal& refusal() const { return refusal_; }
    // legacy_record_version of the first record, for the alert's own record; 0x0301 before it is known.
    uint16_t record_version() const { return record_version_; }

  private:
    // The record at scanned_: what of it has come.
    struct Record {
        bool header_known = false;
        size_t length = 0;  // of its fragment, as its header says
        ByteView fragment;  // the part of it that is here
        bool whole() const { return header_known && fragment.size() == length; }
    };

    Status scan();
    bool read_record(Record* record);
    bool read_message_header(const Record& record);
    bool refuse(Alert alert, Reason reason, const char* text);

    size_t max_size_;
    std::vector<uint8_t> raw_;
    std::vector<uint8_t> joined_;  // the message, when it came in more than one record
    size_t scanned_ = 0;           // where in raw_ the record begins that is being read
    size_t message_offset_ = 0;    // where the message begins in raw_, when one record holds it all
    size_t message_size_ = 0;      // header included; 0 until known
    uint16_t record_version_ = 0x0301;
    Status status_ = Status::NeedMore;
    Refusal refusal_;
};

}  // namespace tls

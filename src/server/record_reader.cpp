#include "server/record_reader.h"

#include <algorithm>
#include <cstring>

#include "record/key_schedule.h"

namespace tls {

namespace {

constexpr uint8_t kWarning = 1;
constexpr uint8_t kFatal = 2;

}  // namespace

RecordReader::Status RecordReader::receive(bool* drained) {
    if (empty_) {
        return Status::WantRead;
    }
    switch (in_.receive()) {
        case InputBuffer::Received::Drained:
            // Who is not told must ask once more: the end of the stream may stand behind the last bytes.
            *drained = will_be_told_;
            empty_ = will_be_told_;
            return Status::Ok;
        case InputBuffer::Received::Some:
            return Status::Ok;
        case InputBuffer::Received::Nothing:
            return Status::WantRead;
        case InputBuffer::Received::End:
            return Status::Closed;
        default:
            return Status::Failed;
    }
}

RecordReader::Result RecordReader::read_raw(uint8_t* data, size_t size) {
    bool drained = false;
    while (raw_left_ == 0) {
        const size_t whole = record_size(ByteView(in_.data(), in_.size()));
        if (whole > 0) {
            raw_left_ = static_cast<uint32_t>(whole);
            ++records_;
            break;
        }
        const Status status = receive(&drained);
        if (status != Status::Ok) {
            return {status, 0, false};
        }
    }
    if (in_.size() == 0) {
        const Status status = receive(&drained);
        if (status != Status::Ok) {
            return {status, 0, false};
        }
    }
    const size_t count = std::min({size, size_t{raw_left_}, in_.size()});
    std::memcpy(data, in_.data(), count);
    in_.consume(count);
    raw_left_ -= static_cast<uint32_t>(count);
    return {Status::Ok, count, false};
}

void RecordReader::start(const TrafficKeys& keys) {
    keys_ = keys;
    opening_ = true;
    rules_ = AfterHandshake(keys.version);
}

bool RecordReader::take_answer_wanted() {
    const bool wanted = answer_wanted_;
    answer_wanted_ = false;
    return wanted;
}

RecordReader::Result RecordReader::read(uint8_t* data, size_t size, RecordWriter* writer) {
    size_t total = 0;
    bool drained = false;
    while (total < size && end_ == Status::Ok) {
        if (deliver(data, size, &total) || open_next(data + total, size - total, &total, writer)) {
            continue;
        }
        if (end_ != Status::Ok || drained) {
            break;
        }
        const Status status = receive(&drained);
        if (status == Status::WantRead) {
            drained = true;
            break;
        }
        if (status != Status::Ok) {
            end_ = status;
        }
    }
    if (total > 0) {
        return {Status::Ok, total, drained && total < size && end_ == Status::Ok};
    }
    return {end_ != Status::Ok ? end_ : Status::WantRead, 0, false};
}

// Hands out what is left of an opened record. False when nothing was.
bool RecordReader::deliver(uint8_t* data, size_t size, size_t* total) {
    if (record_ == 0) {
        return false;
    }
    const size_t count = std::min(size_t{left_}, size - *total);
    std::memcpy(data + *total, in_.data() + content_, count);
    *total += count;
    content_ = static_cast<uint16_t>(content_ + count);
    left_ = static_cast<uint16_t>(left_ - count);
    if (left_ == 0) {
        in_.consume(record_);
        record_ = 0;
    }
    return true;
}

// Opens the record at the buffer's front, straight to `data` when it has the room. False when there is no
// whole one, or it ends the connection.
bool RecordReader::open_next(uint8_t* data, size_t room, size_t* total, RecordWriter* writer) {
    const ByteView bytes(in_.data(), in_.size());
    const size_t whole = record_size(bytes);
    Alert alert;
    if (whole > 0 && is_bad_header(keys_, bytes, &alert)) {
        refuse(alert, writer);
        return false;
    }
    if (whole == 0 || bytes.size() < whole) {
        return false;
    }
    uint8_t* out = opened_size(keys_, whole) <= room ? data : nullptr;
    const OpenedRecord opened = open_record(&keys_, in_.data(), whole, out);
    if (!opened.ok) {
        refuse(opened.alert, writer);
        return false;
    }
    const Verdict verdict = rules_.judge(opened.type, ByteView(opened.content, opened.size));
    if (verdict.kind == Verdict::Kind::Data && out == nullptr) {
        record_ = static_cast<uint16_t>(whole);
        content_ = static_cast<uint16_t>(opened.content - in_.data());
        left_ = static_cast<uint16_t>(opened.size);
        return true;
    }
    in_.consume(whole);
    if (verdict.kind == Verdict::Kind::Data) {
        *total += opened.size;
        return true;
    }
    obey(verdict, writer);
    return end_ == Status::Ok;
}

void RecordReader::obey(const Verdict& verdict, RecordWriter* writer) {
    switch (verdict.kind) {
        case Verdict::Kind::Closed:
            end_ = Status::Closed;
            return;
        case Verdict::Kind::PeerAlert:
            alert_by_ = AlertBy::Client;
            alert_ = verdict.alert_number;
            end_ = Status::Failed;
            return;
        case Verdict::Kind::KeyUpdate:
            if (!advance_secret(&secret_) || !derive_keys(secret_, keys_.suite, &keys_)) {
                refuse(Alert::InternalError, writer);
                return;
            }
            answer_wanted_ = answer_wanted_ || verdict.answer_wanted;
            return;
        case Verdict::Kind::RefuseRenewal: {
            const uint8_t alert[] = {kWarning, static_cast<uint8_t>(Alert::NoRenegotiation)};
            writer->take(ContentType::Alert, alert, sizeof(alert));
            return;
        }
        case Verdict::Kind::Refuse:
            refuse(verdict.alert, writer);
            return;
        default:
            return;
    }
}

void RecordReader::refuse(Alert alert, RecordWriter* writer) {
    const uint8_t message[] = {kFatal, static_cast<uint8_t>(alert)};
    writer->take(ContentType::Alert, message, sizeof(message));
    alert_by_ = AlertBy::Us;
    alert_ = static_cast<uint8_t>(alert);
    end_ = Status::Failed;
}

}  // namespace tls

#include "server/record_writer.h"

#include <algorithm>
#include <cstring>

#include "record/key_schedule.h"

namespace tls {

bool RecordWriter::take(ContentType type, const uint8_t* data, size_t size) {
    if (!sealing_) {
        std::memcpy(out_.room(size), data, size);
        out_.add(size);
        return true;
    }
    if (!seal_open()) {
        return false;
    }
    while (size > 0) {
        const size_t count = std::min(size, kMaxContent);
        const size_t head = record_head(keys_);
        uint8_t* record = out_.room(head + count + record_tail(keys_));
        std::memcpy(record + head, data, count);
        const size_t sealed = seal_record(&keys_, type, record, count);
        if (sealed == 0) {
            return false;
        }
        out_.add(sealed);
        data += count;
        size -= count;
    }
    return true;
}

ssize_t RecordWriter::take_through(const uint8_t* data, size_t size) {
    return out_.unsent() > 0 && out_.send() != OutputBuffer::Sent::All ? -1 : out_.send_through(data, size);
}

bool RecordWriter::update(const TrafficSecret& next) {
    constexpr uint8_t kKeyUpdate[] = {24, 0, 0, 1, 0};
    TrafficKeys keys;
    keys.ipsec_mb = keys_.ipsec_mb;
    if (!sealing_ || !derive_keys(next, keys_.suite, &keys) ||
        !take(ContentType::Handshake, kKeyUpdate, sizeof(kKeyUpdate))) {
        return false;
    }
    keys_ = keys;
    return true;
}

RecordWriter::Room RecordWriter::room() {
    if (open_ == 0) {
        if (out_.unsent() >= out_.wanted()) {
            return {};
        }
        open_limit_ = static_cast<uint16_t>(size_.next());
    }
    const size_t head = record_head(keys_);
    uint8_t* record = out_.room(head + open_limit_ + record_tail(keys_));
    return {record + head + open_, size_t{open_limit_} - open_};
}

bool RecordWriter::add(size_t size) {
    open_ = static_cast<uint16_t>(open_ + size);
    return open_ < open_limit_ || seal_open();
}

bool RecordWriter::seal_open() {
    if (open_ == 0) {
        return true;
    }
    const size_t size = open_;
    open_ = 0;
    uint8_t* record = out_.room(record_head(keys_) + size + record_tail(keys_));
    const size_t sealed = seal_record(&keys_, ContentType::ApplicationData, record, size);
    out_.add(sealed);
    size_.on_sent(size);
    return sealed > 0;
}

OutputBuffer::Sent RecordWriter::flush() {
    if (!seal_open()) {
        return OutputBuffer::Sent::Failed;
    }
    const OutputBuffer::Sent sent = out_.send();
    blocked_ = sent == OutputBuffer::Sent::Blocked;
    return sent;
}

}  // namespace tls

// All that goes to one client: libssl's bytes while it speaks for itself, records of our own once it has
// handed its keys over.
//
// Used by Tunnel, and by libssl through SocketBio. Whatever steers the connection (alerts, tickets,
// KeyUpdate) queues behind the data that was sealed before it. Sealed bytes are never taken back: what a
// socket does not take stays here. Never waits.
#pragma once

#include "record/protection.h"
#include "record/record_size.h"
#include "record/traffic_keys.h"
#include "server/output_buffer.h"

namespace tls {

class RecordWriter {
  public:
    RecordWriter(int fd, const RecordSizeTerms& terms) : out_(fd), size_(terms) {}

    // Seals from now on.
    void start(const TrafficKeys& keys) {
        keys_ = keys;
        sealing_ = true;
    }
    bool sealing() const { return sealing_; }
    // Only while sealing.
    RecordVersion version() const { return keys_.version; }
    RecordSuite suite() const { return keys_.suite; }

    // Bytes of libssl's: as they are, or as the content of records of that type once this seals. False when
    // sealing failed.
    bool take(ContentType type, const uint8_t* data, size_t size);
    // The same, sent at once as far as the socket takes it: the count, or -1 with error(), 0 when it takes
    // none now. Only while this does not seal.
    ssize_t take_through(const uint8_t* data, size_t size);
    // A KeyUpdate that asks for none in return, then keys made of the next secret (RFC 8446 section 4.6.3).
    bool update(const TrafficSecret& next);
    bool wants_new_keys() const { return sealing_ && tls::wants_new_keys(keys_); }

    // Place for content of the record that is open, where there may be some already. `size` is 0 when enough
    // was collected to be sent first.
    struct Room {
        uint8_t* data = nullptr;
        size_t size = 0;
    };
    Room room();
    // `size` bytes were written there. A full record is sealed. False when that failed.
    bool add(size_t size);
    // `now`: milliseconds, for records that are small after a silence.
    void on_time(uint32_t now) { size_.on_time(now); }

    // Seals what is open and sends all.
    OutputBuffer::Sent flush();
    // Bytes that no flush() has sent; those of the open record count.
    size_t unsent() const { return out_.unsent() + open_; }
    // Bytes that went over the socket, and those that will.
    uint64_t sent() const { return out_.sent(); }
    // True while the socket takes no more.
    bool blocked() const { return blocked_; }
    int error() const { return out_.error(); }

  private:
    bool seal_open();

    OutputBuffer out_;
    TrafficKeys keys_;  // while sealing
    RecordSize size_;
    uint16_t open_ = 0;        // bytes of content in the record that is open, behind what out_ has
    uint16_t open_limit_ = 0;  // and how many it takes
    bool sealing_ = false;
    bool blocked_ = false;
};

}  // namespace tls

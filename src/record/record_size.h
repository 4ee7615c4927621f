// How much goes into one record: few bytes while a client waits for the first of them, full records after.
//
// A client can use no byte of a record before its last has come. On a fresh connection, and on one that has
// been silent, TCP sends little at first, and a record that fits one packet can be used when it arrives.
// Pure: the caller says what time it is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace tls {

struct RecordSizeTerms {
    uint16_t full = 16384;  // bytes of content, at most 16384
    bool automatic = true;  // else every record may be full
};

class RecordSize {
  public:
    explicit RecordSize(const RecordSizeTerms& terms)
        : full_(terms.full & 0x7fff), automatic_(terms.automatic ? 1 : 0) {}

    // Bytes of content that the next record takes at most.
    size_t next() const {
        return automatic_ != 0 && sent_ < kSlowStart ? std::min<size_t>(kOnePacket, full_) : full_;
    }

    // Call before records are made, with a clock in milliseconds that may wrap around.
    void on_time(uint32_t now) {
        if (now - last_ > kSilence) {
            sent_ = 0;
        }
        last_ = now;
    }
    void on_sent(size_t size) {
        const size_t left = kSlowStart - sent_;
        sent_ = static_cast<uint16_t>(sent_ + std::min(size, left));
    }

    // With 60 bytes of IPv6 and TCP timestamps around it, and any suite, this fits an Ethernet packet.
    static constexpr size_t kOnePacket = 1369;
    static constexpr uint16_t kSlowStart = 32 * 1024;  // bytes in small records
    static constexpr uint32_t kSilence = 1000;         // milliseconds

  private:
    // Of each connection at rest there is one.
    uint16_t full_ : 15;
    uint16_t automatic_ : 1;
    uint16_t sent_ = 0;  // since the last silence, kSlowStart at most
    uint32_t last_ = 0;
};

}  // namespace tls

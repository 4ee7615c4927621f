// TLS sessions kept in one block of memory that all workers share (RFC 5246 section 7.4.1.2, RFC 8446
// section 2.2).
//
// Used by the server room's session callbacks through the shared zone that the glue provides. Holds
// serialized sessions by their id, first in first out, each until it expires. Plain data inside the block,
// offsets instead of pointers, no allocation after format(). Never locks: the caller holds the zone's lock
// around every call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>

#include "base/bytes.h"

namespace tls {

class SessionCache {
  public:
    // The least memory that makes sense.
    static constexpr size_t kMinSize = 8 * 1024;
    // Longer sessions are not kept (client certificates can make them long).
    static constexpr size_t kMaxSession = 4096 * 4;

    // Lays an empty cache into `size` bytes at `memory` (aligned to 8), which must be at least kMinSize.
    static SessionCache format(void* memory, size_t size);
    // A view of one that format() laid out, perhaps in another process at another address.
    static SessionCache attach(void* memory);

    // Keeps a session until `expires`, in place of an older one with that id; the oldest make room. False
    // when it is too long, or the id is not 1 to 32 bytes.
    bool insert(ByteView id, ByteView session, time_t now, time_t expires);
    // Copies the session into `out` (kMaxSession bytes are always enough) and returns its size; 0 when there
    // is none, or it has expired, or `capacity` is too small.
    size_t find(ByteView id, time_t now, uint8_t* out, size_t capacity) const;
    // Forgets it. False when it was not there.
    bool remove(ByteView id);
    // Sessions held, expired ones included until their room is reused.
    size_t count() const;

  private:
    struct Header;
    struct Entry;
    // Where an entry or anything else lies: 8-byte units from the block's begin. 0 is the header's, so it
    // means none.
    using Offset = uint32_t;

    explicit SessionCache(void* memory) : memory_(static_cast<uint8_t*>(memory)) {}

    Header* header() const;
    Entry* entry(Offset offset) const;
    Offset* bucket(uint32_t hash) const;
    Offset* link_to(ByteView id, uint32_t hash) const;
    void forget(Offset offset, Offset* link);
    void evict_oldest();
    Offset make_room(Offset units, time_t now);

    uint8_t* memory_;
};

}  // namespace tls

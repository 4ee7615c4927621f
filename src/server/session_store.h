// What the handshake needs from shared memory, as ports that the glue fills: a cache of sessions and a source
// of ticket keys.
//
// Called from libssl's callbacks inside a handshake, in the worker's one thread. They must not block on
// anything but a short lock.
#pragma once

#include <utility>
#include <vector>

#include "base/bytes.h"
#include "session/session_cache.h"
#include "session/ticket_keys.h"

namespace tls {

class SessionStore {
  public:
    virtual ~SessionStore() = default;
    // Keeps a serialized session for `lifetime` seconds. Failing is silent: the session is then not resumed.
    virtual void insert(ByteView id, ByteView session, long lifetime) = 0;
    // Copies a session into `out` (SessionCache::kMaxSession bytes); its size, or 0.
    virtual size_t find(ByteView id, uint8_t* out, size_t capacity) = 0;
    virtual void remove(ByteView id) = 0;
};

class TicketKeySource {
  public:
    virtual ~TicketKeySource() = default;
    // Copies the key that new tickets are sealed with. False when there is none: the ticket is then not sent.
    virtual bool current(TicketKey* out) = 0;
    enum class Match { None, Current, Renew };
    // Copies the key of that 16-byte name, if it may still open tickets.
    virtual Match find(ByteView name, TicketKey* out) = 0;
};

// Keys that stay as they are: those of files, or of one context. The first seals, all open.
class FixedTicketKeys final : public TicketKeySource {
  public:
    // `keys` is not empty.
    explicit FixedTicketKeys(std::vector<TicketKey> keys) : keys_(std::move(keys)) {}
    bool current(TicketKey* out) override;
    Match find(ByteView name, TicketKey* out) override;

  private:
    StaticTicketKeys keys_;
};

}  // namespace tls

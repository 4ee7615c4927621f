// Keys that protect session tickets (RFC 5077 section 4), from files or made and rotated in shared memory.
//
// Used by the server room's ticket callback. The cryptography is libcrypto's; here are the keys, which is
// used when, and how they age. SharedTicketKeys is plain data: it may lie in shared memory, and its caller
// holds that zone's lock.
#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace tls {

// One key. In a file, as nginx's ssl_session_ticket_key has it: 48 bytes are name, aes, hmac with 16-byte
// keys (AES-128-CBC, HMAC-SHA-256); 80 bytes are name, hmac, aes with 32-byte keys (AES-256-CBC,
// HMAC-SHA-256).
struct TicketKey {
    std::array<uint8_t, 16> name{};
    std::array<uint8_t, 32> hmac{};
    std::array<uint8_t, 32> aes{};
    uint8_t key_size = 0;  // bytes of hmac and of aes in use: 16 or 32
};

// A file's content: 48 or 80 bytes. The error is nginx's: `"PATH" must be 48 or 80 bytes`. Whoever gets the
// key wipes copies that it does not keep.
Result<TicketKey> parse_ticket_key(ByteView content, const std::string& path);
Result<TicketKey> load_ticket_key(const std::string& path);

// The key that seals a new ticket, and how one that came back is opened.
struct TicketKeyMatch {
    const TicketKey* key = nullptr;  // null: nobody here made this ticket
    bool renew = false;              // decrypts, but a fresh ticket under the current key is due
};

// Keys from files: the first encrypts, all decrypt. Immutable. `keys` is not empty when used.
class StaticTicketKeys {
  public:
    explicit StaticTicketKeys(std::vector<TicketKey> keys) : keys_(std::move(keys)) {}
    ~StaticTicketKeys();
    StaticTicketKeys(const StaticTicketKeys&) = delete;
    StaticTicketKeys& operator=(const StaticTicketKeys&) = delete;

    const TicketKey& current() const { return keys_.front(); }
    // `name` is the ticket's 16-byte key name. The match points into this object.
    TicketKeyMatch find(ByteView name) const;

  private:
    std::vector<TicketKey> keys_;
};

// Keys made here. A key seals for one lifetime and opens for another, until the last ticket it sealed is too
// old. Both are seen by every worker that attached the zone, so a new key is known to all before its first
// ticket comes back.
struct SharedTicketKeys {
    struct Slot {
        TicketKey key;
        time_t expires = 0;     // 0: empty. From then on it opens nothing
        time_t replace_at = 0;  // from then on the next key should seal
    };
    Slot previous;
    Slot current;
};

// To be called before `keys.current` seals a ticket that lives for `lifetime` seconds (the session timeout).
// Makes the first key, or replaces the current one when it has sealed for its lifetime; the replaced one goes
// on opening until its tickets are too old, and is then wiped. Servers with different lifetimes may share the
// keys: the longest holds. Returns false when no randomness could be had: then nothing changed. Cheap when
// nothing is due. The caller holds the lock.
bool rotate_ticket_keys(SharedTicketKeys* keys, time_t now, time_t lifetime);

// Which of them opened it; expired keys do not. The match points into `keys`. The caller holds the lock.
TicketKeyMatch find_ticket_key(const SharedTicketKeys& keys, ByteView name, time_t now);

}  // namespace tls

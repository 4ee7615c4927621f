// A session store and ticket keys in plain memory, for tests of the server room: what the glue has in shared
// memory.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "server/session_store.h"

namespace tls::test {

class MapStore final : public SessionStore {
  public:
    void insert(ByteView id, ByteView session, long lifetime) override {
        sessions[std::string(id.text())] = std::string(session.text());
        last_lifetime = lifetime;
    }
    size_t find(ByteView id, uint8_t* out, size_t capacity) override {
        ++searches;
        const auto found = sessions.find(std::string(id.text()));
        if (found == sessions.end() || found->second.size() > capacity) {
            return 0;
        }
        std::memcpy(out, found->second.data(), found->second.size());
        return found->second.size();
    }
    void remove(ByteView id) override { sessions.erase(std::string(id.text())); }

    std::map<std::string, std::string> sessions;
    long last_lifetime = 0;
    int searches = 0;
};

// The first key seals, all open; those after the first are due for renewal.
class ListedKeys final : public TicketKeySource {
  public:
    bool current(TicketKey* out) override {
        if (keys.empty()) {
            return false;
        }
        *out = keys.front();
        return true;
    }
    Match find(ByteView name, TicketKey* out) override {
        for (size_t i = 0; i < keys.size(); ++i) {
            if (name.size() == 16 && std::memcmp(keys[i].name.data(), name.data(), 16) == 0) {
                *out = keys[i];
                return i == 0 ? Match::Current : Match::Renew;
            }
        }
        return Match::None;
    }

    std::vector<TicketKey> keys;
};

// `size`: 16 or 32, for the file formats of 48 and 80 bytes.
inline TicketKey make_ticket_key(char first, uint8_t size = 32) {
    TicketKey key;
    key.key_size = size;
    key.name.fill(static_cast<uint8_t>(first));
    for (size_t i = 0; i < size; ++i) {
        key.hmac[i] = static_cast<uint8_t>(first + 2 * i);
        key.aes[i] = static_cast<uint8_t>(first + 3 * i + 1);
    }
    return key;
}

}  // namespace tls::test

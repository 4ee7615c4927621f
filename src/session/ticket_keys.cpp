#include "session/ticket_keys.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <type_traits>

namespace tls {

namespace {

static_assert(std::is_trivially_copyable_v<SharedTicketKeys>, "it lies in shared memory");

constexpr size_t kNameSize = 16;
constexpr size_t kShortFile = kNameSize + 2 * 16;
constexpr size_t kLongFile = kNameSize + 2 * 32;

Error system_error(const char* call, const std::string& path, int number) {
    return Error{std::string(call) + " \"" + path + "\" failed (" + std::to_string(number) + ": " +
                 strerror(number) + ")"};
}

// Reads until the file's end or `capacity`. -1 with errno when that fails.
ssize_t read_whole(int file, uint8_t* out, size_t capacity) {
    size_t size = 0;
    while (size < capacity) {
        const ssize_t count = read(file, out + size, capacity - size);
        if (count == -1 && errno == EINTR) {
            continue;
        }
        if (count == -1) {
            return -1;
        }
        if (count == 0) {
            break;
        }
        size += static_cast<size_t>(count);
    }
    return static_cast<ssize_t>(size);
}

bool has_name(const TicketKey& key, ByteView name) {
    return name.size() == kNameSize && memcmp(key.name.data(), name.data(), kNameSize) == 0;
}

bool opens(const SharedTicketKeys::Slot& slot, time_t now) {
    return slot.expires != 0 && now < slot.expires;
}

bool make_key(TicketKey* key) {
    key->key_size = 32;
    return RAND_bytes(key->name.data(), static_cast<int>(key->name.size())) == 1 &&
           RAND_priv_bytes(key->hmac.data(), static_cast<int>(key->hmac.size())) == 1 &&
           RAND_priv_bytes(key->aes.data(), static_cast<int>(key->aes.size())) == 1;
}

}  // namespace

Result<TicketKey> parse_ticket_key(ByteView content, const std::string& path) {
    TicketKey key;
    if (content.size() == kShortFile) {
        key.key_size = 16;
        std::copy_n(content.data() + kNameSize, 16, key.aes.begin());
        std::copy_n(content.data() + kNameSize + 16, 16, key.hmac.begin());
    } else if (content.size() == kLongFile) {
        key.key_size = 32;
        std::copy_n(content.data() + kNameSize, 32, key.hmac.begin());
        std::copy_n(content.data() + kNameSize + 32, 32, key.aes.begin());
    } else {
        return Error{"\"" + path + "\" must be 48 or 80 bytes"};
    }
    std::copy_n(content.data(), kNameSize, key.name.begin());
    Result<TicketKey> parsed(key);
    OPENSSL_cleanse(&key, sizeof(key));
    return parsed;
}

Result<TicketKey> load_ticket_key(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file == -1) {
        return system_error("open()", path, errno);
    }
    uint8_t content[kLongFile + 1];
    const ssize_t size = read_whole(file, content, sizeof(content));
    const int failure = errno;
    close(file);
    if (size == -1) {
        return system_error("read()", path, failure);
    }
    Result<TicketKey> key = parse_ticket_key(ByteView(content, static_cast<size_t>(size)), path);
    OPENSSL_cleanse(content, sizeof(content));
    return key;
}

StaticTicketKeys::~StaticTicketKeys() {
    OPENSSL_cleanse(keys_.data(), keys_.size() * sizeof(TicketKey));
}

TicketKeyMatch StaticTicketKeys::find(ByteView name) const {
    for (const TicketKey& key : keys_) {
        if (has_name(key, name)) {
            return TicketKeyMatch{&key, &key != &keys_.front()};
        }
    }
    return {};
}

bool rotate_ticket_keys(SharedTicketKeys* keys, time_t now, time_t lifetime) {
    const time_t sealed_until = now + std::max<time_t>(lifetime, 1);

    // A previous key that is still needed keeps its place; the current one then goes on for longer.
    const bool due = now >= keys->current.replace_at && !opens(keys->previous, now);
    if (keys->current.expires == 0 || due) {
        TicketKey next;
        if (!make_key(&next)) {
            OPENSSL_cleanse(&next, sizeof(next));
            return false;
        }
        keys->previous = keys->current;
        keys->current.key = next;
        keys->current.replace_at = sealed_until;
        keys->current.expires = sealed_until + (sealed_until - now);
        OPENSSL_cleanse(&next, sizeof(next));
    }

    if (keys->previous.expires != 0 && !opens(keys->previous, now)) {
        OPENSSL_cleanse(&keys->previous, sizeof(keys->previous));
        keys->previous = {};
    }
    // The key that is about to seal must outlive what it seals.
    keys->current.expires = std::max(keys->current.expires, sealed_until);
    return true;
}

TicketKeyMatch find_ticket_key(const SharedTicketKeys& keys, ByteView name, time_t now) {
    if (opens(keys.current, now) && has_name(keys.current.key, name)) {
        return TicketKeyMatch{&keys.current.key, false};
    }
    if (opens(keys.previous, now) && has_name(keys.previous.key, name)) {
        return TicketKeyMatch{&keys.previous.key, true};
    }
    return {};
}

}  // namespace tls

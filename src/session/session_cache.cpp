// The block, in units of 8 bytes: header, hash table, ring. Entries lie in the ring one behind the other in
// the order they came, never split over its end, and are found through chains that begin in the table. The
// oldest goes when room is needed.
#include "session/session_cache.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace tls {

namespace {

constexpr size_t kUnit = 8;
constexpr size_t kMaxId = 32;
// How many expired entries one insert() clears away, so that dead secrets do not stay and no call takes long.
constexpr int kExpiredAtOnce = 2;
// A bucket for so many bytes of the block: about one for each session.
constexpr size_t kBytesPerBucket = 256;

size_t units(size_t bytes) {
    return (bytes + kUnit - 1) / kUnit;
}

// FNV-1a. Ids that are put in are this server's own random numbers, so nobody can choose colliding ones.
uint32_t hash_of(ByteView id) {
    uint32_t hash = 2166136261u;
    for (const uint8_t byte : id) {
        hash = (hash ^ byte) * 16777619u;
    }
    return hash;
}

}  // namespace

struct SessionCache::Header {
    Offset buckets_at;
    Offset bucket_mask;  // their number less one; it is a power of two
    Offset begin;        // the ring is [begin, end)
    Offset end;
    Offset oldest;   // where the first entry that still lies in the ring begins
    Offset next;     // where the next one goes
    Offset wrap;     // 0: entries are [oldest, next). Else [oldest, wrap), then [begin, next)
    Offset entries;  // in the ring, removed ones included
    uint64_t count;  // that can be found
};

struct SessionCache::Entry {
    int64_t expires;  // seconds since 1970
    Offset chain;     // the next entry of the same bucket; 0 ends it
    Offset size;      // of the whole entry
    uint32_t hash;
    uint16_t session_size;
    uint8_t id_size;  // 0: removed, only its room is still taken
    uint8_t reserved;

    // The id lies behind this, then the session.
    uint8_t* id() { return reinterpret_cast<uint8_t*>(this + 1); }
    uint8_t* session() { return id() + id_size; }
};

static_assert(SessionCache::kMaxSession <= UINT16_MAX);

SessionCache SessionCache::format(void* memory, size_t size) {
    static_assert(sizeof(Header) % kUnit == 0 && sizeof(Entry) % kUnit == 0);
    static_assert(std::is_trivially_copyable_v<Header> && std::is_trivially_copyable_v<Entry>);

    SessionCache cache(memory);
    const size_t total = std::min<size_t>(size / kUnit, UINT32_MAX);
    size_t buckets = 16;
    while (buckets * 2 * kBytesPerBucket <= total * kUnit) {
        buckets *= 2;
    }

    Header& header = *cache.header();
    header = {};
    header.buckets_at = sizeof(Header) / kUnit;
    header.bucket_mask = static_cast<Offset>(buckets - 1);
    header.begin = static_cast<Offset>(header.buckets_at + units(buckets * sizeof(Offset)));
    header.end = static_cast<Offset>(total);
    header.oldest = header.next = header.begin;
    memset(cache.bucket(0), 0, buckets * sizeof(Offset));
    return cache;
}

SessionCache SessionCache::attach(void* memory) {
    return SessionCache(memory);
}

SessionCache::Header* SessionCache::header() const {
    return reinterpret_cast<Header*>(memory_);
}

SessionCache::Entry* SessionCache::entry(Offset offset) const {
    return reinterpret_cast<Entry*>(memory_ + size_t{offset} * kUnit);
}

SessionCache::Offset* SessionCache::bucket(uint32_t hash) const {
    return reinterpret_cast<Offset*>(memory_ + size_t{header()->buckets_at} * kUnit) +
           (hash & header()->bucket_mask);
}

// The place that holds the entry's offset, in the table or in the entry before it; null when the id is not
// there. An offset outside the ring (a worker died in the middle of a change) ends its chain.
SessionCache::Offset* SessionCache::link_to(ByteView id, uint32_t hash) const {
    Offset* link = bucket(hash);
    while (*link >= header()->begin && *link < header()->end) {
        Entry* here = entry(*link);
        if (here->hash == hash && here->id_size == id.size() &&
            memcmp(here->id(), id.data(), id.size()) == 0) {
            return link;
        }
        link = &here->chain;
    }
    return nullptr;
}

// Takes an entry out of its chain and wipes the session. Its room stays taken until it is the oldest.
void SessionCache::forget(Offset offset, Offset* link) {
    Entry* gone = entry(offset);
    *link = gone->chain;
    OPENSSL_cleanse(gone->session(), gone->session_size);
    gone->id_size = 0;
    --header()->count;
}

// There is at least one.
void SessionCache::evict_oldest() {
    Header& header = *this->header();
    Entry* oldest = entry(header.oldest);
    if (oldest->id_size != 0) {
        Offset* link = link_to(ByteView(oldest->id(), oldest->id_size), oldest->hash);
        if (link != nullptr) {
            forget(header.oldest, link);
        }
    }
    header.oldest += oldest->size;
    --header.entries;
    if (header.wrap != 0 && header.oldest == header.wrap) {
        header.oldest = header.begin;
        header.wrap = 0;
    }
    if (header.entries == 0) {
        header.oldest = header.next = header.begin;
        header.wrap = 0;
    }
}

// Where an entry of that size, which is not more than the ring's, can begin. It is `next` afterwards.
SessionCache::Offset SessionCache::make_room(Offset units, time_t now) {
    Header& header = *this->header();
    for (int i = 0; i < kExpiredAtOnce && header.entries != 0; ++i) {
        const Entry* oldest = entry(header.oldest);
        if (oldest->id_size != 0 && oldest->expires > now) {
            break;
        }
        evict_oldest();
    }
    for (;;) {
        if (header.wrap != 0) {
            if (header.oldest - header.next >= units) {
                return header.next;
            }
        } else if (header.end - header.next >= units) {
            return header.next;
        } else if (header.oldest - header.begin >= units) {
            header.wrap = header.next;
            header.next = header.begin;
            return header.next;
        }
        evict_oldest();
    }
}

bool SessionCache::insert(ByteView id, ByteView session, time_t now, time_t expires) {
    if (id.empty() || id.size() > kMaxId || session.empty() || session.size() > kMaxSession) {
        return false;
    }
    Header& header = *this->header();
    const size_t needed = units(sizeof(Entry) + id.size() + session.size());
    if (needed > header.end - header.begin) {
        return false;
    }
    remove(id);

    const Offset offset = make_room(static_cast<Offset>(needed), now);
    Entry* added = entry(offset);
    const uint32_t hash = hash_of(id);
    *added = {expires,
              *bucket(hash),
              static_cast<Offset>(needed),
              hash,
              static_cast<uint16_t>(session.size()),
              static_cast<uint8_t>(id.size()),
              0};
    memcpy(added->id(), id.data(), id.size());
    memcpy(added->session(), session.data(), session.size());

    header.next += static_cast<Offset>(needed);
    ++header.entries;
    ++header.count;
    *bucket(hash) = offset;
    return true;
}

size_t SessionCache::find(ByteView id, time_t now, uint8_t* out, size_t capacity) const {
    if (id.empty()) {
        return 0;
    }
    const Offset* link = link_to(id, hash_of(id));
    if (link == nullptr) {
        return 0;
    }
    Entry* found = entry(*link);
    if (found->expires <= now || found->session_size > capacity) {
        return 0;
    }
    memcpy(out, found->session(), found->session_size);
    return found->session_size;
}

bool SessionCache::remove(ByteView id) {
    if (id.empty()) {
        return false;
    }
    Offset* link = link_to(id, hash_of(id));
    if (link == nullptr) {
        return false;
    }
    forget(*link, link);
    return true;
}

size_t SessionCache::count() const {
    return header()->count;
}

}  // namespace tls

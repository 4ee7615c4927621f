// Names that have no credentials, so that asking for them again costs nothing: a table of fixed size.
//
// Used by the catalog, one for each. An entry is 32 bytes whatever the length of the name: names are known by
// a keyed 64-bit hash, which nobody outside can aim at. Sets of eight; within one, the least recently asked
// makes room, names that do not exist before those that are broken. Never reads a clock, never allocates
// after the first put().
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <vector>

namespace tls {

class AbsentNames {
  public:
    enum class Kind : uint8_t {
        Free,     // no entry
        Missing,  // nothing under that name
        Broken,   // something that cannot be served
        Away,     // the source could not be asked
    };
    struct Entry {
        uint64_t name = 0;   // hash
        uint64_t stamp = 0;  // hash
        time_t checked = 0;
        uint32_t asked = 0;  // when, in questions
        Kind kind = Kind::Free;
    };
    static_assert(sizeof(Entry) <= 32, "the documented size");

    // Room for `entries`, rounded up to a power of two.
    explicit AbsentNames(size_t entries);

    // The entry of a name, or null. It stays where it is until the next put().
    Entry* find(uint64_t name);
    // Makes or replaces the entry of a name.
    void put(uint64_t name, Kind kind, uint64_t stamp, time_t now);
    void erase(uint64_t name);

    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }

  private:
    Entry* set_of(uint64_t name);
    Entry* victim(Entry* set) const;

    size_t capacity_;
    size_t size_ = 0;
    uint32_t questions_ = 0;
    std::vector<Entry> entries_;
};

}  // namespace tls

// Places by a hash, in the order of their use: what a table of names needs beside the names, packed so that
// ten thousand of them stay in the processor's caches.
//
// Used by the catalog, whose entries lie in an array of their own. A place is 24 bytes and its bucket 4 to 8:
// finding it, and making it the most recent one, touches no entry but the one that was asked for. Knows
// nothing of what lies in the places; hashes must be such that nobody outside can aim at them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tls {

class UseOrder {
  public:
    using Place = uint32_t;
    static constexpr Place kNone = UINT32_MAX;

    // The place with that hash of which `is_it` is true, or kNone. `is_it` is asked for hardly any other.
    template <class IsIt>
    Place find(uint64_t hash, IsIt is_it) const {
        Place place = buckets_.empty() ? kNone : buckets_[hash & (buckets_.size() - 1)];
        while (place != kNone && (nodes_[place].hash != hash || !is_it(place))) {
            place = nodes_[place].next_alike;
        }
        return place;
    }
    // Another place, the most recent one: the number of one that was removed, or the number of those there
    // ever were.
    Place add(uint64_t hash);
    // Makes it the most recent one.
    void use(Place place);
    void remove(Place place);

    Place most_recent() const { return first_; }
    Place least_recent() const { return last_; }
    // The one that was used before it, or kNone.
    Place before(Place place) const { return nodes_[place].older; }
    size_t size() const { return size_; }

  private:
    struct Node {
        uint64_t hash;
        Place newer;
        Place older;
        Place next_alike;  // of the same bucket, or of those that were removed
    };

    Place* bucket_of(uint64_t hash) { return &buckets_[hash & (buckets_.size() - 1)]; }
    void grow();
    void link(Place place);
    void unlink(Place place);

    std::vector<Node> nodes_;
    std::vector<Place> buckets_;  // a power of two
    Place first_ = kNone;
    Place last_ = kNone;
    Place free_ = kNone;
    size_t size_ = 0;
};

}  // namespace tls

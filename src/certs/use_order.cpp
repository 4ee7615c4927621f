#include "certs/use_order.h"

namespace tls {

namespace {

constexpr size_t kFewestBuckets = 16;

}  // namespace

UseOrder::Place UseOrder::add(uint64_t hash) {
    if (size_ >= buckets_.size()) {
        grow();
    }
    Place place = free_;
    if (place == kNone) {
        place = static_cast<Place>(nodes_.size());
        nodes_.emplace_back();
    } else {
        free_ = nodes_[place].next_alike;
    }
    Place* const bucket = bucket_of(hash);
    nodes_[place].hash = hash;
    nodes_[place].next_alike = *bucket;
    *bucket = place;
    link(place);
    ++size_;
    return place;
}

void UseOrder::use(Place place) {
    if (place != first_) {
        unlink(place);
        link(place);
    }
}

void UseOrder::remove(Place place) {
    Place* next = bucket_of(nodes_[place].hash);
    while (*next != place) {
        next = &nodes_[*next].next_alike;
    }
    *next = nodes_[place].next_alike;
    unlink(place);
    nodes_[place].next_alike = free_;
    free_ = place;
    --size_;
}

void UseOrder::grow() {
    const size_t count = buckets_.empty() ? kFewestBuckets : 2 * buckets_.size();
    buckets_.assign(count, kNone);
    for (Place place = first_; place != kNone; place = nodes_[place].older) {
        Place* const bucket = bucket_of(nodes_[place].hash);
        nodes_[place].next_alike = *bucket;
        *bucket = place;
    }
}

void UseOrder::link(Place place) {
    nodes_[place].newer = kNone;
    nodes_[place].older = first_;
    (first_ != kNone ? nodes_[first_].newer : last_) = place;
    first_ = place;
}

void UseOrder::unlink(Place place) {
    const Node& node = nodes_[place];
    (node.newer != kNone ? nodes_[node.newer].older : first_) = node.older;
    (node.older != kNone ? nodes_[node.older].newer : last_) = node.newer;
}

}  // namespace tls

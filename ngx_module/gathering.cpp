#include "gathering.h"

#include <algorithm>

#include "base/guard.h"
#include "connection.h"
#include "keys/turn.h"

namespace tls {

namespace {

// Enough to fill the lanes several times.
constexpr size_t kMostWaiting = 32;
// A client that connects again and again without a hello does not hold up the others for long.
constexpr ngx_uint_t kMostTurns = 64;

}  // namespace

Gathering& Gathering::of_worker() {
    static Gathering gathering;
    return gathering;
}

void Gathering::add(Connection* connection) {
    waiting_.push_back(connection);
    ++arrivals_;
    if (event_.posted) {
        return;
    }
    event_.handler = on_turn;
    event_.data = this;
    event_.log = ngx_cycle->log;
    turns_ = 0;
    arrivals_ = 0;
    ngx_post_event(&event_, &ngx_posted_next_events);
}

void Gathering::remove(Connection* connection) {
    std::replace(waiting_.begin(), waiting_.end(), connection, static_cast<Connection*>(nullptr));
    std::replace(released_.begin(), released_.end(), connection, static_cast<Connection*>(nullptr));
}

// nginx has moved the event from the next turn's list to this one's, took a turn without waiting, and is done
// with all that it brought.
void Gathering::on_turn(ngx_event_t* event) {
    auto* gathering = static_cast<Gathering*>(event->data);
    guarded([&] { gathering->end_turn(); });
}

void Gathering::end_turn() {
    const bool more = arrivals_ != 0;
    arrivals_ = 0;
    ++turns_;
    if (more && waiting_.size() < kMostWaiting && turns_ < kMostTurns) {
        ngx_post_event(&event_, &ngx_posted_next_events);
        return;
    }
    release();
}

void Gathering::release() {
    released_.swap(waiting_);
    Prepared* lanes[kLanes];
    size_t used = 0;
    for (const Connection* connection : released_) {
        if (connection != nullptr) {
            lanes[used] = connection->prepared();
            ++used;
        }
        if (used == kLanes) {
            prepare_handshakes(lanes, used);
            used = 0;
        }
    }
    prepare_handshakes(lanes, used);
    // By number: one that goes on may close another.
    for (size_t i = 0; i < released_.size(); ++i) {
        Connection* connection = released_[i];
        released_[i] = nullptr;
        if (connection != nullptr) {
            guarded([&] { connection->go_on(); });
        }
    }
    released_.clear();
}

}  // namespace tls

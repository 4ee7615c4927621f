#include "gathering.h"

#include <algorithm>
#include <chrono>

#include "base/guard.h"
#include "connection.h"
#include "keys/turn.h"

namespace tls {

namespace {

// Enough to fill the lanes several times.
constexpr size_t kMostWaiting = 32;
// A client that connects again and again without a hello does not hold up the others for long.
constexpr ngx_uint_t kMostTurns = 64;
// How long a turn goes on beginning handshakes that may have to sign by themselves: everybody else in this
// worker waits for them, and 32 signatures with RSA-4096 take a tenth of a second.
constexpr std::chrono::milliseconds kShare(1);

}  // namespace

Gathering& Gathering::of_worker() {
    static Gathering gathering;
    return gathering;
}

void Gathering::add(Connection* connection) {
    if (waiting_.empty()) {
        turns_ = 0;
        arrivals_ = 0;
    }
    waiting_.push_back(connection);
    ++arrivals_;
    if (!event_.posted) {
        event_.handler = on_turn;
        event_.data = this;
        event_.log = ngx_cycle->log;
        another_turn();
    }
}

void Gathering::another_turn() {
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
    go_on();
    if (released_.empty() && !waiting_.empty() &&
        !(more && waiting_.size() < kMostWaiting && turns_ < kMostTurns)) {
        release();
    }
    if (!released_.empty() || !waiting_.empty()) {
        another_turn();
    }
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
    // A half of a signature does not outlive its turn.
    for (size_t i = 0; i < released_.size(); ++i) {
        if (released_[i] != nullptr && released_[i]->prepared()->half.ready()) {
            go_on(i);
        }
    }
    go_on();
}

// One at least, so that all come to an end.
void Gathering::go_on() {
    const auto end = std::chrono::steady_clock::now() + kShare;
    size_t next = 0;
    // By number: one that goes on may close another.
    while (next < released_.size()) {
        if (released_[next] != nullptr) {
            go_on(next);
            if (std::chrono::steady_clock::now() >= end) {
                ++next;
                break;
            }
        }
        ++next;
    }
    released_.erase(released_.begin(), released_.begin() + static_cast<std::ptrdiff_t>(next));
}

void Gathering::go_on(size_t number) {
    Connection* connection = released_[number];
    released_[number] = nullptr;
    guarded([&] { connection->go_on(); });
}

}  // namespace tls

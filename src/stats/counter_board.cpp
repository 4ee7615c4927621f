// The block: header, places, workers, gauges (worker by worker), recent seconds (shard by shard), counters
// (shard by shard, in each place by place). Memory that nobody counts in is never touched, so it costs
// nothing.
#include "stats/counter_board.h"

#include <algorithm>
#include <new>
#include <unordered_map>

namespace tls {

namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr size_t kLine = 64;  // bytes that processors pass to each other at a time
constexpr uint32_t kMostShards = 16;
constexpr uint32_t kMostWorkers = 1024;  // as many processes as nginx has

static_assert(std::atomic<uint64_t>::is_always_lock_free && std::atomic<uint32_t>::is_always_lock_free);

constexpr size_t in_lines(size_t bytes) {
    return (bytes + kLine - 1) / kLine * kLine;
}

// A second and what was counted in it, in one word: both change at once.
constexpr uint64_t packed(uint32_t second, uint32_t count) {
    return uint64_t{second} << 32 | count;
}

constexpr size_t kRing = 64;  // seconds; more than are shown, so that none is shown while it is made anew

void count_in_second(std::atomic<uint64_t>* ring, uint32_t second) {
    std::atomic<uint64_t>& slot = ring[second % kRing];
    uint64_t seen = slot.load(kRelaxed);
    uint64_t next;
    do {
        const bool same = static_cast<uint32_t>(seen >> 32) == second;
        next = same ? seen + 1 : packed(second, 1);
    } while (!slot.compare_exchange_weak(seen, next, kRelaxed));
}

void read_ring(const std::atomic<uint64_t>* ring, uint32_t now,
               std::array<uint32_t, RecentSeconds::kSeconds>* out) {
    for (size_t i = 0; i < out->size(); ++i) {
        const auto second = static_cast<uint32_t>(now - (out->size() - 1 - i));
        const uint64_t seen = ring[second % kRing].load(kRelaxed);
        if (static_cast<uint32_t>(seen >> 32) == second) {
            (*out)[i] += static_cast<uint32_t>(seen);
        }
    }
}

}  // namespace

struct CounterBoard::Header {
    Shape shape;
    uint32_t generation;  // of the configuration
    int64_t since;        // seconds since 1970
    // Offsets from the block's begin.
    uint64_t places_at;
    uint64_t workers_at;
    uint64_t gauges_at;
    uint64_t recent_at;
    uint64_t blocks_at;
    uint64_t end;
};

struct CounterBoard::Place {
    uint64_t identity;  // 0: free
    uint32_t seen;      // the last generation that had this server
};

struct CounterBoard::Worker {
    std::atomic<int32_t> pid;  // 0: nobody's yet
    std::atomic<uint32_t> generation;
};

struct alignas(kLine) CounterBoard::Recent {
    std::atomic<uint64_t> completed[kRing];
    std::atomic<uint64_t> failed[kRing];
};

struct alignas(kLine) CounterBoard::Block {
    std::atomic<uint64_t> cells[kCellCount];
};

CounterBoard::Header CounterBoard::lay_out(const Shape& shape) {
    Header header{};
    header.shape = shape;
    header.places_at = in_lines(sizeof(Header));
    header.workers_at = header.places_at + in_lines(shape.places * sizeof(Place));
    header.gauges_at = header.workers_at + in_lines(shape.workers * sizeof(Worker));
    header.recent_at = header.gauges_at + shape.workers * in_lines(shape.places * sizeof(Gauges));
    header.blocks_at = header.recent_at + shape.shards * sizeof(Recent);
    header.end = header.blocks_at + size_t{shape.shards} * shape.places * sizeof(Block);
    return header;
}

size_t CounterBoard::size_of(const Shape& shape) {
    return lay_out(shape).end;
}

CounterBoard::Shape CounterBoard::shape_for(size_t size, size_t servers, size_t workers) {
    Shape shape;
    shape.workers = static_cast<uint32_t>(std::clamp<size_t>(4 * workers, kLeastWorkers, kMostWorkers));
    shape.shards = static_cast<uint32_t>(std::clamp<size_t>(workers, 1, kMostShards));
    for (;; --shape.shards) {
        shape.places = 0;
        const size_t fixed = size_of(shape) + (3 + shape.workers) * kLine;  // what rounding up may take
        const size_t each =
            sizeof(Place) + shape.workers * sizeof(Gauges) + size_t{shape.shards} * sizeof(Block);
        const size_t fitting = size > fixed ? (size - fixed) / each : 0;
        if (fitting > kFirstServer) {
            shape.places = static_cast<uint32_t>(std::min<size_t>(fitting, UINT32_MAX));
        }
        if (shape.shards == 1 || fitting >= kFirstServer + 2 * servers) {
            return shape;
        }
    }
}

CounterBoard CounterBoard::format(void* memory, const Shape& shape, time_t now) {
    auto* header = new (memory) Header(lay_out(shape));
    header->since = static_cast<int64_t>(now);
    return CounterBoard(memory);
}

CounterBoard::Header* CounterBoard::header() const {
    return reinterpret_cast<Header*>(memory_);
}

CounterBoard::Place* CounterBoard::places() const {
    return reinterpret_cast<Place*>(memory_ + header()->places_at);
}

CounterBoard::Worker* CounterBoard::workers() const {
    return reinterpret_cast<Worker*>(memory_ + header()->workers_at);
}

Gauges* CounterBoard::gauges(size_t worker) const {
    const size_t stride = in_lines(shape().places * sizeof(Gauges));
    return reinterpret_cast<Gauges*>(memory_ + header()->gauges_at + worker * stride);
}

CounterBoard::Recent* CounterBoard::recent(size_t shard) const {
    return reinterpret_cast<Recent*>(memory_ + header()->recent_at) + shard;
}

CounterBoard::Block* CounterBoard::block(size_t shard, uint32_t place) const {
    auto* blocks = reinterpret_cast<Block*>(memory_ + header()->blocks_at);
    return blocks + shard * shape().places + place;
}

const CounterBoard::Shape& CounterBoard::shape() const {
    return header()->shape;
}

time_t CounterBoard::since() const {
    return static_cast<time_t>(header()->since);
}

uint32_t CounterBoard::generation() const {
    return header()->generation;
}

// The generation of the oldest worker that may still count; the highest number when there is none.
uint32_t CounterBoard::oldest_running(IsAlive is_alive) const {
    uint32_t oldest = UINT32_MAX;
    for (const uint32_t worker : live_workers(is_alive)) {
        oldest = std::min(oldest, workers()[worker].generation.load(kRelaxed));
    }
    return oldest;
}

// The next place from `*next` on that no server of this configuration has and no running worker counts in;
// kShared when there is none.
uint32_t CounterBoard::free_place(uint32_t oldest, uint32_t* next) const {
    for (; *next < shape().places; ++*next) {
        const Place& place = places()[*next];
        if (place.identity == 0 || (place.seen != generation() && place.seen < oldest)) {
            return (*next)++;
        }
    }
    return kShared;
}

// Empties a place for another server. What was counted stays in the sum of all.
void CounterBoard::move_to_gone(uint32_t place) {
    for (size_t shard = 0; shard < shape().shards; ++shard) {
        for (size_t cell = 0; cell < kCellCount; ++cell) {
            const uint64_t value = block(shard, place)->cells[cell].load(kRelaxed);
            if (value != 0) {
                block(shard, place)->cells[cell].store(0, kRelaxed);
                add(shard, kGone, cell, value);
            }
        }
    }
}

std::vector<uint32_t> CounterBoard::place_servers(const std::vector<uint64_t>& identities, IsAlive is_alive) {
    ++header()->generation;
    std::unordered_map<uint64_t, uint32_t> known;
    for (uint32_t i = kFirstServer; i < shape().places; ++i) {
        known.emplace(places()[i].identity, i);
    }
    std::vector<uint32_t> found(identities.size(), kShared);
    for (size_t i = 0; i < identities.size(); ++i) {
        const auto place = known.find(identities[i]);
        if (place != known.end() && identities[i] != 0) {
            found[i] = place->second;
            places()[place->second].seen = generation();
        }
    }
    const uint32_t oldest = oldest_running(is_alive);
    uint32_t next = kFirstServer;
    for (size_t i = 0; i < identities.size(); ++i) {
        if (found[i] != kShared) {
            continue;
        }
        found[i] = free_place(oldest, &next);
        if (found[i] == kShared) {
            break;
        }
        move_to_gone(found[i]);
        places()[found[i]] = Place{identities[i], generation()};
    }
    return found;
}

void CounterBoard::take_over(const CounterBoard& older) {
    header()->since = older.header()->since;
    std::unordered_map<uint64_t, uint32_t> known;
    for (uint32_t i = kFirstServer; i < shape().places; ++i) {
        known.emplace(places()[i].identity, i);
    }
    for (uint32_t i = 0; i < older.shape().places; ++i) {
        const uint64_t identity = older.places()[i].identity;
        const auto place = known.find(identity);
        uint32_t here = i;
        if (i >= kFirstServer) {
            here = identity != 0 && place != known.end() ? place->second : kGone;
        }
        Values values{};
        older.read(i, &values);
        for (size_t cell = 0; cell < kCellCount; ++cell) {
            if (values[cell] != 0) {
                add(0, here, cell, values[cell]);
            }
        }
    }
}

Gauges* CounterBoard::begin_worker(size_t entry, int pid, uint32_t generation) {
    if (entry >= shape().workers) {
        return nullptr;
    }
    Gauges* own = gauges(entry);
    for (uint32_t i = 0; i < shape().places; ++i) {
        // Looked at first: memory that is still zero need not be the worker's own.
        if (own[i].handshaking.load(kRelaxed) != 0 || own[i].active.load(kRelaxed) != 0) {
            own[i].handshaking.store(0, kRelaxed);
            own[i].active.store(0, kRelaxed);
        }
    }
    workers()[entry].generation.store(generation, kRelaxed);
    workers()[entry].pid.store(pid, kRelaxed);
    return own;
}

void CounterBoard::add(size_t shard, uint32_t place, const Growth& growth) {
    std::atomic<uint64_t>* cells = block(shard, place)->cells;
    for (const Growth::Step& step : growth) {
        cells[step.cell].fetch_add(step.amount, kRelaxed);
    }
}

void CounterBoard::add(size_t shard, uint32_t place, size_t cell, uint64_t amount) {
    block(shard, place)->cells[cell].fetch_add(amount, kRelaxed);
}

void CounterBoard::add_recent(size_t shard, bool completed, time_t now) {
    Recent* ring = recent(shard);
    count_in_second(completed ? ring->completed : ring->failed, static_cast<uint32_t>(now));
}

void CounterBoard::read(uint32_t place, Values* values) const {
    for (size_t shard = 0; shard < shape().shards; ++shard) {
        const std::atomic<uint64_t>* cells = block(shard, place)->cells;
        for (size_t cell = 0; cell < kCellCount; ++cell) {
            (*values)[cell] += cells[cell].load(kRelaxed);
        }
    }
}

Values CounterBoard::read_all() const {
    Values values{};
    for (uint32_t place = 0; place < shape().places; ++place) {
        if (place < kFirstServer || places()[place].identity != 0) {
            read(place, &values);
        }
    }
    return values;
}

RecentSeconds CounterBoard::read_recent(time_t now) const {
    RecentSeconds seconds;
    for (size_t shard = 0; shard < shape().shards; ++shard) {
        read_ring(recent(shard)->completed, static_cast<uint32_t>(now), &seconds.completed);
        read_ring(recent(shard)->failed, static_cast<uint32_t>(now), &seconds.failed);
    }
    return seconds;
}

std::vector<uint32_t> CounterBoard::live_workers(IsAlive is_alive) const {
    std::vector<uint32_t> live;
    for (uint32_t i = 0; i < shape().workers; ++i) {
        const int pid = workers()[i].pid.load(kRelaxed);
        if (pid != 0 && is_alive(pid)) {
            live.push_back(i);
        }
    }
    return live;
}

GaugeValues CounterBoard::read_gauges(uint32_t place, const std::vector<uint32_t>& workers) const {
    GaugeValues sum;
    for (const uint32_t worker : workers) {
        const Gauges& own = gauges(worker)[place];
        sum.handshaking += own.handshaking.load(kRelaxed);
        sum.active += own.active.load(kRelaxed);
    }
    return sum;
}

}  // namespace tls

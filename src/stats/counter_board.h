// The counters of all servers in one block of memory that all workers share, and that outlives reloads.
//
// Made by the glue in a shared zone; workers add, the status page reads. Lock-free: every number is an atomic
// of its own and only ever added to, so a worker that is killed leaves nothing half done. What belongs
// together may be read a few handshakes apart. Plain data inside the block, offsets instead of pointers, no
// allocation after format().
//
// Counters lie in shards, so that workers on different processors do not pass the same memory to and fro;
// what is read is the sum. What rises and falls (connections) has a place for each worker, since one that is
// killed takes its connections with it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <vector>

#include "stats/counting.h"
#include "stats/families.h"

namespace tls {

// Connections of one server in one worker, which alone writes them.
struct Gauges {
    std::atomic<uint32_t> handshaking;
    std::atomic<uint32_t> active;
};

struct GaugeValues {
    uint64_t handshaking = 0;
    uint64_t active = 0;
};

// Handshakes of the last minute, second by second, the newest last.
struct RecentSeconds {
    static constexpr size_t kSeconds = 60;
    std::array<uint32_t, kSeconds> completed{};
    std::array<uint32_t, kSeconds> failed{};
};

class CounterBoard {
  public:
    // Places that are no server's. What was counted for servers that are gone, and for those without a place.
    static constexpr uint32_t kGone = 0;
    static constexpr uint32_t kShared = 1;
    static constexpr uint32_t kFirstServer = 2;
    // However few workers there are: those of several configurations may run at one time.
    static constexpr uint32_t kLeastWorkers = 64;

    struct Shape {
        uint32_t places = 0;   // kFirstServer and the servers
        uint32_t shards = 0;   // of the counters
        uint32_t workers = 0;  // with gauges at one time, those of an older configuration included
    };
    // The bytes that a board of that shape takes.
    static size_t size_of(const Shape& shape);
    // What fits into `size` bytes: a shard for each of `workers` as long as twice `servers` have a place.
    // No places when the memory is too small for anything.
    static Shape shape_for(size_t size, size_t servers, size_t workers);

    // Lays an empty board into memory that is all zero and aligned to 64.
    static CounterBoard format(void* memory, const Shape& shape, time_t now);
    // A view of one that format() laid out.
    static CounterBoard attach(void* memory) { return CounterBoard(memory); }

    const Shape& shape() const;
    time_t since() const;

    // Whether a process is there. Never blocks.
    using IsAlive = bool (*)(int pid);

    // Begins a configuration: a place for each identity (a number that stays the same over reloads, not 0),
    // its old one if it has one. Servers beyond what fits get kShared. Called by one process at a time.
    std::vector<uint32_t> place_servers(const std::vector<uint64_t>& identities, IsAlive is_alive);
    uint32_t generation() const;
    // Takes over what another board counted, by identity. This one has its places already.
    void take_over(const CounterBoard& older);

    // Begins a worker's entry, whoever had it before: its gauges become 0. Null when there is no such entry,
    // else the first of a gauge for each place.
    Gauges* begin_worker(size_t entry, int pid, uint32_t generation);

    void add(size_t shard, uint32_t place, const Growth& growth);
    void add(size_t shard, uint32_t place, size_t cell, uint64_t amount);
    // One connection, for RecentSeconds.
    void add_recent(size_t shard, bool completed, time_t now);

    // Adds what is counted at a place to `values`.
    void read(uint32_t place, Values* values) const;
    // The sum over everything, servers that are gone included.
    Values read_all() const;
    RecentSeconds read_recent(time_t now) const;

    // The workers that are there; for the next.
    std::vector<uint32_t> live_workers(IsAlive is_alive) const;
    GaugeValues read_gauges(uint32_t place, const std::vector<uint32_t>& workers) const;

  private:
    struct Header;
    struct Place;
    struct Worker;
    struct Recent;
    struct Block;

    static Header lay_out(const Shape& shape);
    explicit CounterBoard(void* memory) : memory_(static_cast<unsigned char*>(memory)) {}
    Header* header() const;
    Place* places() const;
    Worker* workers() const;
    Gauges* gauges(size_t worker) const;
    Recent* recent(size_t shard) const;
    Block* block(size_t shard, uint32_t place) const;

    uint32_t oldest_running(IsAlive is_alive) const;
    uint32_t free_place(uint32_t oldest, uint32_t* next) const;
    void move_to_gone(uint32_t place);

    unsigned char* memory_;
};

}  // namespace tls

// Counters that many processes share: places over reloads, shards, gauges of workers that die.
#include "stats/counter_board.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>
#include <vector>

#include "support/cmocka.h"
#include "support/made_snapshot.h"

namespace tls {
namespace {

using Shape = CounterBoard::Shape;

constexpr size_t kCell = cell_of(FamilyId::Handshakes, 0, 0);
constexpr time_t kNow = 1000000;

// Shared memory of its own, zero at first.
class Memory {
  public:
    explicit Memory(size_t size)
        : size_(size),
          start_(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        assert_true(start_ != MAP_FAILED);
    }
    ~Memory() { munmap(start_, size_); }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;
    void* start() const { return start_; }

  private:
    size_t size_;
    void* start_;
};

std::set<int>& living() {
    static std::set<int> pids;
    return pids;
}

bool lives(int pid) {
    return living().count(pid) != 0;
}

Shape shape_of(uint32_t servers, uint32_t shards) {
    return Shape{CounterBoard::kFirstServer + servers, shards, 64};
}

uint64_t value_at(const CounterBoard& board, uint32_t place) {
    Values values{};
    board.read(place, &values);
    return values[kCell];
}

int forget_workers(void**) {
    living().clear();
    return 0;
}

void a_shape_fits_its_memory(void**) {
    for (const size_t size : {size_t{128} << 10, size_t{1} << 20, size_t{16} << 20, size_t{100} << 20}) {
        for (const size_t workers : {size_t{1}, size_t{2}, size_t{64}, size_t{5000}}) {
            for (const size_t servers : {size_t{0}, size_t{10}, size_t{5000}}) {
                const Shape shape = CounterBoard::shape_for(size, servers, workers);
                assert_true(shape.places == 0 || CounterBoard::size_of(shape) <= size);
                assert_true(shape.shards >= 1 && shape.shards <= std::min<size_t>(workers, 16));
                assert_true(shape.workers >= std::min<size_t>(4 * workers, 1024));
            }
        }
    }
    assert_int_equal(CounterBoard::shape_for(1024, 1, 1).places, 0);
    // Room goes to servers first, then to shards.
    assert_int_equal(CounterBoard::shape_for(16 << 20, 10, 8).shards, 8);
    assert_int_equal(CounterBoard::shape_for(16 << 20, 100000, 8).shards, 1);
    const Shape some = CounterBoard::shape_for(16 << 20, 1000, 8);
    assert_true(some.shards < 8 && some.places >= CounterBoard::kFirstServer + 2000);
}

void shards_add_up(void**) {
    const Shape shape = shape_of(2, 4);
    const Memory memory(CounterBoard::size_of(shape));
    CounterBoard board = CounterBoard::format(memory.start(), shape, kNow);
    assert_int_equal(board.since(), kNow);
    const std::vector<uint32_t> places = board.place_servers({11, 22}, lives);
    for (size_t shard = 0; shard < 4; ++shard) {
        board.add(shard, places[0], growth_of(test::made_handshake()));
    }
    board.add(3, places[1], kCell, 100);
    assert_int_equal(value_at(board, places[0]), 4);
    assert_int_equal(value_at(board, places[1]), 100);
    assert_int_equal(board.read_all()[kCell], 104);
    assert_int_equal(value_at(CounterBoard::attach(memory.start()), places[0]), 4);
}

// Four processes that count at once lose nothing.
void processes_lose_nothing(void**) {
    const Shape shape = shape_of(1, 2);
    const Memory memory(CounterBoard::size_of(shape));
    CounterBoard board = CounterBoard::format(memory.start(), shape, kNow);
    const uint32_t place = board.place_servers({11}, lives)[0];
    constexpr int kEach = 20000;
    std::vector<pid_t> children;
    for (size_t i = 0; i < 4; ++i) {
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            for (int k = 0; k < kEach; ++k) {
                board.add(i % 2, place, growth_of(test::made_handshake()));
                board.add_recent(i % 2, true, kNow + k / 10000);
            }
            _exit(0);
        }
        children.push_back(child);
    }
    for (const pid_t child : children) {
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    assert_int_equal(value_at(board, place), 4 * kEach);
    const RecentSeconds recent = board.read_recent(kNow + 1);
    assert_int_equal(recent.completed[59], 40000);
    assert_int_equal(recent.completed[58], 40000);
}

void a_reload_keeps_places(void**) {
    const Shape shape = shape_of(4, 1);
    const Memory memory(CounterBoard::size_of(shape));
    CounterBoard board = CounterBoard::format(memory.start(), shape, kNow);
    const std::vector<uint32_t> before = board.place_servers({11, 22, 33}, lives);
    assert_int_equal(board.generation(), 1);
    for (const uint32_t place : before) {
        assert_true(place >= CounterBoard::kFirstServer && place < shape.places);
        board.add(0, place, kCell, place);
    }
    const std::vector<uint32_t> after = board.place_servers({33, 44, 11}, lives);
    assert_int_equal(board.generation(), 2);
    assert_int_equal(after[0], before[2]);
    assert_int_equal(after[2], before[0]);
    assert_int_equal(value_at(board, after[0]), before[2]);
    assert_true(after[1] != before[0] && after[1] != before[2]);
    assert_int_equal(value_at(board, after[1]), 0);
}

// The sum of all never falls, and a server that comes back finds its numbers while nobody has its place.
void servers_that_go(void**) {
    const Shape shape = shape_of(2, 2);
    const Memory memory(CounterBoard::size_of(shape));
    CounterBoard board = CounterBoard::format(memory.start(), shape, kNow);
    const std::vector<uint32_t> first = board.place_servers({11, 22}, lives);
    board.add(0, first[0], kCell, 5);
    board.add(1, first[1], kCell, 7);
    board.place_servers({11}, lives);
    assert_int_equal(board.read_all()[kCell], 12);
    assert_int_equal(board.place_servers({11, 22}, lives)[1], first[1]);
    assert_int_equal(value_at(board, first[1]), 7);
    board.place_servers({11}, lives);
    const uint32_t taken = board.place_servers({11, 33}, lives)[1];
    assert_int_equal(taken, first[1]);
    assert_int_equal(value_at(board, taken), 0);
    assert_int_equal(value_at(board, CounterBoard::kGone), 7);
    assert_int_equal(board.read_all()[kCell], 12);
}

// Workers of an older configuration still count for servers that are gone: nobody else gets their places.
void places_wait_for_old_workers(void**) {
    const Shape shape = shape_of(1, 1);
    const Memory memory(CounterBoard::size_of(shape));
    CounterBoard board = CounterBoard::format(memory.start(), shape, kNow);
    const uint32_t place = board.place_servers({11}, lives)[0];
    board.begin_worker(3, 100, board.generation());
    living() = {100};
    assert_int_equal(board.place_servers({22}, lives)[0], CounterBoard::kShared);
    living() = {101};
    board.begin_worker(4, 101, board.generation());
    assert_int_equal(board.place_servers({22}, lives)[0], place);
}

void more_servers_than_places(void**) {
    const Shape shape = shape_of(2, 1);
    const Memory memory(CounterBoard::size_of(shape));
    CounterBoard board = CounterBoard::format(memory.start(), shape, kNow);
    const std::vector<uint32_t> places = board.place_servers({11, 22, 33, 44}, lives);
    assert_true(places[0] >= CounterBoard::kFirstServer && places[1] >= CounterBoard::kFirstServer);
    assert_int_equal(places[2], CounterBoard::kShared);
    assert_int_equal(places[3], CounterBoard::kShared);
    board.add(0, places[3], kCell, 9);
    assert_int_equal(board.read_all()[kCell], 9);
}

void another_board_is_taken_over(void**) {
    const Shape small = shape_of(3, 2);
    const Memory old_memory(CounterBoard::size_of(small));
    CounterBoard old = CounterBoard::format(old_memory.start(), small, kNow);
    const std::vector<uint32_t> before = old.place_servers({11, 22}, lives);
    old.add(0, before[0], kCell, 5);
    old.add(1, before[0], kCell, 1);
    old.add(0, before[1], kCell, 7);
    old.add(0, CounterBoard::kShared, kCell, 2);
    old.add(0, CounterBoard::kGone, kCell, 3);

    const Shape large = shape_of(100, 1);
    const Memory memory(CounterBoard::size_of(large));
    CounterBoard board = CounterBoard::format(memory.start(), large, kNow + 500);
    const std::vector<uint32_t> after = board.place_servers({33, 11}, lives);
    board.take_over(old);
    assert_int_equal(value_at(board, after[1]), 6);
    assert_int_equal(value_at(board, after[0]), 0);
    assert_int_equal(value_at(board, CounterBoard::kShared), 2);
    assert_int_equal(value_at(board, CounterBoard::kGone), 10);
    assert_int_equal(board.read_all()[kCell], 18);
    assert_int_equal(board.since(), kNow);
}

void gauges_go_with_their_worker(void**) {
    const Shape shape = shape_of(2, 1);
    const Memory memory(CounterBoard::size_of(shape));
    CounterBoard board = CounterBoard::format(memory.start(), shape, kNow);
    const std::vector<uint32_t> places = board.place_servers({11, 22}, lives);
    Gauges* one = board.begin_worker(0, 100, 1);
    Gauges* two = board.begin_worker(1, 101, 1);
    living() = {100, 101};
    one[places[0]].active = 3;
    one[places[1]].handshaking = 2;
    two[places[0]].active = 4;
    GaugeValues seen = board.read_gauges(places[0], board.live_workers(lives));
    assert_int_equal(seen.active, 7);
    assert_int_equal(board.read_gauges(places[1], board.live_workers(lives)).handshaking, 2);

    // Killed: its connections are gone with it, at once.
    living() = {101};
    assert_int_equal(board.live_workers(lives).size(), 1);
    assert_int_equal(board.read_gauges(places[0], board.live_workers(lives)).active, 4);
    // The next one in its slot begins at 0.
    living() = {101, 102};
    board.begin_worker(0, 102, 1);
    assert_int_equal(board.read_gauges(places[0], board.live_workers(lives)).active, 4);
    assert_int_equal(board.read_gauges(places[1], board.live_workers(lives)).handshaking, 0);
    // More processes than entries: those are not shown, and touch nothing.
    assert_null(board.begin_worker(shape.workers, 103, 1));
}

void the_last_minute(void**) {
    const Shape shape = shape_of(1, 2);
    const Memory memory(CounterBoard::size_of(shape));
    CounterBoard board = CounterBoard::format(memory.start(), shape, kNow);
    board.add_recent(0, true, kNow);
    board.add_recent(1, true, kNow);
    board.add_recent(0, false, kNow);
    RecentSeconds recent = board.read_recent(kNow);
    assert_int_equal(recent.completed[59], 2);
    assert_int_equal(recent.failed[59], 1);
    recent = board.read_recent(kNow + 59);
    assert_int_equal(recent.completed[0], 2);
    assert_int_equal(board.read_recent(kNow + 60).completed[0], 0);
    // The same slot of the ring, one turn later.
    board.add_recent(0, true, kNow + 64);
    recent = board.read_recent(kNow + 64);
    assert_int_equal(recent.completed[59], 1);
    assert_int_equal(recent.completed[0], 0);
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(tls::a_shape_fits_its_memory, tls::forget_workers),
        cmocka_unit_test_setup(tls::shards_add_up, tls::forget_workers),
        cmocka_unit_test_setup(tls::processes_lose_nothing, tls::forget_workers),
        cmocka_unit_test_setup(tls::a_reload_keeps_places, tls::forget_workers),
        cmocka_unit_test_setup(tls::servers_that_go, tls::forget_workers),
        cmocka_unit_test_setup(tls::places_wait_for_old_workers, tls::forget_workers),
        cmocka_unit_test_setup(tls::more_servers_than_places, tls::forget_workers),
        cmocka_unit_test_setup(tls::another_board_is_taken_over, tls::forget_workers),
        cmocka_unit_test_setup(tls::gauges_go_with_their_worker, tls::forget_workers),
        cmocka_unit_test_setup(tls::the_last_minute, tls::forget_workers),
    };
    return cmocka_run_group_tests_name("counter_board", tests, nullptr, nullptr);
}

// Halves made ahead: each comes out once, for its own key, while it is young by both clocks, and never in a
// child of a fork.
#include "keys/half_pool.h"

#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <vector>

#include "support/cmocka.h"

namespace tls {
namespace {

HalfPool::Time at(time_t seconds, long nanoseconds = 0) {
    HalfPool::Time time{};
    time.since_boot.tv_sec = seconds;
    time.since_boot.tv_nsec = nanoseconds;
    time.on_the_clock.tv_sec = 1800000000 + seconds;
    time.on_the_clock.tv_nsec = nanoseconds;
    return time;
}

SigningKey key_number(uint64_t number) {
    SigningKey key;
    key.number = number;
    return key;
}

// Numbers that tell which one it is; the pool does not look at them.
SignatureHalf half_number(BN_ULONG number) {
    SignatureHalf half;
    half.inverse.reset(BN_new());
    half.r.reset(BN_new());
    BN_set_word(half.inverse.get(), number);
    BN_set_word(half.r.get(), number + 1000000);
    return half;
}

// 0: none.
BN_ULONG number_of(const SignatureHalf& half) {
    if (!half.ready()) {
        return 0;
    }
    const BN_ULONG number = BN_get_word(half.inverse.get());
    assert_int_equal(BN_get_word(half.r.get()), number + 1000000);
    assert_true(BN_get_flags(half.inverse.get(), BN_FLG_CONSTTIME) != 0);
    return number;
}

void put(HalfPool* pool, const SigningKey& key, BN_ULONG first, size_t count, const HalfPool::Time& now) {
    std::vector<SignatureHalf> halves;
    for (size_t i = 0; i < count; ++i) {
        halves.push_back(half_number(first + i));
    }
    pool->put(key, halves.data(), count, now);
    for (const SignatureHalf& half : halves) {
        assert_false(half.ready());
    }
}

BN_ULONG take(HalfPool* pool, const SigningKey& key, const HalfPool::Time& now) {
    return number_of(pool->take(key, now));
}

void each_comes_out_once(void**) {
    HalfPool pool;
    const SigningKey key = key_number(1);
    std::set<BN_ULONG> seen;
    for (BN_ULONG round = 1; round < 100; ++round) {
        put(&pool, key, round * 10, 1 + round % kLanes, at(100));
        for (size_t i = 0; i < 1 + round % kLanes; ++i) {
            const BN_ULONG number = take(&pool, key, at(100));
            assert_true(number / 10 == round);
            assert_true(seen.insert(number).second);
        }
        assert_int_equal(take(&pool, key, at(100)), 0);
    }
}

void what_has_no_room_is_dropped(void**) {
    HalfPool pool;
    const SigningKey key = key_number(1);
    put(&pool, key, 1, kLanes - 1, at(100));
    put(&pool, key, 11, kLanes, at(100));
    size_t count = 0;
    while (take(&pool, key, at(100)) != 0) {
        ++count;
    }
    assert_int_equal(count, kLanes);
}

void keys_have_their_own(void**) {
    HalfPool pool;
    put(&pool, key_number(1), 10, 2, at(100));
    put(&pool, key_number(2), 20, 2, at(100));
    assert_int_equal(take(&pool, key_number(3), at(100)), 0);
    assert_int_equal(take(&pool, key_number(2), at(100)) / 10, 2);
    assert_int_equal(take(&pool, key_number(1), at(100)) / 10, 1);
    assert_int_equal(take(&pool, key_number(1), at(100)) / 10, 1);
    assert_int_equal(take(&pool, key_number(1), at(100)), 0);
    assert_int_equal(take(&pool, key_number(2), at(100)) / 10, 2);
}

void old_ones_are_dropped_by_either_clock(void**) {
    const SigningKey key = key_number(1);
    HalfPool::Time later = at(100);
    later.on_the_clock.tv_sec += HalfPool::kLife;
    HalfPool::Time back = at(100);
    back.on_the_clock.tv_sec -= 1;
    HalfPool::Time slept = at(100);
    slept.since_boot.tv_sec += 3600;
    for (const HalfPool::Time& now : {at(100 + HalfPool::kLife), at(99), later, back, slept}) {
        HalfPool pool;
        put(&pool, key, 10, 3, at(100));
        assert_int_equal(take(&pool, key, now), 0);
        // They do not come back either.
        assert_int_equal(take(&pool, key, at(100)), 0);
    }
    HalfPool pool;
    put(&pool, key, 10, 2, at(100, 500));
    assert_int_equal(take(&pool, key, at(100 + HalfPool::kLife, 499)) / 10, 1);
    // The age is that of the oldest, also for those that came later.
    put(&pool, key, 20, 2, at(100 + HalfPool::kLife, 499));
    assert_int_equal(take(&pool, key, at(100 + HalfPool::kLife, 500)), 0);
}

void a_key_that_signs_rarely_gets_none(void**) {
    HalfPool pool;
    const SigningKey key = key_number(1);
    for (time_t second = 100; second < 160; second += HalfPool::kLife) {
        take(&pool, key, at(second));
        take(&pool, key, at(second));
        assert_int_equal(pool.room(key, at(second)), 0);
    }
    take(&pool, key, at(200));
    take(&pool, key, at(200));
    take(&pool, key, at(201));
    assert_int_equal(pool.room(key, at(201)), kLanes);
    put(&pool, key, 10, 3, at(201));
    assert_int_equal(pool.room(key, at(201)), kLanes - 3);
    assert_int_equal(pool.room(key, at(200 + HalfPool::kLife)), 0);
}

void more_keys_than_places(void**) {
    HalfPool pool;
    for (uint64_t number = 1; number <= 2 * HalfPool::kKeys; ++number) {
        put(&pool, key_number(number), 10 * number, 1, at(100));
    }
    for (uint64_t number = 1; number <= 2 * HalfPool::kKeys; ++number) {
        const BN_ULONG expected = number <= HalfPool::kKeys ? 10 * number : 0;
        assert_int_equal(take(&pool, key_number(number), at(100)), expected);
    }
    // Places of keys that are not in use any more go to others.
    put(&pool, key_number(99), 990, 1, at(100 + HalfPool::kLife));
    assert_int_equal(take(&pool, key_number(99), at(100 + HalfPool::kLife)), 990);
}

void a_fork_takes_none_along(void**) {
    HalfPool pool;
    const SigningKey key = key_number(1);
    put(&pool, key, 10, 4, at(100));
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const bool none = !pool.take(key, at(100)).ready();
        // It works there as well.
        SignatureHalf half = half_number(5);
        pool.put(key, &half, 1, at(100));
        _exit(none && pool.take(key, at(100)).ready() ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(take(&pool, key, at(100)) / 10, 1);
}

void numbers_of_the_larger_curve_fit(void**) {
    HalfPool pool;
    const SigningKey key = key_number(1);
    SignatureHalf half;
    half.inverse.reset(BN_new());
    half.r.reset(BN_new());
    BN_rand(half.inverse.get(), 384, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
    BN_rand(half.r.get(), 380, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
    const UniqueNumber inverse(BN_dup(half.inverse.get()));
    const UniqueNumber r(BN_dup(half.r.get()));
    pool.put(key, &half, 1, at(100));
    const SignatureHalf taken = pool.take(key, at(100));
    assert_int_equal(BN_cmp(taken.inverse.get(), inverse.get()), 0);
    assert_int_equal(BN_cmp(taken.r.get(), r.get()), 0);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(each_comes_out_once),
        cmocka_unit_test(what_has_no_room_is_dropped),
        cmocka_unit_test(keys_have_their_own),
        cmocka_unit_test(old_ones_are_dropped_by_either_clock),
        cmocka_unit_test(a_key_that_signs_rarely_gets_none),
        cmocka_unit_test(more_keys_than_places),
        cmocka_unit_test(a_fork_takes_none_along),
        cmocka_unit_test(numbers_of_the_larger_curve_fit),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// How long something short takes.
//
// Used by costs. The median of several rounds: whatever else the machine does falls into few of them.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace bench {

// The nanoseconds of one call of `work`, which returns a number so that nothing of it is left out. `calls`:
// in each of nine rounds.
template <typename Work>
double nanoseconds_of(size_t calls, Work&& work) {
    constexpr size_t kRounds = 9;
    volatile size_t sink = 0;
    std::vector<double> rounds;
    for (size_t round = 0; round < kRounds; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        for (size_t i = 0; i < calls; ++i) {
            sink = sink + work();
        }
        const std::chrono::duration<double, std::nano> passed = std::chrono::steady_clock::now() - begin;
        rounds.push_back(passed.count() / static_cast<double>(calls));
    }
    std::nth_element(rounds.begin(), rounds.begin() + kRounds / 2, rounds.end());
    return rounds[kRounds / 2];
}

}  // namespace bench

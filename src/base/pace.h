// How fast bytes may go: as nginx's limit_rate and limit_rate_after have it.
//
// Used where the module sends what is no answer of nginx's HTTP. Pure; the time comes in. The first second's
// bytes may go at once, as in nginx.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tls {

struct Pace {
    uint64_t rate = 0;   // bytes a second; 0: as fast as they come
    uint64_t after = 0;  // so many bytes before the rate counts
};

// How many of `wanted` bytes may go now, when `passed` have, in the `elapsed` time since the first might.
size_t allowed_bytes(const Pace& pace, uint64_t passed, std::chrono::milliseconds elapsed, size_t wanted);

// How long to wait until it is worth asking again, when fewer were allowed than wanted: a part of a second.
std::chrono::milliseconds pause_of(const Pace& pace);

}  // namespace tls

#include "base/pace.h"

#include <algorithm>

namespace tls {

namespace {

// Nothing is as fast, and what is below fits into 64 bits for the months that a connection may last.
constexpr uint64_t kBeyondLimits = uint64_t{1} << 40;

constexpr uint64_t kSecond = 1000;  // milliseconds
constexpr uint64_t kPause = 100;

bool is_limited(const Pace& pace) {
    return pace.rate != 0 && pace.rate < kBeyondLimits;
}

}  // namespace

size_t allowed_bytes(const Pace& pace, uint64_t passed, std::chrono::milliseconds elapsed, size_t wanted) {
    if (!is_limited(pace) || pace.after >= kBeyondLimits) {
        return wanted;
    }
    const auto time = static_cast<uint64_t>(elapsed.count()) + kSecond;
    const uint64_t budget =
        pace.after + pace.rate * (time / kSecond) + pace.rate * (time % kSecond) / kSecond;
    return budget > passed ? static_cast<size_t>(std::min<uint64_t>(budget - passed, wanted)) : 0;
}

// A byte at least has come by then.
std::chrono::milliseconds pause_of(const Pace& pace) {
    const uint64_t byte = is_limited(pace) ? (kSecond + pace.rate - 1) / pace.rate : 0;
    return std::chrono::milliseconds(std::max(kPause, byte));
}

}  // namespace tls

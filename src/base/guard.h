// The one guard around everything that C calls: no exception leaves C++ through it.
//
// Used by every callback given to nginx or OpenSSL. The code inside throws only when memory runs out.
#pragma once

#include <utility>

namespace tls {

// Runs `work` and returns what it returns; `fallback` if anything was thrown.
template <class Work, class Fallback>
auto guarded(Fallback fallback, Work&& work) noexcept -> decltype(work()) {
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        return fallback;
    }
}

// For work that returns nothing.
template <class Work>
void guarded(Work&& work) noexcept {
    try {
        std::forward<Work>(work)();
    } catch (...) {
    }
}

}  // namespace tls

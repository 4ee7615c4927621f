// For tests of the batches: the real library, or one that fails in chosen lanes, and how much is tried.
#pragma once

#include "keys/crypto_mb.h"
#include "support/cmocka.h"
#include "support/operations.h"

namespace tls::test {

using ::test::operations;
using ::test::skip_test;

// The real one, as build.sh leaves it; null where there is none, and the test is then skipped.
inline const CryptoMb* real_crypto_mb() {
    static const CryptoMbAnswer answer = load_crypto_mb("build");
    return answer.library.get();
}

// Lanes that a call of `failing_crypto_mb` tells to have failed; the real one did the work.
inline LaneMask failing_lanes = 0;

inline uint32_t spoiled(uint32_t status) {
    constexpr uint32_t kNullParameter = 2;
    for (size_t lane = 0; lane < kLanes; ++lane) {
        status |= (failing_lanes >> lane & 1U) != 0 ? kNullParameter << (4 * lane) : 0;
    }
    return status;
}

}  // namespace tls::test

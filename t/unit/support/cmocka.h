// cmocka for C++: its header wants these five before it, and C linkage.
//
// Included by every unit test.
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include <cmocka.h>
}

// Macros with the names of members of the standard library's streams.
#undef fail
#undef skip

namespace test {

inline void skip_test() {
    _skip(__FILE__, __LINE__);
}

}  // namespace test

// How much is tried of what is compared with OpenSSL's.
#pragma once

#include <cstddef>
#include <cstdlib>

namespace test {

// Operations of one kind: TLS_UNIT_OPERATIONS, which is `./build.sh unit --operations`, or what takes
// seconds.
inline size_t operations(size_t usual = 10000) {
    const char* wish = getenv("TLS_UNIT_OPERATIONS");
    return wish != nullptr ? strtoul(wish, nullptr, 10) : usual;
}

}  // namespace test

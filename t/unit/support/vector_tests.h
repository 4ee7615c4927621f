// A test of its own for each row of t/data/ja4_vectors.tsv, named by the row's id.
#pragma once

#include <vector>

#include "support/cmocka.h"
#include "support/hello_vectors.h"

namespace test {

// `test` gets its row in *state. The rows live as long as the process; cmocka keeps pointers into them.
inline void add_vector_tests(CMUnitTestFunction test, std::vector<CMUnitTest>* tests) {
    static const std::vector<HelloVector> kRows = load_hello_vectors();
    for (const HelloVector& row : kRows) {
        tests->push_back({row.id.c_str(), test, nullptr, nullptr, const_cast<HelloVector*>(&row)});
    }
}

inline const HelloVector& vector_of(void** state) {
    return *static_cast<const HelloVector*>(*state);
}

}  // namespace test

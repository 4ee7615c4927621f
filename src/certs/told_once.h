// What the operator was told already, so that it is told once: a table of fixed size, 8 bytes for each
// sentence.
//
// Used by the catalog, one for each. When it is full, an old sentence may be told a second time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tls {

class ToldOnce {
  public:
    // True the first time for a hash (from a keyed hash, so that nobody can aim at it).
    bool first(uint64_t sentence) {
        if (told_.empty()) {
            told_.resize(kSets * kSet);
        }
        uint64_t* const set = &told_[sentence % kSets * kSet];
        for (size_t i = 0; i < kSet; ++i) {
            if (set[i] == sentence) {
                return false;
            }
        }
        // The oldest falls out at the end.
        for (size_t i = kSet - 1; i > 0; --i) {
            set[i] = set[i - 1];
        }
        set[0] = sentence;
        return true;
    }

  private:
    static constexpr size_t kSet = 8;
    static constexpr size_t kSets = 512;
    std::vector<uint64_t> told_;
};

}  // namespace tls

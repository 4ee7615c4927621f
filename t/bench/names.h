// The host names that a run is about: a list, and the order in which they are asked for.
//
// Used by the load client, by the maker of certificates and by churn. Pure, except that a list may stand in a
// file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace bench {

// `@FILE` (one name a line), `prefix{1..1000}suffix`, or a name; several with commas between them. Dies when
// it is none of it.
std::vector<std::string> parse_names(const std::string& text);

// Indexes below `count`, one after the other from the start again and again, or at random in an order that
// the seed decides.
class NameOrder {
  public:
    NameOrder(size_t count, bool random, uint64_t seed) : count_(count), random_(random), engine_(seed) {}

    // `count` is not 0.
    size_t next() {
        if (random_) {
            return std::uniform_int_distribution<size_t>(0, count_ - 1)(engine_);
        }
        const size_t at = at_;
        at_ = at_ + 1 == count_ ? 0 : at_ + 1;
        return at;
    }

  private:
    size_t count_;
    bool random_;
    std::mt19937_64 engine_;
    size_t at_ = 0;
};

}  // namespace bench

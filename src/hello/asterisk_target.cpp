#include "hello/asterisk_target.h"

namespace tls {

size_t find_asterisk_target(std::string_view before, std::string_view bytes) {
    constexpr std::string_view kMethod = "OPTIONS ";
    const size_t size = before.size() + bytes.size();
    const auto at = [&](size_t i) { return i < before.size() ? before[i] : bytes[i - before.size()]; };
    size_t i = 0;
    // Empty lines before a request, and spaces before its target, are skipped by nginx as well.
    while (i < size && (at(i) == '\r' || at(i) == '\n')) {
        ++i;
    }
    for (const char letter : kMethod) {
        if (i == size || at(i) != letter) {
            return kNoAsterisk;
        }
        ++i;
    }
    while (i < size && at(i) == ' ') {
        ++i;
    }
    return i >= before.size() && i < size && at(i) == '*' ? i - before.size() : kNoAsterisk;
}

}  // namespace tls

#include "options.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bench {

void die(const std::string& what) {
    std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, what.c_str());
    std::exit(2);
}

void die_errno(const std::string& what) {
    die(what + ": " + std::strerror(errno));
}

bool Arguments::next() {
    if (at_ == values_.size()) {
        return false;
    }
    option_ = values_[at_++];
    return true;
}

std::string Arguments::text() {
    if (at_ == values_.size()) {
        die(option_ + " needs a value");
    }
    return values_[at_++];
}

uint64_t Arguments::number(uint64_t most) {
    return parse_number(text(), option_, most);
}

std::vector<std::string> Arguments::list() {
    return split(text(), ',');
}

void Arguments::unknown() const {
    die("unknown option \"" + option_ + "\"");
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (;;) {
        const size_t end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(end + 1);
    }
}

uint64_t parse_number(const std::string& text, const std::string& what, uint64_t most) {
    char* end = nullptr;
    errno = 0;
    const uint64_t value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos || errno != 0 ||
        value > most) {
        die(what + ": \"" + text + "\" is no number from 0 to " + std::to_string(most));
    }
    return value;
}

}  // namespace bench

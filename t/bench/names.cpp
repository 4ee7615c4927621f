#include "names.h"

#include <fstream>

#include "options.h"

namespace bench {
namespace {

void add_from_file(const std::string& path, std::vector<std::string>* names) {
    std::ifstream file(path);
    if (!file) {
        die("cannot read \"" + path + "\"");
    }
    for (std::string line; std::getline(file, line);) {
        if (!line.empty()) {
            names->push_back(line);
        }
    }
}

void add_pattern(const std::string& pattern, std::vector<std::string>* names) {
    const size_t open = pattern.find('{');
    if (open == std::string::npos) {
        names->push_back(pattern);
        return;
    }
    const size_t dots = pattern.find("..", open);
    const size_t close = pattern.find('}', open);
    if (close == std::string::npos || dots == std::string::npos || dots > close) {
        die("\"" + pattern + "\" is no pattern: use prefix{1..1000}suffix");
    }
    const uint64_t most = 10'000'000;
    const uint64_t first = parse_number(pattern.substr(open + 1, dots - open - 1), pattern, most);
    const uint64_t last = parse_number(pattern.substr(dots + 2, close - dots - 2), pattern, most);
    for (uint64_t number = first; number <= last; ++number) {
        names->push_back(pattern.substr(0, open) + std::to_string(number) + pattern.substr(close + 1));
    }
}

}  // namespace

std::vector<std::string> parse_names(const std::string& text) {
    std::vector<std::string> names;
    for (const std::string& part : split(text, ',')) {
        if (part.empty()) {
            continue;
        }
        if (part.front() == '@') {
            add_from_file(part.substr(1), &names);
        } else {
            add_pattern(part, &names);
        }
    }
    return names;
}

}  // namespace bench

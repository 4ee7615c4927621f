// Command lines of the form `--name value` and `--switch`, and how the programs of the bench end with an
// error.
//
// Used by every program in t/bench. Reads nothing but the arguments.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

// Says what is wrong on stderr and ends the program with status 2. A bench has nothing to clean up.
[[noreturn]] void die(const std::string& what);
// The same with the text of errno.
[[noreturn]] void die_errno(const std::string& what);

// Walks the arguments: `while (arguments.next()) if (arguments.is("--name")) x = arguments.text(); … else
// arguments.unknown();`
class Arguments {
  public:
    Arguments(int count, char** values) : values_(values + 1, values + count) {}

    // Moves to the next option; false at the end.
    bool next();
    bool is(std::string_view name) const { return option_ == name; }
    // The value behind the current option; dies when there is none, or when it is no number from 0 to `most`.
    std::string text();
    uint64_t number(uint64_t most = UINT64_MAX);
    // The value, cut at its commas.
    std::vector<std::string> list();
    [[noreturn]] void unknown() const;

  private:
    std::vector<std::string> values_;
    size_t at_ = 0;
    std::string option_;
};

std::vector<std::string> split(std::string_view text, char separator);
// Dies, naming `what`, when the text is no decimal number from 0 to `most`.
uint64_t parse_number(const std::string& text, const std::string& what, uint64_t most = UINT64_MAX);

}  // namespace bench

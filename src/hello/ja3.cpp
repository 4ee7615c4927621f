#include "hello/ja3.h"

#include <charconv>

#include "base/digest.h"

namespace tls {

namespace {

constexpr size_t kDigits = 5;  // of 65535

void append_number(std::string* out, unsigned number) {
    char digits[kDigits];
    const auto end = std::to_chars(digits, digits + kDigits, number).ptr;
    out->append(digits, static_cast<size_t>(end - digits));
}

// A field: a comma, then the list.
template <class List>
void append_list(std::string* out, const List& list) {
    char separator = ',';
    if (list.empty()) {
        out->push_back(separator);
    }
    for (const unsigned number : list) {
        out->push_back(separator);
        append_number(out, number);
        separator = '-';
    }
}

}  // namespace

std::string ja3(const HelloOutline& hello) {
    std::string text;
    const size_t numbers = 1 + hello.cipher_suites.size() + hello.extensions.size() + hello.groups.size() +
                           hello.point_formats.size();
    text.reserve((kDigits + 1) * numbers + 4);
    append_number(&text, hello.legacy_version);
    append_list(&text, hello.cipher_suites);
    append_list(&text, hello.extensions);
    append_list(&text, hello.groups);
    append_list(&text, hello.point_formats);
    return text;
}

std::string ja3_hash(std::string_view ja3) {
    return hex_digest(DigestKind::Md5, ja3);
}

}  // namespace tls

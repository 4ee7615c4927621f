#include "base/line_format.h"

namespace tls {

namespace {

bool is_name_letter(char letter) {
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
           (letter >= '0' && letter <= '9') || letter == '_';
}

size_t name_length(std::string_view text) {
    size_t length = 0;
    while (length < text.size() && is_name_letter(text[length])) {
        ++length;
    }
    return length;
}

// The variable at the start of `text`, which begins with a dollar sign; `*size` is what it takes of the text.
Result<std::string> parse_variable(std::string_view text, size_t* size) {
    const bool braced = text.size() > 1 && text[1] == '{';
    const size_t start = braced ? 2 : 1;
    const size_t length = name_length(text.substr(start));
    const std::string name(text.substr(start, length));
    *size = start + length;
    if (braced) {
        if (*size == text.size() || text[*size] != '}') {
            return Error{"the closing bracket in \"" + name + "\" variable is missing"};
        }
        ++*size;
    }
    if (length == 0) {
        return Error{"invalid parameter \"" + std::string(text) + "\""};
    }
    return name;
}

}  // namespace

Result<std::vector<LinePiece>> parse_line_format(std::string_view format) {
    std::vector<LinePiece> pieces;
    while (!format.empty()) {
        if (format[0] != '$') {
            const std::string_view text = format.substr(0, format.find('$'));
            pieces.push_back({false, std::string(text)});
            format.remove_prefix(text.size());
            continue;
        }
        size_t size = 0;
        Result<std::string> name = parse_variable(format, &size);
        if (!name) {
            return name.error();
        }
        pieces.push_back({true, *name});
        format.remove_prefix(size);
    }
    return pieces;
}

}  // namespace tls

// The format of a log's lines as an operator writes it: text with $variables or ${variables} in it.
//
// Used when the configuration is read. Pure; which variables there are is the caller's to know.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tls {

struct LinePiece {
    bool is_variable = false;
    std::string text;  // as it is, or the variable's name
};

// A name is made of letters, digits and underscores. The error is nginx's sentence for it.
Result<std::vector<LinePiece>> parse_line_format(std::string_view format);

}  // namespace tls

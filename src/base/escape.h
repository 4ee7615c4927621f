// Text of unknown origin, made fit for one line of a log.
//
// Used by the handshake log and wherever a client's words stand in an error line. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tls {

enum class Escape {
    None,     // as it is
    Default,  // as in nginx's logs: quotes, backslashes and all but printable ASCII become \xHH
    Word,     // the same, and spaces: one word whatever the text
    Json,     // the inside of a JSON string (RFC 8259 section 7); bytes beyond ASCII stay
};

void append_escaped(std::string_view text, Escape escape, std::string* out);

std::string escaped(std::string_view text, Escape escape);

// The same of its first bytes, as in nginx's logs; three dots where `size` cut it.
std::string escaped_start(std::string_view text, size_t size);

}  // namespace tls

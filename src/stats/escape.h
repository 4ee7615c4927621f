// Text of the configuration or of a certificate, made fit to stand inside another format.
//
// Pure; for JSON see base/escape.h behind clean_utf8(). Bytes that are not UTF-8 become U+FFFD, as the
// readers of all these formats demand UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace tls {

// Valid UTF-8.
std::string clean_utf8(std::string_view text);
// What stands between the quotes of a label's value in Prometheus' text format.
std::string escape_label(std::string_view text);
// What stands in HTML as text or inside a quoted attribute.
std::string escape_html(std::string_view text);

}  // namespace tls

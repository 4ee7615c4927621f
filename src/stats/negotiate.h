// Which form of the status a request wants: by its argument `format`, else by its Accept header (RFC 9110
// section 12.5.1).
//
// Pure. Both are a client's text; nothing of them is kept.
#pragma once

#include <optional>
#include <string_view>

namespace tls {

enum class StatusFormat { Html, Json, Prometheus };

// The format of that name ("html", "json", "prometheus"); nothing for another.
std::optional<StatusFormat> format_by_name(std::string_view name);

// The most wanted form, among equals the one that is named; HTML where all are wanted alike, or none is.
// Whoever asks for OpenMetrics' text gets Prometheus' own, which every scraper reads.
StatusFormat format_by_accept(std::string_view accept);

// The Content-Type of a format. Static memory.
std::string_view content_type(StatusFormat format);

}  // namespace tls

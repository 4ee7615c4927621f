#include "stats/negotiate.h"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace tls {

namespace {

struct MediaType {
    std::string_view type;
    std::string_view subtype;
    StatusFormat format;
};

// The order says who wins among equals.
constexpr MediaType kTypes[] = {
    {"text", "html", StatusFormat::Html},
    {"application", "json", StatusFormat::Json},
    {"text", "plain", StatusFormat::Prometheus},
    {"application", "openmetrics-text", StatusFormat::Prometheus},
};

std::string_view trimmed(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool same(std::string_view a, std::string_view lower) {
    return a.size() == lower.size() && std::equal(a.begin(), a.end(), lower.begin(), [](char x, char y) {
               return std::tolower(static_cast<unsigned char>(x)) == y;
           });
}

// What is in front of the first `separator`; `rest` becomes what is behind it.
std::string_view cut(std::string_view* rest, char separator) {
    const size_t at = rest->find(separator);
    const std::string_view part = rest->substr(0, at);
    *rest = at == std::string_view::npos ? std::string_view() : rest->substr(at + 1);
    return trimmed(part);
}

// A weight in thousandths (RFC 9110 section 12.4.2). What is no number counts as unwanted.
int weight_of(std::string_view text) {
    int weight = 0;
    int scale = 1000;
    for (size_t i = 0; i < text.size() && scale > 0; ++i) {
        if (i == 1) {
            if (text[i] != '.') {
                return 0;
            }
            continue;
        }
        if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) {
            return 0;
        }
        weight += (text[i] - '0') * scale;
        scale /= 10;
    }
    return std::min(weight, 1000);
}

// One element of the header: a range and its weight.
struct Range {
    std::string_view type;
    std::string_view subtype;
    int weight = 1000;
};

Range parse_range(std::string_view element) {
    Range range;
    std::string_view name = cut(&element, ';');
    range.type = cut(&name, '/');
    range.subtype = name;
    while (!element.empty()) {
        std::string_view parameter = cut(&element, ';');
        if (same(cut(&parameter, '='), "q")) {
            range.weight = weight_of(trimmed(parameter));
        }
    }
    return range;
}

// 0: the range is not about that type; more for one that says more.
int precision(const Range& range, const MediaType& type) {
    if (same(range.type, type.type)) {
        return same(range.subtype, type.subtype) ? 3 : (range.subtype == "*" ? 2 : 0);
    }
    return range.type == "*" && range.subtype == "*" ? 1 : 0;
}

}  // namespace

std::optional<StatusFormat> format_by_name(std::string_view name) {
    if (name == "html") {
        return StatusFormat::Html;
    }
    if (name == "json") {
        return StatusFormat::Json;
    }
    if (name == "prometheus") {
        return StatusFormat::Prometheus;
    }
    return std::nullopt;
}

StatusFormat format_by_accept(std::string_view accept) {
    int best_weight = 0;
    int best_precision = 0;
    StatusFormat best = StatusFormat::Html;
    for (const MediaType& type : kTypes) {
        int found = 0;
        int weight = 0;
        for (std::string_view rest = accept; !rest.empty();) {
            const Range range = parse_range(cut(&rest, ','));
            const int here = precision(range, type);
            if (here > found || (here == found && here != 0 && range.weight > weight)) {
                found = here;
                weight = range.weight;
            }
        }
        if (weight > best_weight || (weight == best_weight && weight != 0 && found > best_precision)) {
            best_weight = weight;
            best_precision = found;
            best = type.format;
        }
    }
    return best;
}

std::string_view content_type(StatusFormat format) {
    switch (format) {
        case StatusFormat::Html:
            return "text/html; charset=utf-8";
        case StatusFormat::Json:
            return "application/json";
        case StatusFormat::Prometheus:
            return "text/plain; version=0.0.4; charset=utf-8";
    }
    return "text/plain";
}

}  // namespace tls

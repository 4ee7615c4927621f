#include "hello/redirect_location.h"

#include <cstddef>

namespace tls {

namespace {

constexpr uint16_t kHttpsPort = 443;

bool is_alphanumeric(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
           (letter >= 'a' && letter <= 'z');
}

bool is_one_of(char letter, std::string_view set) {
    return set.find(letter) != std::string_view::npos;
}

// unreserved of RFC 3986 section 2.3: in a host nothing else is needed.
bool is_host_char(char letter) {
    return is_alphanumeric(letter) || is_one_of(letter, "-._~");
}

bool is_address_char(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'F') ||
           (letter >= 'a' && letter <= 'f') || is_one_of(letter, ":.");
}

// What may stand in a path or query as it is, delimiters and escapes included. Servers that are asked for
// `|` or `^` get them escaped, as every client sends them that follows the rules.
bool is_uri_char(char letter) {
    return is_alphanumeric(letter) || is_one_of(letter, "-._~!$&'()*+,;=:@/?%#[]");
}

template <class Allowed>
void append_escaped(std::string_view text, Allowed allowed, std::string* out) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    for (const char letter : text) {
        if (allowed(letter)) {
            *out += letter;
            continue;
        }
        const auto byte = static_cast<unsigned char>(letter);
        *out += '%';
        *out += kDigits[byte >> 4];
        *out += kDigits[byte & 0x0f];
    }
}

// IP-literal of RFC 3986 section 3.2.2, without zones and future versions.
bool is_bracketed_address(std::string_view host) {
    if (host.size() < 4 || host.front() != '[' || host.back() != ']') {
        return false;
    }
    for (const char letter : host.substr(1, host.size() - 2)) {
        if (!is_address_char(letter)) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string redirect_location(const RedirectTarget& target) {
    std::string location = "https://";
    if (is_bracketed_address(target.host)) {
        location += target.host;
    } else {
        append_escaped(target.host, is_host_char, &location);
    }
    if (target.port != 0 && target.port != kHttpsPort) {
        location += ":" + std::to_string(target.port);
    }
    // A request for http://host?query has no path of its own.
    if (target.uri.empty() || target.uri.front() != '/') {
        location += '/';
    }
    append_escaped(target.uri, is_uri_char, &location);
    return location;
}

bool is_redirect_host(std::string_view server_name) {
    bool any = false;
    for (const char letter : server_name) {
        if (!is_host_char(letter)) {
            return false;
        }
        any = any || is_alphanumeric(letter);
    }
    return any && server_name.front() != '.';
}

}  // namespace tls

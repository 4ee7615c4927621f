#include "hello/upgrade_request.h"

#include <cstddef>

namespace tls {

namespace {

constexpr unsigned kHighestMinor = 3;

bool is_space(char letter) {
    return letter == ' ' || letter == '\t';
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_space(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_space(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

char to_lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// `lower` is lower case.
bool equals_ignoring_case(std::string_view text, std::string_view lower) {
    if (text.size() != lower.size()) {
        return false;
    }
    for (size_t i = 0; i < text.size(); ++i) {
        if (to_lower(text[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

// Takes the next element off a comma-separated list. False at its end. Neither field has quoted strings.
bool next_element(std::string_view* list, bool* more, std::string_view* element) {
    if (!*more) {
        return false;
    }
    const size_t comma = list->find(',');
    *more = comma != std::string_view::npos;
    *element = trim(list->substr(0, comma));
    list->remove_prefix(*more ? comma + 1 : list->size());
    return true;
}

// "TLS/1.x" as its minor version, or -1. RFC 9110 section 7.8: names of protocols know no case.
int tls_minor(std::string_view protocol) {
    constexpr std::string_view kPrefix = "tls/1.";
    if (protocol.size() != kPrefix.size() + 1 ||
        !equals_ignoring_case(protocol.substr(0, kPrefix.size()), kPrefix)) {
        return -1;
    }
    const int minor = protocol.back() - '0';
    return minor >= 0 && minor <= static_cast<int>(kHighestMinor) ? minor : -1;
}

std::string protocol_name(unsigned minor) {
    return "TLS/1." + std::to_string(minor);
}

}  // namespace

void read_connection(std::string_view value, UpgradeRequest* request) {
    bool more = true;
    std::string_view option;
    while (next_element(&value, &more, &option)) {
        if (equals_ignoring_case(option, "upgrade")) {
            request->connection_upgrade = true;
        }
    }
}

void read_upgrade(std::string_view value, UpgradeRequest* request) {
    bool more = true;
    std::string_view protocol;
    while (next_element(&value, &more, &protocol)) {
        const int minor = tls_minor(protocol);
        if (minor >= 0) {
            request->offered |= 1U << static_cast<unsigned>(minor);
        }
    }
}

std::string switched_protocol(TlsMinors offered, TlsMinors allowed) {
    const TlsMinors candidates = (offered & allowed) != 0 ? offered & allowed : offered;
    unsigned minor = kHighestMinor;
    while (minor > 0 && (candidates & (1U << minor)) == 0) {
        --minor;
    }
    return protocol_name(minor);
}

std::string offered_protocols(TlsMinors allowed) {
    std::string list;
    for (unsigned minor = kHighestMinor + 1; minor-- > 0;) {
        if ((allowed & (1U << minor)) != 0) {
            list += protocol_name(minor) + ", ";
        }
    }
    return list + "HTTP/1.1";
}

}  // namespace tls

#include "names/host_name.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <utility>

namespace tls {

namespace {

constexpr size_t kMaxHostName = 255;  // RFC 1035 section 2.3.4

// What nginx declines in a Host header: controls, space and DEL, and its path separator. A port's colon and a
// literal's brackets, which nginx takes there, have no place in a server name. Bytes from 0x80 on pass, as in
// nginx: they can only match a server_name that the operator wrote with them.
bool is_name_byte(unsigned char byte) {
    if (byte <= 0x20 || byte == 0x7f) {
        return false;
    }
    return byte != '/' && byte != ':' && byte != '[' && byte != ']';
}

char to_lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool is_ip_literal(const std::string& text) {
    in6_addr address;  // room for either family
    return inet_pton(AF_INET, text.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// Labels may be of any length and content, as nginx has it, but none may be empty.
bool is_name(const std::string& text) {
    if (text.empty() || text.front() == '.' || text.back() == '.' || text.find("..") != std::string::npos) {
        return false;
    }
    for (const char letter : text) {
        if (!is_name_byte(static_cast<unsigned char>(letter))) {
            return false;
        }
    }
    return true;
}

}  // namespace

HostName normalize_host_name(std::string_view sent) {
    HostName name;
    if (sent.empty() || sent.size() > kMaxHostName || sent.find('\0') != std::string_view::npos) {
        return name;
    }
    if (sent.back() == '.') {
        sent.remove_suffix(1);
    }
    std::string text(sent);
    for (char& letter : text) {
        letter = to_lower(letter);
    }
    if (is_ip_literal(text)) {
        name.kind = HostName::Kind::IpLiteral;
        name.text = std::move(text);
    } else if (is_name(text)) {
        name.kind = HostName::Kind::Valid;
        name.text = std::move(text);
    }
    return name;
}

}  // namespace tls

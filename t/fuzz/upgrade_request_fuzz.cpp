// A request in the clear, as far as it is read before nginx does or decides on its upgrade: its target, its
// Connection and Upgrade fields, and the Location that it is sent to. The first byte says where the input is
// cut in two.
#include <cstdlib>

#include "hello/asterisk_target.h"
#include "hello/redirect_location.h"
#include "hello/upgrade_request.h"

static void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

// Only a "*" is ever found, and it does not matter how the bytes were cut.
static void check_target(std::string_view before, std::string_view bytes) {
    const size_t found = tls::find_asterisk_target(before, bytes);
    require(found == tls::kNoAsterisk || (found < bytes.size() && bytes[found] == '*'));
    const std::string whole = std::string(before) + std::string(bytes);
    const size_t at_once = tls::find_asterisk_target("", whole);
    const bool in_second = at_once != tls::kNoAsterisk && at_once >= before.size();
    require(found == (in_second ? at_once - before.size() : tls::kNoAsterisk));
}

// Two lines say what one line with a comma between them says, and everything that is answered was offered.
static void check_fields(std::string_view first, std::string_view second) {
    tls::UpgradeRequest lines;
    tls::UpgradeRequest joined;
    const std::string list = std::string(first) + "," + std::string(second);
    for (const std::string_view line : {first, second}) {
        tls::read_connection(line, &lines);
        tls::read_upgrade(line, &lines);
    }
    tls::read_connection(list, &joined);
    tls::read_upgrade(list, &joined);
    require(lines.connection_upgrade == joined.connection_upgrade && lines.offered == joined.offered);
    require(lines.offered <= 0xf);
    if (lines.offered != 0) {
        tls::UpgradeRequest answered;
        tls::read_upgrade(tls::switched_protocol(lines.offered, 0xc), &answered);
        require(answered.offered != 0 && (answered.offered & lines.offered) == answered.offered);
    }
}

// The authority ends where it should, and nothing in the header can end it.
static void check_location(std::string_view host, std::string_view uri) {
    tls::RedirectTarget target;
    target.host = host.empty() ? std::string_view("h") : host;
    target.port = 8443;
    target.uri = uri;
    const std::string location = tls::redirect_location(target);
    const size_t path = location.find('/', 8);
    require(path != std::string::npos && location.compare(path - 5, 5, ":8443") == 0);
    require(location.substr(8, path - 8).find_first_of("@?#\\ ") == std::string::npos);
    for (const char letter : location) {
        require(letter > 0x20 && letter < 0x7f);
    }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view all(reinterpret_cast<const char*>(data) + 1, size - 1);
    const size_t cut = data[0] < all.size() ? data[0] : all.size();
    check_target(all.substr(0, cut), all.substr(cut));
    check_fields(all.substr(0, cut), all.substr(cut));
    check_location(all.substr(0, cut), all.substr(cut));
    return 0;
}

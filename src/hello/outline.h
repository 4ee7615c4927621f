// What fingerprints read of a ClientHello, and nothing else, so that it may outlive the message.
//
// Made from the parsed hello, read by ja3 and ja4. GREASE values (RFC 8701) are not in it: both leave them
// out wherever they are. Judges nothing: whatever was parsed has an outline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hello/client_hello.h"

namespace tls {

struct HelloOutline {
    uint16_t legacy_version = 0;
    // The highest in supported_versions, whatever it is; legacy_version without that extension, 0 when there
    // is none in it.
    uint16_t highest_version = 0;
    bool has_server_name = false;  // the extension is there, with or without a name
    std::string first_alpn;        // the first protocol, as sent; empty without one
    std::vector<uint16_t> cipher_suites;
    std::vector<uint16_t> extensions;  // types
    std::vector<uint16_t> groups;
    std::vector<uint16_t> signature_algorithms;
    std::vector<uint8_t> point_formats;  // none when they cannot be read (RFC 8422 section 5.1.2)

    static HelloOutline of(const ClientHello& hello);
};

}  // namespace tls

// Mozilla's server-side TLS recommendations (version 5.7 of the guidelines) as data.
//
// Used for `tls_profile`; a single directive beside it overrides one field. Golden text in the unit tests.
#pragma once

#include <string_view>

#include "policy/policy.h"

namespace tls {

struct Profile {
    const char* name;
    unsigned protocols;
    const char* ciphers;       // TLS 1.2 and older; empty for a profile that has TLS 1.3 only
    const char* ciphersuites;  // TLS 1.3
    const char* groups;        // every supported OpenSSL knows these; see kHybridGroup
    bool prefer_server_ciphers;
};

// X25519 with ML-KEM-768, which belongs in front of a profile's groups wherever the OpenSSL in use has it
// (3.5 and later). Not part of the lists: older ones refuse a list with a name they do not know, and know no
// optional "?name".
constexpr const char* kHybridGroup = "X25519MLKEM768";

// "modern", "intermediate" or "old"; null for any other word.
const Profile* find_profile(std::string_view name);

}  // namespace tls

// The names of TLS's numbers as variables show them: groups and signature schemes (RFC 8446 sections 4.2.7
// and 4.2.3), one or a list, and versions.
//
// Used for facts and variables. Groups are called what OpenSSL's object names call them (prime256v1), as
// nginx's $ssl_curve does; signature schemes what the IANA registry calls them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tls {

// Null for a number without a known name. Static memory.
const char* group_name(uint16_t number);
const char* signature_scheme_name(uint16_t number);
// "TLSv1.3" for 0x0304, as libssl calls it.
const char* version_name(uint16_t number);

// The NamedGroup of that name (OpenSSL's or the registry's), or 0.
uint16_t group_by_name(std::string_view name);
// The SignatureScheme of a signature of that type over that digest, both NIDs as libssl tells them, or 0.
// `key_type` is the signer's key's (EVP_PKEY_…): it alone tells the two kinds of RSASSA-PSS apart.
uint16_t signature_scheme_of(int signature_type, int digest_nid, int key_type);

// One of the above, or cipher_suite_name of facts.h.
using NameOf = const char* (*)(uint16_t);
// The name, or "0x" and four hexadecimal digits in lower case: so also a GREASE value (RFC 8701) shows.
std::string name_or_number(uint16_t number, NameOf name_of);
// The same of each, in order, with colons between them.
std::string joined_names(CodePoints numbers, NameOf name_of);

}  // namespace tls

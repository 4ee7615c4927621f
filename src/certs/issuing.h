// X.509 certificates made by ourselves (RFC 5280): an authority's own, and the leaves that it signs.
//
// Used by InternalAuthority. Pure: no files, no clock; randomness, keys and signatures are libcrypto's.
#pragma once

#include <ctime>
#include <string>

#include "base/openssl.h"
#include "base/result.h"

namespace tls {

// ECDSA P-256.
Result<UniquePkey> make_issuing_key();

// A self-signed authority for that key, valid for ten years from an hour before `now`.
Result<UniqueX509> make_authority_certificate(EVP_PKEY* key, time_t now);

// A leaf for a DNS name or an IP address (`is_address`), from an hour before `now` for `life` seconds, but no
// longer than its authority. `name` is safe to be written into OpenSSL's extension syntax: letters, digits
// and ".-_:" only.
Result<UniqueX509> make_leaf_certificate(EVP_PKEY* key, const std::string& name, bool is_address, time_t now,
                                         time_t life, X509* authority, EVP_PKEY* authority_key);

}  // namespace tls

// From a TLS 1.3 traffic secret to keys, and to the secret that follows it (RFC 8446 sections 7.2 and 7.3).
//
// Used where a handshake hands its secrets over, and at each KeyUpdate. By the
// providers that an operator chose, if so; else pure.
#pragma once

#include "record/traffic_keys.h"

namespace tls {

// New keys with their counting at zero, for the library that *keys were for. False when there is no secret,
// or libcrypto failed.
bool derive_keys(const TrafficSecret& secret, RecordSuite suite, TrafficKeys* keys);

// application_traffic_secret_N+1 in place of _N. False when there is none, or libcrypto failed.
bool advance_secret(TrafficSecret* secret);

// A secret as NSS's key log writes it, in hex. False for what is none.
bool parse_secret(const char* hex, TrafficSecret* secret);

}  // namespace tls

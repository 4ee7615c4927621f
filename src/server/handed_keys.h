// The keys that libssl hands to a kernel, read as the values of record/.
//
// Used by SocketBio. What libssl hands over are the structures of linux/tls.h; nothing of the kernel is
// asked.
#pragma once

#include "record/traffic_keys.h"

namespace tls {

// `info` begins with a tls_crypto_info, and the structure that its cipher_type names follows. False for a
// version or cipher that record/ does not know.
bool read_handed_keys(const void* info, TrafficKeys* keys);

}  // namespace tls

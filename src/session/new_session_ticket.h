// The message that gives a TLS 1.3 client its ticket (RFC 8446 section 4.6.1).
//
// Used by the server room's BIO, for messages that libssl wrote. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace tls {

// Appends to `out` the message that `messages` begins with, with `ticket` in the place of its own. The size
// of what was read; 0, with nothing appended, when that is no whole NewSessionTicket, or `ticket` none that
// fits.
size_t replace_ticket(ByteView messages, ByteView ticket, std::vector<uint8_t>* out);

}  // namespace tls

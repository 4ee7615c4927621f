// A digest of a text, as hex digits.
//
// Used where a short name for a long text is wanted, as in fingerprints. Not where security hangs on it: MD5
// is here for the sake of a format.
#pragma once

#include <string>
#include <string_view>

namespace tls {

enum class DigestKind { Md5, Sha256 };

// All of the digest in lower-case hex. Empty when libcrypto cannot: memory ran out, or its configuration has
// no provider with MD5. Leaves no error in the queue.
std::string hex_digest(DigestKind kind, std::string_view text);

}  // namespace tls

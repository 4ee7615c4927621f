// A digest of a text.
//
// Used where a short name for a long text is wanted, in each handshake: as hex digits in fingerprints, as
// bytes for what sessions are bound to. MD5 is here for the sake of a format; no security hangs on it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace tls {

enum class DigestKind { Md5, Sha256 };

// All of the digest in lower-case hex. Empty when libcrypto cannot: memory ran out, or its configuration has
// no provider with MD5. Leaves no error in the queue.
std::string hex_digest(DigestKind kind, std::string_view text);

using Sha256Digest = std::array<uint8_t, 32>;
// False when libcrypto cannot. Leaves no error in the queue.
bool sha256(std::string_view text, Sha256Digest* digest);

}  // namespace tls

// The key schedules of TLS 1.3 (RFC 8446 section 7.1: HKDF-Extract and HKDF-Expand-Label) and of TLS 1.2 (RFC
// 5246 section 5: the PRF) over SHA-256 and SHA-384.
//
// Used by the keys room's provider for TLS13-KDF, about twenty times a handshake, and TLS1-PRF, four times,
// and for the keys of records. Pure. Finding a KDF, an HMAC and a digest by name costs libssl seven times
// what they compute.
#pragma once

#include "base/bytes.h"
#include "base/hmac.h"

namespace tls {

// HKDF-Expand-Label(Secret, Label, Context, Length), where the label on the wire is `prefix` and `label`.
// False when one of them is longer than the format allows (255 bytes), or `size` than 255 digests.
bool expand_label(HashKind hash, ByteView secret, ByteView prefix, ByteView label, ByteView context,
                  uint8_t* out, size_t size);

// The next secret of the schedule, size_of(hash) bytes: HKDF-Extract with the input keying material, salted
// with what Derive-Secret makes of the one before. Without a secret before there is no salt; without
// `material` it is zeros.
bool next_secret(HashKind hash, const ByteView* before, const ByteView* material, ByteView prefix,
                 ByteView label, uint8_t* out);

// The PRF of TLS 1.2. Its label and seed are what `seeds` has, one after the other.
void tls12_prf(HashKind hash, ByteView secret, const ByteView* seeds, size_t seed_count, uint8_t* out,
               size_t size);

}  // namespace tls

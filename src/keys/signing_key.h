// ECDSA keys that take a signature half from what was prepared for the handshake, when there is one.
//
// Used by a server's context for its certificates' keys, and by those that are found by name. The key is a
// copy of OpenSSL's with one function of its own in front: everything else, and every signature without a
// half, is OpenSSL's as before. OpenSSL 3 calls such methods deprecated; it has them in all its versions.
#pragma once

#include "base/openssl.h"
#include "keys/ecdsa_batch.h"

namespace tls {

struct SigningKey {
    UniquePkey key;                          // null: none
    int curve = 0;                           // NID_X9_62_prime256v1 or NID_secp384r1
    uint64_t number = 0;                     // that no other key of this process had or will have
    const BIGNUM* private_number = nullptr;  // of `key`; goes into the nonces
};

// A signing copy of an ECDSA key of P-256 or P-384; empty for any other.
SigningKey make_signing_key(EVP_PKEY* key);

// The same, put into `place` where that has other owners: the public half of `key`, as the certificate has
// it. libssl then has one object for both and does not compare them in each handshake, and memory has one,
// not two. `place` stays as it was when the result is empty.
SigningKey replace_by_signing_key(UniquePkey place, EVP_PKEY* key);

}  // namespace tls

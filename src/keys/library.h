// The library context that our SSL_CTXs live in: this room's provider before OpenSSL's default one. Nothing
// else in the process uses it, so nothing else notices.
//
// Made once a process, before its workers are forked, and kept for the process's life.
#pragma once

#include <openssl/types.h>

#include "base/openssl.h"
#include "base/result.h"
#include "keys/wrapped_key.h"

namespace tls {

// The error says why OpenSSL's own context has to do: this OpenSSL, or how it is configured.
const Result<OSSL_LIB_CTX*>& key_library();

// Another one, where all is OpenSSL's own and only keys can be wrapped: for servers without this module's key
// work whose keys are other threads' all the same.
const Result<OSSL_LIB_CTX*>& wrapping_library();

// A copy of `key` for a context in `library`, one of the above, that waits for signatures (see WrappedKey).
// Null for a key that cannot be wrapped.
UniquePkey wrap_in_library(OSSL_LIB_CTX* library, EVP_PKEY* key, KeyWait wait);

// False for a key in the hands of an engine or of another provider: it signs in OpenSSL's own context only.
bool fits_key_library(const EVP_PKEY* key);

// True when eight operations are made by one call here: then it pays to gather them.
bool has_batches();

}  // namespace tls

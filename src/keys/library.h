// The library context that our SSL_CTXs live in: this room's provider before OpenSSL's default one. Nothing
// else in the process uses it, so nothing else notices.
//
// Made once a process, before its workers are forked, and kept for the process's life.
#pragma once

#include <openssl/types.h>

#include "base/result.h"

namespace tls {

// The error says why OpenSSL's own context has to do: this OpenSSL, or how it is configured.
const Result<OSSL_LIB_CTX*>& key_library();

// False for a key in the hands of an engine or of another provider: it signs in OpenSSL's own context only.
bool fits_key_library(const EVP_PKEY* key);

// True when eight operations are made by one call here: then it pays to gather them.
bool has_batches();

}  // namespace tls

// The provider whose keys are WrappedKeys, as OpenSSL sees it: key management, signatures, and RSA
// decryption.
//
// Used by wrapped_key.cpp. Loaded behind the default provider, so that nothing but wrapped keys comes to it:
// where both offer the same, the one that was loaded first is taken.
#pragma once

#include <openssl/core.h>
#include <openssl/core_dispatch.h>

#include <memory>

#include "keys/wrapped_key.h"

namespace tls {

constexpr char kWrappingProviderName[] = "wrapping";
// A signature algorithm's name of its own: what libssl signs with a wrapped key is found by it.
constexpr char kWrappedSignatureName[] = "WRAPPED-KEY";
// The parameter by which a key is wrapped: a pointer to a WrappedKeyHandle.
constexpr char kWrappedKeyParameter[] = "wrapped-key";

// What OpenSSL holds as a key.
struct WrappedKeyHandle {
    std::shared_ptr<const WrappedKey> key;  // null in an empty one
};

extern const OSSL_DISPATCH kWrappedKeyFunctions[];
extern const OSSL_DISPATCH kWrappedSignatureFunctions[];
extern const OSSL_DISPATCH kWrappedCipherFunctions[];

// OpenSSL's entry to the provider.
int start_wrapping_provider(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH* in,
                            const OSSL_DISPATCH** out, void** context);

}  // namespace tls

// A private key whose signatures may be waited for: libssl holds a key of a provider of ours, which keeps the
// real one behind it.
//
// Used by a server's context for its certificates' keys: RSA, whose signatures are made together, and
// whatever takes so long that another thread is to make it. Keys of type RSA and EC can be wrapped, also
// those in the hands of other providers, but not an engine's.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/bytes.h"
#include "base/openssl.h"
#include "base/result.h"
#include "keys/rsa_batch.h"

namespace tls {

// How signatures of a key are waited for.
enum class KeyWait {
    Batch,   // for others of the same turn of the event loop
    Thread,  // for another thread
};

// What a signature is asked for, beside its message.
struct SignatureTerms {
    std::string digest;  // OpenSSL's name, empty where the key has its own
    bool pss = false;    // RSASSA-PSS with a salt as long as the digest; else PKCS #1 1.5
};

// May be used by several threads, except its numbers and what takes_first() notes.
struct WrappedKey {
    UniquePkey original;
    KeyWait wait = KeyWait::Batch;
    std::unique_ptr<RsaNumbers> numbers;  // for Batch

    // True once a process, in the worker's own thread. Some providers make a key ready in each process when
    // it signs first, and fail where threads have them do that side by side (pkcs11-provider 1.0): so that
    // signature is the worker's.
    bool takes_first() const { return !std::exchange(begun_, true); }

    // Signs at once. False, with OpenSSL's errors in this thread's queue, when the key could not.
    bool sign(const SignatureTerms& terms, ByteView message, uint8_t* out, size_t* size) const;
    // The most bytes of a signature.
    size_t max_size() const;

  private:
    mutable bool begun_ = false;
};

// Wraps `key` for libssl in the context `library`, which has the wrapping provider. Null for a key that
// cannot be wrapped, or for which that would bring nothing: Batch is for RSA of 2048, 3072 and 4096 bits in
// memory.
UniquePkey wrap_key(OSSL_LIB_CTX* library, EVP_PKEY* key, KeyWait wait);

// Loads the wrapping provider into a context, behind the default one. False when it cannot be told from that:
// then nothing must be wrapped.
bool load_wrapping_provider(OSSL_LIB_CTX* library);

}  // namespace tls

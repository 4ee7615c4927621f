// Owning handles for libcrypto's objects, and its error queue as text.
//
// Used wherever certificates and keys are held. libssl's objects are not here: only the server room knows
// them.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace tls {

template <class T, void (*Free)(T*)>
struct OpensslDeleter {
    void operator()(T* object) const { Free(object); }
};

inline void free_bio(BIO* bio) {
    BIO_free_all(bio);
}

using UniqueX509 = std::unique_ptr<X509, OpensslDeleter<X509, X509_free>>;
using UniqueCrl = std::unique_ptr<X509_CRL, OpensslDeleter<X509_CRL, X509_CRL_free>>;
using UniqueStore = std::unique_ptr<X509_STORE, OpensslDeleter<X509_STORE, X509_STORE_free>>;
using UniquePkey = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY, EVP_PKEY_free>>;
using UniqueBio = std::unique_ptr<BIO, OpensslDeleter<BIO, free_bio>>;

// A second owner of the same certificate or key (they are counted by reference). Null stays null.
UniqueX509 share(X509* certificate);
UniquePkey share(EVP_PKEY* key);

// Seconds since the epoch; empty for a time that is none.
std::optional<time_t> seconds_of(const ASN1_TIME* time);

// Empties this thread's error queue into one line as nginx prints it: " (SSL: error:…:… error:…)", beginning
// with a space, or an empty string when the queue was empty.
// The codes are appended to `codes`, oldest first, when it is given.
std::string drain_openssl_errors(std::vector<unsigned long>* codes = nullptr);

// nginx's way to say that a call of OpenSSL failed, with the drained queue: `BIO_new_file("x")` gives
// `BIO_new_file("x") failed (SSL: error:8000…)`.
std::string openssl_failure(const std::string& call);

}  // namespace tls

#include "certs/credential.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <utility>

#include "certs/pem.h"
#include "certs/private_key.h"
#include "keys/library.h"

namespace tls {

namespace {

bool issued(const UniqueX509& issuer, const UniqueX509& subject) {
    return X509_check_issued(issuer.get(), subject.get()) == X509_V_OK;
}

// True when the leaf's issuer is in the chain, but not right behind the leaf. A chain that does not hold it
// at all (a cross-signed root's, for instance) is the operator's choice.
bool issuer_out_of_place(const Credential& credential) {
    const std::vector<UniqueX509>& chain = credential.chain;
    if (chain.empty() || issued(chain.front(), credential.leaf)) {
        return false;
    }
    for (size_t i = 1; i < chain.size(); ++i) {
        if (issued(chain[i], credential.leaf)) {
            return true;
        }
    }
    return false;
}

Error out_of_order(const std::string& certificate_source, const std::string& reason) {
    ERR_clear_error();
    return Error{"certificate chain in " + quoted_source(certificate_source) + " is out of order: " + reason};
}

// Why the key is not the leaf's.
Error mismatch(const Credential& credential, const std::string& certificate_source,
               const std::string& key_source, bool* mismatched) {
    const std::string queued = drain_openssl_errors();
    for (const UniqueX509& other : credential.chain) {
        if (X509_check_private_key(other.get(), credential.key.get()) == 1) {
            return out_of_order(certificate_source, "the certificate of key " + quoted_source(key_source) +
                                                        " is not the first one");
        }
    }
    ERR_clear_error();
    *mismatched = true;
    return Error{"X509_check_private_key(" + quoted_source(key_source) +
                 ") failed: the key does not belong to certificate " + quoted_source(certificate_source) +
                 queued};
}

using Assembled = Result<std::shared_ptr<Credential>>;

Assembled assemble(CertificateFile certificates, UniquePkey key, const std::string& certificate_source,
                   const std::string& key_source, bool* mismatched) {
    ERR_clear_error();
    auto credential = std::make_shared<Credential>();
    credential->certificate_source = printable_source(certificate_source);
    credential->key_source = printable_source(key_source);
    credential->leaf = std::move(certificates.leaf);
    credential->not_after = seconds_of(X509_get0_notAfter(credential->leaf.get())).value_or(0);
    credential->chain = std::move(certificates.chain);
    credential->shared_chain = std::move(certificates.shared_chain);
    credential->key = std::move(key);

    *mismatched = false;
    if (X509_check_private_key(credential->leaf.get(), credential->key.get()) != 1) {
        return mismatch(*credential, certificate_source, key_source, mismatched);
    }
    if (issuer_out_of_place(*credential)) {
        return out_of_order(certificate_source,
                            "the second certificate did not issue the first, a later one did");
    }
    ERR_clear_error();
    return credential;
}

Result<std::shared_ptr<const Credential>> finished(Assembled assembled) {
    if (!assembled) {
        return assembled.error();
    }
    return std::shared_ptr<const Credential>(std::move(*assembled));
}

// One key in place of the other and of the certificate's half of it: nobody else has those.
void take_signing_key(Credential* credential) {
    UniquePkey half(X509_get_pubkey(credential->leaf.get()));
    SigningKey signing = replace_by_signing_key(std::move(half), credential->key.get());
    ERR_clear_error();
    if (signing.key != nullptr) {
        credential->key = share(signing.key.get());
        credential->signing = std::move(signing);
    }
}

}  // namespace

Result<std::shared_ptr<const Credential>> load_credential(const std::string& certificate_source,
                                                          const std::string& key_source,
                                                          const std::vector<SecretString>& passwords) {
    ERR_clear_error();
    Result<CertificateFile> certificates = load_certificates(certificate_source);
    if (!certificates) {
        return certificates.error();
    }
    Result<UniquePkey> key = load_private_key(key_source, passwords);
    if (!key) {
        return key.error();
    }

    bool mismatched = false;
    return finished(
        assemble(std::move(*certificates), std::move(*key), certificate_source, key_source, &mismatched));
}

Result<std::shared_ptr<const Credential>> assemble_credential(CertificateFile certificates, UniquePkey key,
                                                              const std::string& certificate_source,
                                                              const std::string& key_source,
                                                              bool* mismatched) {
    Assembled assembled =
        assemble(std::move(certificates), std::move(key), certificate_source, key_source, mismatched);
    if (assembled && has_batches()) {
        take_signing_key(assembled->get());
    }
    return finished(std::move(assembled));
}

std::string credential_digest(const Credential& credential) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    if (X509_digest(credential.leaf.get(), EVP_sha256(), digest, &size) != 1) {
        return {};
    }
    return std::string(reinterpret_cast<const char*>(digest), size);
}

}  // namespace tls

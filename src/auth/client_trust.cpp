#include "auth/client_trust.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <utility>

namespace tls {

namespace {

using UniqueDigest = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX, EVP_MD_CTX_free>>;

void free_infos(STACK_OF(X509_INFO) * infos) {
    sk_X509_INFO_pop_free(infos, X509_INFO_free);
}

using UniqueInfos = std::unique_ptr<STACK_OF(X509_INFO), OpensslDeleter<STACK_OF(X509_INFO), free_infos>>;

Error call_error(const char* call, const std::string& path) {
    return Error{std::string(call) + "(\"" + path + "\") failed" + drain_openssl_errors()};
}

// A pem_password_cb: what is trusted is not secret, and nothing is ever asked on a terminal.
int refuse_password(char*, int, int, void*) {
    return -1;
}

// SHA-256 over roles and DER.
class TrustDigest {
  public:
    bool begin() {
        context_.reset(EVP_MD_CTX_new());
        return context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
    }

    bool add(const void* bytes, size_t size) { return EVP_DigestUpdate(context_.get(), bytes, size) == 1; }

    // All certificates and revocation lists of a PEM file, in order.
    bool add_file(const std::string& path) {
        const UniqueBio bio(BIO_new_file(path.c_str(), "r"));
        if (bio == nullptr) {
            return false;
        }
        const UniqueInfos infos(PEM_X509_INFO_read_bio(bio.get(), nullptr, refuse_password, nullptr));
        if (infos == nullptr) {
            return false;
        }
        for (int i = 0; i < sk_X509_INFO_num(infos.get()); ++i) {
            if (!add_info(sk_X509_INFO_value(infos.get(), i))) {
                return false;
            }
        }
        return true;
    }

    std::string finish() {
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned int size = 0;
        if (EVP_DigestFinal_ex(context_.get(), digest, &size) != 1) {
            return {};
        }
        return std::string(reinterpret_cast<const char*>(digest), size);
    }

  private:
    bool add_info(const X509_INFO* info) {
        if (info->x509 != nullptr && !add_der(i2d_X509, info->x509)) {
            return false;
        }
        return info->crl == nullptr || add_der(i2d_X509_CRL, info->crl);
    }

    template <class Encode, class T>
    bool add_der(Encode encode, T* object) {
        unsigned char* der = nullptr;
        const int size = encode(object, &der);
        const bool added = size > 0 && add(der, static_cast<size_t>(size));
        OPENSSL_free(der);
        return added;
    }

    UniqueDigest context_;
};

bool same_name(const UniqueX509& a, const UniqueX509& b) {
    return X509_NAME_cmp(X509_get_subject_name(a.get()), X509_get_subject_name(b.get())) == 0;
}

// The file's certificates, one for each name, like libssl's SSL_load_client_CA_file(): it ends at the first
// thing that is not a certificate, and only a file without any is an error.
std::vector<UniqueX509> read_announced(const std::string& path) {
    std::vector<UniqueX509> announced;
    const UniqueBio bio(BIO_new_file(path.c_str(), "r"));
    while (bio != nullptr) {
        UniqueX509 next(PEM_read_bio_X509(bio.get(), nullptr, refuse_password, nullptr));
        if (next == nullptr) {
            break;
        }
        bool known = false;
        for (const UniqueX509& earlier : announced) {
            known = known || same_name(earlier, next);
        }
        if (!known) {
            announced.push_back(std::move(next));
        }
    }
    return announced;
}

// Nothing when it worked.
Result<void> load_trusted(X509_STORE* store, const std::string& path) {
    if (X509_STORE_load_file(store, path.c_str()) != 1) {
        return call_error("SSL_CTX_load_verify_locations", path);
    }
    // It may leave errors in the queue while it succeeds.
    ERR_clear_error();
    return {};
}

Result<void> load_revoked(X509_STORE* store, const std::string& path) {
    X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    if (lookup == nullptr) {
        return Error{"X509_STORE_add_lookup() failed" + drain_openssl_errors()};
    }
    if (X509_LOOKUP_load_file(lookup, path.c_str(), X509_FILETYPE_PEM) == 0) {
        return call_error("X509_LOOKUP_load_file", path);
    }
    X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    ERR_clear_error();
    return {};
}

// Which file a digest's next bytes are from, so that the same certificate in another role is another digest.
bool digest_files(const ClientTrustFiles& files, std::string* digest) {
    TrustDigest trust;
    if (!trust.begin()) {
        return false;
    }
    const std::pair<char, const std::string*> roles[] = {
        {'c', &files.client_certificate},
        {'t', &files.trusted_certificate},
        {'r', &files.crl},
    };
    for (const auto& [role, path] : roles) {
        if (!trust.add(&role, 1) || (!path->empty() && !trust.add_file(*path))) {
            return false;
        }
    }
    *digest = trust.finish();
    return !digest->empty();
}

}  // namespace

Result<std::shared_ptr<const ClientTrust>> load_client_trust(const ClientTrustFiles& files) {
    ERR_clear_error();
    auto trust = std::make_shared<ClientTrust>();
    trust->store.reset(X509_STORE_new());
    if (trust->store == nullptr) {
        return Error{"X509_STORE_new() failed" + drain_openssl_errors()};
    }

    if (!files.client_certificate.empty()) {
        const Result<void> loaded = load_trusted(trust->store.get(), files.client_certificate);
        if (!loaded) {
            return loaded.error();
        }
        trust->announced = read_announced(files.client_certificate);
        if (trust->announced.empty()) {
            return call_error("SSL_load_client_CA_file", files.client_certificate);
        }
        ERR_clear_error();
    }
    if (!files.trusted_certificate.empty()) {
        const Result<void> loaded = load_trusted(trust->store.get(), files.trusted_certificate);
        if (!loaded) {
            return loaded.error();
        }
    }
    if (!files.crl.empty()) {
        const Result<void> loaded = load_revoked(trust->store.get(), files.crl);
        if (!loaded) {
            return loaded.error();
        }
    }
    if (!digest_files(files, &trust->digest)) {
        return Error{"reading client certificates a second time failed" + drain_openssl_errors()};
    }
    return std::shared_ptr<const ClientTrust>(std::move(trust));
}

bool is_optional_verify_error(long verify_result) {
    switch (verify_result) {
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_CERT_UNTRUSTED:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return true;
        default:
            return false;
    }
}

}  // namespace tls

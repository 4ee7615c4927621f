#include "certs/issuing.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace tls {

namespace {

constexpr time_t kEarlier = 3600;  // for clients whose clock is behind
constexpr time_t kAuthorityLife = time_t{3650} * 86400;
constexpr size_t kMaxCommonName = 64;  // RFC 5280, ub-common-name

using UniqueExtension = std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION, X509_EXTENSION_free>>;
using UniqueNumber = std::unique_ptr<BIGNUM, OpensslDeleter<BIGNUM, BN_free>>;

Error failure(const char* call) {
    return Error{openssl_failure(call)};
}

// 128 random bits; zero, which RFC 5280 forbids, does not happen.
bool set_serial(X509* certificate) {
    const UniqueNumber number(BN_new());
    return number != nullptr && BN_rand(number.get(), 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const UniqueExtension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_common_name(X509* certificate, const std::string& name) {
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(name.data()),
                                      static_cast<int>(name.size()), -1, 0) == 1;
}

// Everything but names and extensions.
UniqueX509 begin_certificate(EVP_PKEY* key, time_t begin, time_t end) {
    UniqueX509 made(X509_new());
    const bool is_good = made != nullptr && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
                         set_serial(made.get()) && X509_set_pubkey(made.get(), key) == 1 &&
                         ASN1_TIME_set(X509_getm_notBefore(made.get()), begin) != nullptr &&
                         ASN1_TIME_set(X509_getm_notAfter(made.get()), end) != nullptr;
    return is_good ? std::move(made) : nullptr;
}

std::string eight_hex_digits() {
    unsigned char bytes[4];
    char text[2 * sizeof(bytes) + 1];
    if (RAND_bytes(bytes, sizeof(bytes)) != 1 ||
        OPENSSL_buf2hexstr_ex(text, sizeof(text), nullptr, bytes, sizeof(bytes), '\0') != 1) {
        return {};
    }
    return text;
}

}  // namespace

Result<UniquePkey> make_issuing_key() {
    UniquePkey key(EVP_EC_gen("P-256"));
    if (key == nullptr) {
        return failure("EVP_EC_gen(\"P-256\")");
    }
    return key;
}

Result<UniqueX509> make_authority_certificate(EVP_PKEY* key, time_t now) {
    UniqueX509 made = begin_certificate(key, now - kEarlier, now - kEarlier + kAuthorityLife);
    const std::string digits = eight_hex_digits();
    const bool is_good =
        made != nullptr && !digits.empty() &&
        set_common_name(made.get(), "nginx tls internal authority " + digits) &&
        X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) == 1 &&
        add_extension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
        add_extension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign,cRLSign") &&
        add_extension(made.get(), made.get(), NID_subject_key_identifier, "hash") &&
        add_extension(made.get(), made.get(), NID_authority_key_identifier, "keyid:always");
    if (!is_good || X509_sign(made.get(), key, EVP_sha256()) <= 0) {
        return failure("making the internal authority's certificate");
    }
    return made;
}

Result<UniqueX509> make_leaf_certificate(EVP_PKEY* key, const std::string& name, bool is_address, time_t now,
                                         time_t life, X509* authority, EVP_PKEY* authority_key) {
    UniqueX509 made = begin_certificate(key, now - kEarlier, now + life);
    if (made != nullptr &&
        ASN1_TIME_compare(X509_get0_notAfter(authority), X509_get0_notAfter(made.get())) < 0) {
        X509_set1_notAfter(made.get(), X509_get0_notAfter(authority));
    }
    // RFC 5280 section 4.2.1.6: without a subject, its alternative is critical.
    const bool has_subject = name.size() <= kMaxCommonName;
    const std::string alternative =
        std::string(has_subject ? "" : "critical,") + (is_address ? "IP:" : "DNS:") + name;
    const bool is_good = made != nullptr && (!has_subject || set_common_name(made.get(), name)) &&
                         X509_set_issuer_name(made.get(), X509_get_subject_name(authority)) == 1 &&
                         add_extension(made.get(), authority, NID_subject_alt_name, alternative) &&
                         add_extension(made.get(), authority, NID_basic_constraints, "critical,CA:FALSE") &&
                         add_extension(made.get(), authority, NID_key_usage, "critical,digitalSignature") &&
                         add_extension(made.get(), authority, NID_ext_key_usage, "serverAuth") &&
                         add_extension(made.get(), authority, NID_subject_key_identifier, "hash") &&
                         add_extension(made.get(), authority, NID_authority_key_identifier, "keyid:always");
    if (!is_good || X509_sign(made.get(), authority_key, EVP_sha256()) <= 0) {
        return failure("making an internal certificate");
    }
    return made;
}

}  // namespace tls

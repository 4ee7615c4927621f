#include "issuer.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>

#include "options.h"

namespace bench {
namespace {

constexpr long kDay = 24 * 3600;

void must(bool done, const char* what) {
    if (!done) {
        die(std::string(what) + ": " + ERR_error_string(ERR_peek_last_error(), nullptr));
    }
}

tls::UniquePkey make_key(KeyKind kind) {
    const size_t bits = kind == KeyKind::Rsa ? 2048 : 4096;
    tls::UniquePkey key(kind == KeyKind::Ecdsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                               : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits));
    must(key != nullptr, "EVP_PKEY_Q_keygen");
    return key;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context = {};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, value.c_str());
    X509_EXTENSION_free(extension);
}

// All but the extensions, the issuer's name and the signature.
tls::UniqueX509 begin_certificate(const std::string& name, uint64_t serial, long days, EVP_PKEY* key) {
    tls::UniqueX509 certificate(X509_new());
    X509* raw = certificate.get();
    must(raw != nullptr && X509_set_version(raw, X509_VERSION_3) == 1, "X509_new");
    must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(raw), serial) == 1, "serial number");
    X509_gmtime_adj(X509_getm_notBefore(raw), -kDay);
    X509_gmtime_adj(X509_getm_notAfter(raw), days * kDay);
    // A common name is at most 64 characters long (RFC 5280): long host names stand in subjectAltName only.
    const auto* text = reinterpret_cast<const unsigned char*>(name.c_str());
    if (name.size() <= 64) {
        must(
            X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1,
            "subject");
    }
    must(X509_set_pubkey(raw, key) == 1, "X509_set_pubkey");
    return certificate;
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return std::string(data, static_cast<size_t>(size));
}

std::string pem_of(X509* certificate) {
    const tls::UniqueBio bio(BIO_new(BIO_s_mem()));
    must(bio && PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM_write_bio_X509");
    return text_of(bio.get());
}

std::string pem_of(EVP_PKEY* key) {
    const tls::UniqueBio bio(BIO_new(BIO_s_mem()));
    must(bio && PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "PEM_write_bio_PrivateKey");
    return text_of(bio.get());
}

tls::UniqueX509 make_authority(EVP_PKEY* key) {
    uint32_t serial = 0;
    must(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial)) == 1, "RAND_bytes");
    tls::UniqueX509 certificate = begin_certificate("bench CA", uint64_t{serial} + 1, 365, key);
    X509* raw = certificate.get();
    must(X509_set_issuer_name(raw, X509_get_subject_name(raw)) == 1, "issuer");
    add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(raw, raw, NID_subject_key_identifier, "hash");
    must(X509_sign(raw, key, EVP_sha256()) > 0, "X509_sign");
    return certificate;
}

// Null when there is none that lasts.
tls::UniqueX509 read_authority(const std::string& path, tls::UniquePkey* key) {
    const tls::UniqueBio bio(BIO_new_file(path.c_str(), "r"));
    if (!bio) {
        return nullptr;
    }
    tls::UniqueX509 certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    key->reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
    time_t in_a_week = time(nullptr) + 7 * kDay;
    if (!certificate || !*key || X509_cmp_time(X509_get0_notAfter(certificate.get()), &in_a_week) <= 0) {
        return nullptr;
    }
    return certificate;
}

void write_authority(const std::string& path, X509* certificate, EVP_PKEY* key) {
    const std::string fresh = path + ".new";
    const mode_t before = umask(077);
    FILE* file = std::fopen(fresh.c_str(), "w");
    umask(before);
    if (file == nullptr) {
        die_errno("\"" + fresh + "\"");
    }
    const std::string text = pem_of(certificate) + pem_of(key);
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    if (std::fclose(file) != 0 || !written || std::rename(fresh.c_str(), path.c_str()) != 0) {
        die_errno("\"" + path + "\"");
    }
}

}  // namespace

Issuer Issuer::load_or_make(const std::string& path) {
    Issuer issuer;
    issuer.certificate_ = read_authority(path, &issuer.key_);
    if (!issuer.certificate_) {
        issuer.key_ = make_key(KeyKind::Ecdsa);
        issuer.certificate_ = make_authority(issuer.key_.get());
        write_authority(path, issuer.certificate_.get(), issuer.key_.get());
    }
    return issuer;
}

Pair Issuer::issue(const std::string& name, uint64_t serial, KeyKind kind) const {
    const tls::UniquePkey key = make_key(kind);
    const tls::UniqueX509 certificate = begin_certificate(name, serial, 90, key.get());
    X509* raw = certificate.get();
    must(X509_set_issuer_name(raw, X509_get_subject_name(certificate_.get())) == 1, "issuer");
    add_extension(raw, certificate_.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(raw, certificate_.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(raw, certificate_.get(), NID_ext_key_usage, "serverAuth");
    add_extension(raw, certificate_.get(), NID_subject_key_identifier, "hash");
    add_extension(raw, certificate_.get(), NID_authority_key_identifier, "keyid");
    add_extension(raw, certificate_.get(), NID_subject_alt_name, "DNS:" + name);
    must(X509_sign(raw, key_.get(), EVP_sha256()) > 0, "X509_sign");
    return {pem_of(raw), pem_of(key.get())};
}

}  // namespace bench

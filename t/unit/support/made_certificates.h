// Keys, certificates and revocation lists made in memory. Whatever cannot be made ends the test program.
#pragma once

#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/openssl.h"

namespace tls::test {

inline void need(bool made) {
    if (!made) {
        abort();
    }
}

inline UniquePkey make_ec_key() {
    UniquePkey key(EVP_EC_gen("P-256"));
    need(key != nullptr);
    return key;
}

inline UniquePkey make_rsa_key() {
    UniquePkey key(EVP_RSA_gen(2048));
    need(key != nullptr);
    return key;
}

inline UniquePkey make_ed25519_key() {
    UniquePkey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    need(key != nullptr);
    return key;
}

// One that signs, or is signed.
struct Party {
    UniquePkey key;
    UniqueX509 certificate;
};

struct CertificateWish {
    std::vector<std::pair<const char*, const char*>> subject = {{"CN", "localhost"}};
    bool authority = false;
    long serial = 1;
    time_t not_before = 1700000000;  // 2023-11-14 22:13:20
    time_t not_after = 4000000000;   // 2096-10-02 07:06:40
};

inline void add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    need(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

// Signed by `issuer`, or by itself when that is null.
inline UniqueX509 make_certificate(EVP_PKEY* key, const CertificateWish& wish,
                                   const Party* issuer = nullptr) {
    UniqueX509 made(X509_new());
    need(made != nullptr && X509_set_version(made.get(), 2) == 1);
    need(ASN1_INTEGER_set(X509_get_serialNumber(made.get()), wish.serial) == 1);
    need(ASN1_TIME_set(X509_getm_notBefore(made.get()), wish.not_before) != nullptr);
    need(ASN1_TIME_set(X509_getm_notAfter(made.get()), wish.not_after) != nullptr);
    X509_NAME* name = X509_NAME_new();
    need(name != nullptr);
    for (const auto& [field, value] : wish.subject) {
        const auto* text = reinterpret_cast<const unsigned char*>(value);
        need(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, text, -1, -1, 0) == 1);
    }
    need(X509_set_subject_name(made.get(), name) == 1);
    X509* parent = issuer != nullptr ? issuer->certificate.get() : made.get();
    need(X509_set_issuer_name(made.get(), issuer != nullptr ? X509_get_subject_name(parent) : name) == 1);
    X509_NAME_free(name);
    need(X509_set_pubkey(made.get(), key) == 1);
    add_extension(made.get(), parent, NID_subject_key_identifier, "hash");
    add_extension(made.get(), parent, NID_authority_key_identifier, "keyid");
    if (wish.authority) {
        add_extension(made.get(), parent, NID_basic_constraints, "critical,CA:TRUE");
        add_extension(made.get(), parent, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    EVP_PKEY* signer = issuer != nullptr ? issuer->key.get() : key;
    const EVP_MD* digest = EVP_PKEY_is_a(signer, "ED25519") == 1 ? nullptr : EVP_sha256();
    need(X509_sign(made.get(), signer, digest) > 0);
    return made;
}

inline Party make_authority(const char* name, const Party* issuer = nullptr) {
    Party party;
    party.key = make_ec_key();
    CertificateWish wish;
    wish.subject = {{"CN", name}};
    wish.authority = true;
    party.certificate = make_certificate(party.key.get(), wish, issuer);
    return party;
}

inline Party make_leaf(UniquePkey key, const Party* issuer = nullptr, const char* name = "localhost",
                       long serial = 2) {
    Party party;
    CertificateWish wish;
    wish.subject = {{"CN", name}};
    wish.serial = serial;
    party.key = std::move(key);
    party.certificate = make_certificate(party.key.get(), wish, issuer);
    return party;
}

// A list of the authority that revokes the given serial numbers.
inline UniqueCrl make_crl(const Party& authority, const std::vector<long>& serials) {
    UniqueCrl list(X509_CRL_new());
    need(list != nullptr && X509_CRL_set_version(list.get(), 1) == 1);
    need(X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(authority.certificate.get())) == 1);
    ASN1_TIME* time = ASN1_TIME_set(nullptr, 1700000000);
    need(X509_CRL_set1_lastUpdate(list.get(), time) == 1);
    for (const long serial : serials) {
        X509_REVOKED* revoked = X509_REVOKED_new();
        ASN1_INTEGER* number = ASN1_INTEGER_new();
        need(ASN1_INTEGER_set(number, serial) == 1 && X509_REVOKED_set_serialNumber(revoked, number) == 1);
        need(X509_REVOKED_set_revocationDate(revoked, time) == 1);
        need(X509_CRL_add0_revoked(list.get(), revoked) == 1);
        ASN1_INTEGER_free(number);
    }
    ASN1_TIME_set(time, 4000000000);
    need(X509_CRL_set1_nextUpdate(list.get(), time) == 1);
    ASN1_TIME_free(time);
    need(X509_CRL_sign(list.get(), authority.key.get(), EVP_sha256()) > 0);
    return list;
}

template <class Write>
std::string written(Write write) {
    const UniqueBio bio(BIO_new(BIO_s_mem()));
    need(bio != nullptr && write(bio.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return std::string(data, static_cast<size_t>(size));
}

inline std::string pem_text(const UniqueX509& certificate) {
    return written([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate.get()); });
}

inline std::string pem_text(const UniqueCrl& list) {
    return written([&](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list.get()); });
}

// PKCS#8, encrypted when there is a password.
inline std::string pem_text(const UniquePkey& key, std::string_view password = {}) {
    return written([&](BIO* bio) {
        const auto* text = reinterpret_cast<const unsigned char*>(password.data());
        const EVP_CIPHER* cipher = password.empty() ? nullptr : EVP_aes_128_cbc();
        return PEM_write_bio_PKCS8PrivateKey(bio, key.get(), cipher, reinterpret_cast<const char*>(text),
                                             static_cast<int>(password.size()), nullptr, nullptr);
    });
}

// The older form with its "Proc-Type: 4,ENCRYPTED" header.
inline std::string traditional_pem_text(const UniquePkey& key, std::string_view password) {
    return written([&](BIO* bio) {
        const auto* text = reinterpret_cast<const unsigned char*>(password.data());
        return PEM_write_bio_PrivateKey_traditional(bio, key.get(), EVP_aes_128_cbc(), text,
                                                    static_cast<int>(password.size()), nullptr, nullptr);
    });
}

}  // namespace tls::test

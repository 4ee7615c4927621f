#include "auth/identity.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/hex.h"

namespace tls {

namespace {

constexpr time_t kDay = 86400;

// What `print` writes into a BIO; whatever it wrote, as nginx takes it, unless it returns false.
template <class Print>
std::string printed(Print print) {
    const UniqueBio bio(BIO_new(BIO_s_mem()));
    std::string text;
    if (bio != nullptr && print(bio.get())) {
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio.get(), &data);
        if (size > 0) {
            text.assign(data, static_cast<size_t>(size));
        }
    }
    ERR_clear_error();
    return text;
}

std::string rfc2253(const X509_NAME* name) {
    return printed([name](BIO* bio) {
        return name != nullptr && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0;
    });
}

std::string one_line(const X509_NAME* name) {
    char* line = name != nullptr ? X509_NAME_oneline(name, nullptr, 0) : nullptr;
    if (line == nullptr) {
        ERR_clear_error();
        return {};
    }
    std::string text(line);
    OPENSSL_free(line);
    return text;
}

std::string fingerprint(const X509* certificate, const EVP_MD* digest) {
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    std::string text;
    if (X509_digest(certificate, digest, bytes, &size) != 1) {
        ERR_clear_error();
        return text;
    }
    append_hex(&text, ByteView(bytes, size));
    return text;
}

std::string printed_time(const ASN1_TIME* time) {
    return printed([time](BIO* bio) {
        // A malformed one prints as "Bad time value", and nginx shows that.
        ASN1_TIME_print(bio, time);
        return true;
    });
}

std::string text_of(const ASN1_STRING* string) {
    const unsigned char* data = string != nullptr ? ASN1_STRING_get0_data(string) : nullptr;
    return data == nullptr ? std::string()
                           : std::string(reinterpret_cast<const char*>(data),
                                         static_cast<size_t>(ASN1_STRING_length(string)));
}

std::string common_name(const X509_NAME* subject) {
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    return at < 0 ? std::string() : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string subject_dn(const X509* certificate) {
    return rfc2253(X509_get_subject_name(certificate));
}

std::string issuer_dn(const X509* certificate) {
    return rfc2253(X509_get_issuer_name(certificate));
}

std::string subject_dn_legacy(const X509* certificate) {
    return one_line(X509_get_subject_name(certificate));
}

std::string issuer_dn_legacy(const X509* certificate) {
    return one_line(X509_get_issuer_name(certificate));
}

std::string serial_number(X509* certificate) {
    return printed([certificate](BIO* bio) {
        i2a_ASN1_INTEGER(bio, X509_get0_serialNumber(certificate));
        return true;
    });
}

std::string fingerprint_sha1(const X509* certificate) {
    return fingerprint(certificate, EVP_sha1());
}

std::string fingerprint_sha256(const X509* certificate) {
    return fingerprint(certificate, EVP_sha256());
}

std::string valid_from(const X509* certificate) {
    return printed_time(X509_get0_notBefore(certificate));
}

std::string valid_until(const X509* certificate) {
    return printed_time(X509_get0_notAfter(certificate));
}

std::string valid_remaining_days(const X509* certificate, time_t now) {
    const std::optional<time_t> end = seconds_of(X509_get0_notAfter(certificate));
    if (!end) {
        ERR_clear_error();
        return {};
    }
    return *end < now + kDay ? "0" : std::to_string((*end - now) / kDay);
}

std::string main_name(const X509* certificate) {
    std::string name;
    auto* alternatives =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; name.empty() && i < sk_GENERAL_NAME_num(alternatives); ++i) {
        const GENERAL_NAME* alternative = sk_GENERAL_NAME_value(alternatives, i);
        if (alternative->type == GEN_DNS) {
            name = text_of(alternative->d.dNSName);
        }
    }
    GENERAL_NAMES_free(alternatives);
    if (name.empty()) {
        name = common_name(X509_get_subject_name(certificate));
    }
    ERR_clear_error();
    return name.empty() ? subject_dn(certificate) : name;
}

std::string pem(X509* certificate) {
    return printed([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate) == 1; });
}

std::string pem_with_tabs(X509* certificate) {
    std::string text = pem(certificate);
    if (!text.empty()) {
        text.pop_back();
    }
    std::string tabbed;
    for (const char c : text) {
        tabbed.push_back(c);
        if (c == '\n') {
            tabbed.push_back('\t');
        }
    }
    return tabbed;
}

std::string pem_escaped(X509* certificate) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : pem(certificate)) {
        if (is_unreserved(c)) {
            escaped.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        escaped.push_back('%');
        escaped.push_back(kHex[byte >> 4]);
        escaped.push_back(kHex[byte & 0xf]);
    }
    return escaped;
}

std::string verify_verdict(const X509* certificate, long verify_result) {
    if (certificate == nullptr) {
        return "NONE";
    }
    if (verify_result == X509_V_OK) {
        return "SUCCESS";
    }
    return std::string("FAILED:") + X509_verify_cert_error_string(verify_result);
}

std::string key_type(const X509* certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate);
    if (key == nullptr) {
        return {};
    }
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA:
        case EVP_PKEY_RSA_PSS:
            return "RSA";
        case EVP_PKEY_EC:
            return "ECDSA";
        case EVP_PKEY_ED25519:
            return "Ed25519";
        case EVP_PKEY_ED448:
            return "Ed448";
        default: {
            const char* name = EVP_PKEY_get0_type_name(key);
            return name != nullptr ? name : std::string();
        }
    }
}

}  // namespace tls

#include "certs/set_builder.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <optional>
#include <utility>

#include "certs/pem.h"
#include "certs/private_key.h"

namespace tls {

namespace {

using Status = CredentialSource::Status;

std::string date_of(time_t time) {
    struct tm parts {};
    char text[64];
    gmtime_r(&time, &parts);
    return std::string(text, strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &parts));
}

// Of the certificate's key; EVP_PKEY_NONE when it is none that libcrypto knows.
int key_type(X509* certificate) {
    EVP_PKEY* const key = X509_get0_pubkey(certificate);
    return key != nullptr ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
}

// A name that a wildcard covers, or the name itself.
std::string example_of(const std::string& host) {
    return host.compare(0, 2, "*.") == 0 ? "www" + host.substr(1) : host;
}

}  // namespace

SetBuilder::SetBuilder(std::string name, std::string host, time_t now,
                       const std::vector<SecretString>& passwords, ChainPool* pool)
    : host_(std::move(host)),
      now_(now),
      passwords_(passwords),
      pool_(pool),
      set_(std::make_shared<CredentialSet>()) {
    set_->set_name(std::move(name));
}

void SetBuilder::fail(const PairText& pair, bool unready, std::string error) {
    answer_.faults.push_back({printable_source(pair.certificate_source), unready, std::move(error)});
}

void SetBuilder::add(const PairText& pair) {
    // certbot makes its links anew one after the other: for a moment either half is not there.
    if (pair.absent == PairText::Absent::Certificate) {
        return fail(pair, true,
                    "key " + quoted_source(pair.key_source) + " has no certificate " +
                        quoted_source(pair.certificate_source));
    }
    has_certificates_ = true;
    if (!pair.refused.empty()) {
        return fail(pair, false, pair.refused);
    }
    if (pair.absent == PairText::Absent::Key) {
        return fail(pair, true,
                    "certificate " + quoted_source(pair.certificate_source) + " has no key " +
                        quoted_source(pair.key_source));
    }
    ERR_clear_error();
    Result<CertificateFile> certificates =
        parse_certificates(pair.certificate, pair.certificate_source, pool_);
    if (!certificates) {
        return fail(pair, false, certificates.error().message);
    }
    Result<UniquePkey> key =
        parse_private_key(pair.key, key_type(certificates->leaf.get()), pair.key_source, passwords_);
    if (!key) {
        return fail(pair, false, key.error().message);
    }
    bool mismatched = false;
    const auto credential = assemble_credential(std::move(*certificates), std::move(*key),
                                                pair.certificate_source, pair.key_source, &mismatched);
    if (!credential && mismatched && pair.certificate_source != pair.key_source) {
        return fail(pair, true,
                    "certificate " + quoted_source(pair.certificate_source) + " and key " +
                        quoted_source(pair.key_source) + " do not match");
    }
    if (!credential) {
        return fail(pair, false, credential.error().message);
    }
    if (is_in_time(pair, (*credential)->leaf.get()) && is_another_type(**credential)) {
        check_host(**credential);
        set_->credentials.push_back(*credential);
    }
}

// RFC 5280 section 4.1.2.5: both ends belong to the time.
bool SetBuilder::is_in_time(const PairText& pair, X509* leaf) {
    const std::string certificate = "certificate " + quoted_source(pair.certificate_source);
    const std::optional<time_t> begin = seconds_of(X509_get0_notBefore(leaf));
    const std::optional<time_t> end = seconds_of(X509_get0_notAfter(leaf));
    if (!begin || !end) {
        fail(pair, false, certificate + " has no valid dates");
        return false;
    }
    if (now_ > *end) {
        has_expired_ = true;
        fail(pair, false, certificate + " expired on " + date_of(*end));
        return false;
    }
    if (now_ < *begin) {
        answer_.warnings.push_back(certificate + " is not valid before " + date_of(*begin));
    }
    if (answer_.until == 0 || *end + 1 < answer_.until) {
        answer_.until = *end + 1;
    }
    return true;
}

// libssl has one place for each type.
bool SetBuilder::is_another_type(const Credential& credential) {
    for (const auto& other : set_->credentials) {
        if (EVP_PKEY_get_base_id(other->key.get()) == EVP_PKEY_get_base_id(credential.key.get())) {
            answer_.warnings.push_back("certificate \"" + credential.certificate_source +
                                       "\" is not used, its key is of the same type as that of \"" +
                                       other->certificate_source + "\"");
            return false;
        }
    }
    return true;
}

void SetBuilder::check_host(const Credential& credential) {
    if (host_.empty()) {
        return;
    }
    const std::string example = example_of(host_);
    if (X509_check_host(credential.leaf.get(), example.data(), example.size(), 0, nullptr) != 1) {
        answer_.warnings.push_back("certificate \"" + credential.certificate_source + "\" does not cover \"" +
                                   host_ + "\"");
    }
    ERR_clear_error();
}

CredentialSource::Answer SetBuilder::finish(CredentialSource::Stamp stamp) {
    answer_.stamp = std::move(stamp);
    if (!set_->credentials.empty()) {
        answer_.status = Status::Found;
        answer_.set = std::move(set_);
        return std::move(answer_);
    }
    answer_.until = 0;
    if (answer_.faults.empty()) {
        return std::move(answer_);
    }
    answer_.status = has_certificates_ ? Status::Unready : Status::Begun;
    for (const CredentialSource::Fault& fault : answer_.faults) {
        answer_.error += (answer_.error.empty() ? "" : "; ") + fault.error;
        if (!fault.unready) {
            answer_.status = Status::Broken;
        }
    }
    answer_.faults.clear();
    if (has_expired_) {
        answer_.stamp += "expired";
    }
    return std::move(answer_);
}

}  // namespace tls

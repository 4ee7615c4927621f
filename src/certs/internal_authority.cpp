#include "certs/internal_authority.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/files.h"
#include "certs/issuing.h"
#include "certs/kept_file.h"
#include "certs/pem.h"
#include "certs/private_key.h"

namespace tls {

namespace {

constexpr time_t kLeafLife = time_t{7} * 86400;
constexpr size_t kMaxFile = size_t{1} << 16;
constexpr size_t kMaxName = 253;

Error authority_error(const std::string& reason) {
    return Error{"internal certificate authority: " + reason};
}

bool is_address(const std::string& name) {
    in6_addr address;  // room for either family
    return inet_pton(AF_INET, name.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

// What may stand in a certificate that we sign, and in OpenSSL's syntax for it.
bool is_dns_name(std::string_view name) {
    if (name.empty() || name.size() > kMaxName || name.front() == '.' || name.back() == '.' ||
        name.find("..") != name.npos) {
        return false;
    }
    for (const char letter : name) {
        const bool is_safe = (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ||
                             letter == '.' || letter == '-' || letter == '_';
        if (!is_safe) {
            return false;
        }
    }
    return true;
}

bool is_issuable(const std::string& name) {
    return is_address(name) || is_dns_name(name);
}

SecretString pem_of(const UniqueBio& bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return SecretString(std::string(text, static_cast<size_t>(size)));
}

Result<SecretString> pem_of(EVP_PKEY* key) {
    const UniqueBio bio(BIO_new(BIO_s_secmem()));
    if (bio == nullptr ||
        PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        return Error{openssl_failure("PEM_write_bio_PrivateKey()")};
    }
    return pem_of(bio);
}

Result<SecretString> pem_of(X509* certificate) {
    const UniqueBio bio(BIO_new(BIO_s_mem()));
    if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) {
        return Error{openssl_failure("PEM_write_bio_X509()")};
    }
    return pem_of(bio);
}

bool exists(const std::string& path) {
    struct stat seen {};
    return lstat(path.c_str(), &seen) == 0;
}

// The key's file; ok() and empty text when there is none.
Result<SecretString> read_key(const std::string& path) {
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat seen {};
    if (!file.ok() || fstat(file.get(), &seen) == -1) {
        if (errno == ENOENT) {
            return SecretString();
        }
        return Error{system_failure("open()", path, errno)};
    }
    if (!S_ISREG(seen.st_mode)) {
        return Error{"\"" + path + "\" is not a regular file"};
    }
    if ((seen.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        char mode[8];
        snprintf(mode, sizeof(mode), "%04o", static_cast<unsigned>(seen.st_mode & 07777));
        return Error{"the key \"" + path + "\" is open to other users (its mode is " + mode +
                     ", 0600 is needed)"};
    }
    int failure = 0;
    SecretString text = read_rest(file.get(), static_cast<size_t>(seen.st_size), kMaxFile, &failure);
    if (failure != 0) {
        return Error{system_failure("read()", path, failure)};
    }
    if (text.value().empty()) {
        return Error{"the key \"" + path + "\" is empty"};
    }
    return text;
}

// The key of everybody: the one that is there, or ours if we are the first.
Result<UniquePkey> agree_on_key(const std::string& path, const std::string& certificate_path) {
    Result<SecretString> text = read_key(path);
    if (text && text->value().empty()) {
        // The key always comes first. Once more, because somebody may have made both by now.
        if (exists(certificate_path) && !exists(path)) {
            return Error{"\"" + certificate_path + "\" is there, but its key \"" + path +
                         "\" is not: restore it, or remove the certificate to have a new authority made"};
        }
        Result<UniquePkey> key = make_issuing_key();
        if (!key) {
            return key.error();
        }
        const Result<SecretString> pem = pem_of(key->get());
        if (!pem) {
            return pem.error();
        }
        const Result<void> kept = keep_file(path, pem->value(), 0600);
        if (!kept) {
            return kept.error();
        }
        text = read_key(path);
    }
    if (!text) {
        return text.error();
    }
    return parse_private_key(text->value(), EVP_PKEY_EC, path, {});
}

// The same for the certificate, to the key that was agreed on.
Result<UniqueX509> agree_on_certificate(const std::string& path, EVP_PKEY* key, time_t now) {
    if (!exists(path)) {
        Result<UniqueX509> made = make_authority_certificate(key, now);
        if (!made) {
            return made.error();
        }
        const Result<SecretString> pem = pem_of(made->get());
        if (!pem) {
            return pem.error();
        }
        const Result<void> kept = keep_file(path, pem->value(), 0644);
        if (!kept) {
            return kept.error();
        }
    }
    Result<CertificateFile> file = load_certificates(path);
    if (!file) {
        return file.error();
    }
    return std::move(file->leaf);
}

// Empty when the two are an authority.
std::string flaw_of(X509* certificate, EVP_PKEY* key, const std::string& certificate_path,
                    const std::string& key_path, time_t now) {
    if (X509_check_private_key(certificate, key) != 1) {
        return "the key \"" + key_path + "\" does not belong to \"" + certificate_path + "\"" +
               drain_openssl_errors();
    }
    if (X509_check_ca(certificate) != 1) {
        return "\"" + certificate_path + "\" is not an authority's certificate";
    }
    if (X509_cmp_time(X509_get0_notAfter(certificate), &now) < 0) {
        return "\"" + certificate_path + "\" has expired: remove it to have a new one made for the same key";
    }
    return {};
}

}  // namespace

Result<std::shared_ptr<const InternalAuthority>> InternalAuthority::open(const std::string& folder,
                                                                         time_t now) {
    if (mkdir(folder.c_str(), 0700) == -1 && errno != EEXIST) {
        return authority_error(system_failure("mkdir()", folder, errno));
    }
    std::shared_ptr<InternalAuthority> authority(new InternalAuthority());
    const std::string key_path = folder + "/ca.key";
    authority->certificate_path_ = folder + "/ca.pem";
    Result<UniquePkey> key = agree_on_key(key_path, authority->certificate_path_);
    if (!key) {
        return authority_error(key.error().message);
    }
    Result<UniqueX509> certificate = agree_on_certificate(authority->certificate_path_, key->get(), now);
    if (!certificate) {
        return authority_error(certificate.error().message);
    }
    const std::string flaw =
        flaw_of(certificate->get(), key->get(), authority->certificate_path_, key_path, now);
    if (!flaw.empty()) {
        return authority_error(flaw);
    }
    authority->key_ = std::move(*key);
    authority->certificate_ = std::move(*certificate);
    return std::shared_ptr<const InternalAuthority>(std::move(authority));
}

Result<std::shared_ptr<const Credential>> InternalAuthority::issue(const std::string& name,
                                                                   time_t now) const {
    if (!is_issuable(name)) {
        return authority_error("\"" + name + "\" is neither a DNS name nor an IP address");
    }
    Result<UniquePkey> key = make_issuing_key();
    if (!key) {
        return authority_error(key.error().message);
    }
    CertificateFile file;
    Result<UniqueX509> leaf = make_leaf_certificate(key->get(), name, is_address(name), now, kLeafLife,
                                                    certificate_.get(), key_.get());
    if (!leaf) {
        return authority_error(leaf.error().message);
    }
    file.leaf = std::move(*leaf);
    file.chain.push_back(share(certificate_.get()));
    bool mismatched = false;
    return assemble_credential(std::move(file), std::move(*key), "internal:" + name, "internal:" + name,
                               &mismatched);
}

namespace {

class InternalSource : public CredentialSource {
  public:
    explicit InternalSource(std::shared_ptr<const InternalAuthority> authority)
        : authority_(std::move(authority)) {}

    Answer load(std::string_view name, time_t now) override {
        Answer answer;
        const std::string text(name);
        if (!is_issuable(text)) {
            return answer;
        }
        const auto credential = authority_->issue(text, now);
        if (!credential) {
            answer.status = Status::Broken;
            answer.error = credential.error().message;
            answer.stamp = "failed";
            return answer;
        }
        auto set = std::make_shared<CredentialSet>();
        set->set_name(text);
        set->credentials.push_back(*credential);
        answer.status = Status::Found;
        answer.set = std::move(set);
        answer.stamp = kIssued;
        answer.until = now + kLeafLife * 2 / 3;
        return answer;
    }

    // What was issued stays as it is; its time is what ends it.
    Stamp look(std::string_view name) override { return is_issuable(std::string(name)) ? kIssued : ""; }

  private:
    static constexpr const char* kIssued = "issued";
    const std::shared_ptr<const InternalAuthority> authority_;
};

}  // namespace

std::unique_ptr<CredentialSource> make_internal_source(std::shared_ptr<const InternalAuthority> authority) {
    return std::make_unique<InternalSource>(std::move(authority));
}

}  // namespace tls

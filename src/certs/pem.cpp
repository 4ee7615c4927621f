#include "certs/pem.h"

#include <openssl/err.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "certs/chain_pool.h"

namespace tls {

namespace {

constexpr char kData[] = "data:";
constexpr size_t kDataLength = sizeof(kData) - 1;

bool is_data(const std::string& source) {
    return source.compare(0, kDataLength, kData) == 0;
}

bool is_end_of_pem(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

Error certificate_error(const std::string& source, const char* failed) {
    return Error{"cannot load certificate " + quoted_source(source) + ": " + failed + " failed" +
                 drain_openssl_errors()};
}

Result<CertificateFile> read_certificates(BIO* bio, const std::string& source, ChainPool* pool) {
    CertificateFile file;
    file.leaf.reset(PEM_read_bio_X509_AUX(bio, nullptr, answer_password, nullptr));
    if (file.leaf == nullptr) {
        return certificate_error(source, "PEM_read_bio_X509_AUX()");
    }
    ChainPool::Hold hold;
    for (;;) {
        UniqueX509 next = pool != nullptr
                              ? pool->read_next(bio, &hold)
                              : UniqueX509(PEM_read_bio_X509(bio, nullptr, answer_password, nullptr));
        if (next == nullptr) {
            break;
        }
        file.chain.push_back(std::move(next));
    }
    if (!is_end_of_pem(ERR_peek_last_error())) {
        return certificate_error(source, "PEM_read_bio_X509()");
    }
    if (!hold.empty()) {
        file.shared_chain = std::make_shared<const ChainPool::Hold>(std::move(hold));
    }
    ERR_clear_error();
    return file;
}

}  // namespace

int answer_password(char* buffer, int size, int writing, void* request) {
    auto* asking = static_cast<PasswordRequest*>(request);
    if (asking == nullptr || writing != 0) {
        return -1;
    }
    asking->asked = true;
    if (asking->password == nullptr) {
        return -1;
    }
    const std::string& password = asking->password->value();
    const size_t length = std::min(password.size(), static_cast<size_t>(size));
    memcpy(buffer, password.data(), length);
    return static_cast<int>(length);
}

std::string without_pin(const std::string& source, std::string text) {
    constexpr char kPin[] = "pin-value=";
    const bool is_uri = source.compare(0, 6, "store:") == 0 || source.compare(0, 7, "engine:") == 0;
    const size_t begin = is_uri ? source.find(kPin) : std::string::npos;
    if (begin == std::string::npos) {
        return text;
    }
    const std::string pin = source.substr(begin, source.find_first_of(";&?", begin) - begin);
    for (size_t at = text.find(pin); at != std::string::npos; at = text.find(pin, at + 1)) {
        text.replace(at, pin.size(), std::string(kPin) + "...");
    }
    return text;
}

std::string printable_source(const std::string& source) {
    return is_data(source) ? "data:..." : without_pin(source, source);
}

std::string quoted_source(const std::string& source) {
    return "\"" + printable_source(source) + "\"";
}

UniqueBio open_pem(const std::string& source, const char** failed) {
    if (is_data(source)) {
        *failed = "BIO_new_mem_buf()";
        return UniqueBio(
            BIO_new_mem_buf(source.data() + kDataLength, static_cast<int>(source.size() - kDataLength)));
    }
    *failed = "BIO_new_file()";
    return UniqueBio(BIO_new_file(source.c_str(), "r"));
}

UniqueBio open_text(std::string_view text) {
    return UniqueBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Result<CertificateFile> load_certificates(const std::string& source) {
    const char* failed = nullptr;
    const UniqueBio bio = open_pem(source, &failed);
    if (bio == nullptr) {
        return certificate_error(source, failed);
    }
    return read_certificates(bio.get(), source, nullptr);
}

Result<CertificateFile> parse_certificates(std::string_view text, const std::string& source,
                                           ChainPool* pool) {
    const UniqueBio bio = open_text(text);
    if (bio == nullptr) {
        return certificate_error(source, "BIO_new_mem_buf()");
    }
    return read_certificates(bio.get(), source, pool);
}

}  // namespace tls

#include "base/openssl.h"

#include <openssl/err.h>

namespace tls {

UniqueX509 share(X509* certificate) {
    if (certificate == nullptr || X509_up_ref(certificate) != 1) {
        return nullptr;
    }
    return UniqueX509(certificate);
}

UniquePkey share(EVP_PKEY* key) {
    if (key == nullptr || EVP_PKEY_up_ref(key) != 1) {
        return nullptr;
    }
    return UniquePkey(key);
}

std::optional<time_t> seconds_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        return std::nullopt;
    }
    return timegm(&parts);
}

// The same text as nginx's ngx_ssl_error: every entry of the queue, oldest first, each with its own data
// behind a colon where OpenSSL attached some (a file name, for instance).
std::string drain_openssl_errors(std::vector<unsigned long>* codes) {
    std::string line;
    const char* data = nullptr;
    int flags = 0;
    while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
        if (codes != nullptr) {
            codes->push_back(code);
        }
        char text[256];
        ERR_error_string_n(code, text, sizeof(text));
        line += line.empty() ? " (SSL: " : " ";
        line += text;
        if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') {
            line += ':';
            line += data;
        }
    }
    if (!line.empty()) {
        line += ')';
    }
    return line;
}

std::string openssl_failure(const std::string& call) {
    return call + " failed" + drain_openssl_errors();
}

}  // namespace tls

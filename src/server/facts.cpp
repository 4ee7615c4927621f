#include "server/facts.h"

#include <openssl/ssl.h>

#include <algorithm>

#include "server/names.h"

namespace tls {

SessionId SessionId::of(ByteView id) {
    SessionId made;
    made.size = static_cast<uint8_t>(std::min(id.size(), made.bytes.size()));
    std::copy_n(id.begin(), made.size, made.bytes.begin());
    return made;
}

const char* Facts::protocol() const {
    const char* name = version_name(version);
    return name != nullptr ? name : "";
}

const char* Facts::cipher() const {
    const char* name = cipher_suite_name(cipher_suite);
    return name != nullptr ? name : "";
}

OfferedTerms OfferedTerms::of(const ClientHello& hello) {
    OfferedTerms offered;
    offered.cipher_suites = std::string(hello.cipher_suites.bytes().text());
    offered.groups = std::string(hello.supported_groups.bytes().text());
    offered.signature_algorithms = std::string(hello.signature_algorithms.bytes().text());
    offered.server_name = std::string(hello.server_name);
    for (uint16_t version = 0x0300; version <= 0x0304; ++version) {
        if (hello.offers_version(version)) {
            offered.version = version;
        }
    }
    return offered;
}

const char* cipher_suite_name(uint16_t number) {
    // libssl looks suites up by an SSL; one that never speaks serves for all questions of this process.
    static SSL* const kDirectory = [] {
        SSL_CTX* ctx = SSL_CTX_new(TLS_server_method());
        SSL* ssl = ctx != nullptr ? SSL_new(ctx) : nullptr;
        SSL_CTX_free(ctx);
        return ssl;
    }();
    if (kDirectory == nullptr) {
        return nullptr;
    }
    const unsigned char wire[2] = {static_cast<unsigned char>(number >> 8),
                                   static_cast<unsigned char>(number)};
    const SSL_CIPHER* cipher = SSL_CIPHER_find(kDirectory, wire);
    return cipher != nullptr ? SSL_CIPHER_get_name(cipher) : nullptr;
}

}  // namespace tls

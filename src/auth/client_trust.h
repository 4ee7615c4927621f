// What client certificates are judged by: trusted authorities, the names sent to the client, revocation
// lists.
//
// Loaded when the configuration is read, then immutable. Never judges by itself: libssl verifies with this
// store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/openssl.h"
#include "base/result.h"

namespace tls {

struct ClientTrust {
    UniqueStore store;                  // client and trusted certificates, and the CRLs with their flags
    std::vector<UniqueX509> announced;  // from the client_certificate file: names for the CertificateRequest
    std::string digest;                 // SHA-256 (32 bytes) over everything loaded, in order
};

struct ClientTrustFiles {
    std::string client_certificate;   // tls_client_certificate: trusted and announced
    std::string trusted_certificate;  // tls_trusted_certificate: trusted, not announced
    std::string crl;                  // tls_crl
};

// Empty paths are skipped. Errors name the file and the reason as nginx does, for example
// `SSL_CTX_load_verify_locations("PATH") failed (SSL: …)`.
Result<std::shared_ptr<const ClientTrust>> load_client_trust(const ClientTrustFiles& files);

// True for the verify results that `optional_no_ca` lets pass (nginx's ngx_ssl_verify_error_optional).
bool is_optional_verify_error(long verify_result);

}  // namespace tls

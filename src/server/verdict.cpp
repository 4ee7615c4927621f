#include "server/verdict.h"

#include <openssl/x509_vfy.h>

#include "auth/client_trust.h"

namespace tls {

CertificateFault find_certificate_fault(VerifyMode verify, const Facts& facts) {
    if (verify == VerifyMode::Off) {
        return CertificateFault::None;
    }
    const long result = facts.verify_result;
    if (result != X509_V_OK && (verify != VerifyMode::OptionalNoCa || !is_optional_verify_error(result))) {
        return CertificateFault::Rejected;
    }
    if (verify == VerifyMode::On && facts.client_certificate == nullptr) {
        return CertificateFault::Missing;
    }
    return CertificateFault::None;
}

const char* certificate_fault_words(CertificateFault fault, const Facts& facts) {
    switch (fault) {
        case CertificateFault::None:
            return "";
        case CertificateFault::Missing:
            return "no certificate was sent";
        case CertificateFault::Rejected:
            return X509_verify_cert_error_string(facts.verify_result);
    }
    return "";
}

}  // namespace tls

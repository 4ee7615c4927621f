// A certificate authority for the bench, and the certificates it gives: ECDSA P-256 (several thousand a
// second), RSA-2048 or RSA-4096.
//
// Used by make_certificates and by churn. Dies when libcrypto refuses.
#pragma once

#include <cstdint>
#include <string>

#include "base/openssl.h"

namespace bench {

enum class KeyKind { Ecdsa, Rsa, Rsa4096 };

struct Pair {
    std::string certificate_pem;
    std::string key_pem;
};

class Issuer {
  public:
    // The authority in that file (certificate and key in PEM). When it is not there, or ends within a week, a
    // new one is made and kept there with mode 0600.
    static Issuer load_or_make(const std::string& path);

    // A fresh key and a certificate for that DNS name, valid for 90 days. `serial` is not 0.
    Pair issue(const std::string& name, uint64_t serial, KeyKind kind = KeyKind::Ecdsa) const;

  private:
    tls::UniqueX509 certificate_;
    tls::UniquePkey key_;
};

}  // namespace bench

// A local certificate authority for development and closed networks.
//
// Made once and kept in a folder (ca.pem, ca.key, mode 0600), it issues a short-lived ECDSA P-256 leaf for a
// name at its first use. The randomness, keys and signatures are libcrypto's. Never writes anything but those
// two files.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "certs/catalog.h"

namespace tls {

class InternalAuthority {
  public:
    // Loads the authority from `folder`, or makes folder (0700) and authority. Safe when several processes do
    // so at once: the key of the first to finish is everybody's, so is the first certificate for it. Half of
    // an authority (a crash, a full disk) is completed when the key is there. The error names the file; a key
    // that others may read is one.
    static Result<std::shared_ptr<const InternalAuthority>> open(const std::string& folder, time_t now);

    // A leaf for the name (a DNS name, or an IP address as text), valid from an hour before `now` for seven
    // days, with its chain. Every call makes another.
    Result<std::shared_ptr<const Credential>> issue(const std::string& name, time_t now) const;

    // Path of the certificate that clients must trust.
    const std::string& certificate_path() const { return certificate_path_; }

  private:
    InternalAuthority() = default;
    std::string certificate_path_;
    UniqueX509 certificate_;
    UniquePkey key_;
};

// Issues at the first question, and again when two thirds of a leaf's life have passed.
std::unique_ptr<CredentialSource> make_internal_source(std::shared_ptr<const InternalAuthority> authority);

}  // namespace tls

// A certificate chain and its private key, loaded, checked and immutable.
//
// Used when the configuration is read. Reads files, PEM text (`data:`), OSSL_STORE URIs (`store:`) and
// engines
// (`engine:NAME:ID`, where OpenSSL has them). Never logs; a failure is one sentence that names the file and
// the reason.
#pragma once

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "base/openssl.h"
#include "base/result.h"
#include "base/secret.h"
#include "keys/signing_key.h"

namespace tls {

// What each handshake reads comes first, so that it lies together: of a hundred names in use, little is still
// in the processor's cache.
struct Credential {
    // When its use was last told to others, by the caller's numbers: a place for one of them to remember it,
    // where each handshake looks anyway.
    struct Told {
        uint64_t where = 0;
        time_t at = 0;
    };

    UniqueX509 leaf;
    UniquePkey key;
    // Of a credential that was found by name, when its signatures can be prepared: `key` and the leaf's own
    // are then this one's, so that it is in memory once. Without a key otherwise.
    SigningKey signing;
    mutable Told told;
    time_t not_after = 0;            // seconds since the epoch; 0 for an end that is no time
    std::vector<UniqueX509> chain;   // what follows the leaf in its file, in that order
    std::string certificate_source;  // as configured, but only "data:..." when that is where it came from
    std::string key_source;          // the same; a PIN inside a URI is hidden
    // Keeps the chain's certificates known to the ChainPool they came from, if any: other names may share
    // them.
    std::shared_ptr<const void> shared_chain;
};

struct CertificateFile;

// Loads both halves. Errors are nginx's own sentences, for example
//   cannot load certificate "PATH": BIO_new_file() failed (SSL: error:…)
//   cannot load certificate key "PATH": PEM_read_bio_PrivateKey() failed (SSL: error:…)
//   cannot load certificate "PATH": no start line …
// and, for halves that do not belong together, the X509_check_private_key failure naming key file and
// certificate file. A chain whose second certificate did not issue the first, while another in it did, is
// refused with a sentence that says which file has its chain out of order. `passwords` are tried in order on
// an encrypted key.
Result<std::shared_ptr<const Credential>> load_credential(const std::string& certificate_source,
                                                          const std::string& key_source,
                                                          const std::vector<SecretString>& passwords);

// The same checks on halves that were read before, for what is found by name: signatures by its key can be
// prepared where handshakes are. When the key belongs to no certificate of the file at all,
// `mismatched` is set besides.
Result<std::shared_ptr<const Credential>> assemble_credential(CertificateFile certificates, UniquePkey key,
                                                              const std::string& certificate_source,
                                                              const std::string& key_source,
                                                              bool* mismatched);

// One password a line, as nginx's ssl_password_file has it; at most 4096 bytes a line. The error names the
// file.
Result<std::vector<SecretString>> load_passwords(const std::string& path);

// SHA-256 over the DER of the leaf, 32 bytes as text; stable over reloads and machines.
std::string credential_digest(const Credential& credential);

}  // namespace tls

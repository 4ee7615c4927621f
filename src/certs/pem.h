// PEM text from a file or from a configuration's own words (`data:`), and who answers when a password is
// asked for.
//
// Used by this room's loaders only. Never asks on a terminal.
#pragma once

#include <string>
#include <vector>

#include "base/openssl.h"
#include "base/result.h"
#include "base/secret.h"

namespace tls {

// What answer_password() is given. `password` may be null: then there is none to offer.
struct PasswordRequest {
    const SecretString* password = nullptr;
    bool asked = false;  // set when OpenSSL wanted one: the key is encrypted, or its token locked
};

// A pem_password_cb over a PasswordRequest (null is like none to offer). A password that is longer than
// OpenSSL's buffer is cut to it, as nginx does.
int answer_password(char* buffer, int size, int writing, void* request);

// How a source is named in messages: without the text behind `data:`, which may be a key, and without its
// PIN.
std::string printable_source(const std::string& source);
// The same in double quotes.
std::string quoted_source(const std::string& source);
// `text`, which speaks of the source, without the PIN that a PKCS#11 URI (RFC 7512) in `store:` or `engine:`
// may carry.
std::string without_pin(const std::string& source, std::string text);

// Opens a path or `data:` text. On failure null, and `failed` is what failed, with OpenSSL's queue still
// filled.
UniqueBio open_pem(const std::string& source, const char** failed);

struct CertificateFile {
    UniqueX509 leaf;
    std::vector<UniqueX509> chain;
};

// All certificates of a source, the first as `leaf`. The error is the whole sentence, "cannot load
// certificate …".
Result<CertificateFile> load_certificates(const std::string& source);

}  // namespace tls

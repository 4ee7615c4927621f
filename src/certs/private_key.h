// A private key from any of its sources: PEM file, `data:` text, `store:URI`, `engine:NAME:ID`.
//
// Used by this room only. Never asks on a terminal for a password and never prints a key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/openssl.h"
#include "base/result.h"
#include "base/secret.h"

namespace tls {

// The first private key of the source. `passwords` are tried in order when it wants one; an engine has its
// PIN from OpenSSL's own configuration. The error is the whole sentence, "cannot load certificate key …".
Result<UniquePkey> load_private_key(const std::string& source, const std::vector<SecretString>& passwords);
// The same of PEM text that was read from `source`, which is only named in messages. `type` is the EVP_PKEY_
// number that it probably is: a right guess saves libcrypto three quarters of its work.
Result<UniquePkey> parse_private_key(std::string_view text, int type, const std::string& source,
                                     const std::vector<SecretString>& passwords);

// A key through an engine; `name_and_id` is what follows "engine:". On failure null, and `failed` says why;
// OpenSSL's queue may hold more.
UniquePkey load_engine_key(const std::string& name_and_id, std::string* failed);

}  // namespace tls

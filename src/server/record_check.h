// Whether records of our own work with the libssl of this process: tried in memory, for each version and
// suite.
//
// Used when the configuration is read. What it stands on is how libssl speaks to a kernel, which no manual
// promises: where it fails, libssl makes the records.
#pragma once

#include <openssl/types.h>

#include <string>

namespace tls {

// What did not work, for the log; empty when all did. Tried once a process in OpenSSL's own context, and once
// in `library` as well, which is key_library()'s or null.
const std::string& check_own_records(OSSL_LIB_CTX* library);

}  // namespace tls

// Whether OpenSSL's algorithms are its own, or an operator chose where they come from.
//
// Used wherever the module would do without asking for an algorithm by its name.
#pragma once

#include "base/result.h"

namespace tls {

// The error names what was chosen: FIPS, or a provider beside OpenSSL's own and those for keys. Looked up
// once in a process, at the first call; that loads what OpenSSL is configured with.
const Result<void>& usual_providers();

}  // namespace tls

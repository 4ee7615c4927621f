// Whether what a client showed of itself is enough for a server.
//
// Used when a handshake has ended, for the log, and by each request. Pure. The handshake itself lets every
// client through, as nginx does: see accept_any_chain.
#pragma once

#include "policy/policy.h"
#include "server/facts.h"

namespace tls {

enum class CertificateFault {
    None,
    Missing,   // none was sent, and one is required
    Rejected,  // the one that was sent did not verify
};

CertificateFault find_certificate_fault(VerifyMode verify, const Facts& facts);

// The fault in words, for instance "certificate has expired"; empty for None. Static memory.
const char* certificate_fault_words(CertificateFault fault, const Facts& facts);

}  // namespace tls

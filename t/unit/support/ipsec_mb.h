// libipsec-mb for tests: the real one, where there is one and the processor is for it.
#pragma once

#include <openssl/crypto.h>

#include "record/ipsec_mb.h"
#include "support/cmocka.h"

namespace test {

// Also where OpenSSL would do as well, so that it is tried wherever it runs. Null: the test is then skipped.
inline const tls::IpsecMb* real_ipsec_mb() {
    static const tls::IpsecMbAnswer answer = tls::has_vector_aes(OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS))
                                                 ? tls::load_ipsec_mb()
                                                 : tls::IpsecMbAnswer();
    return answer.library.get();
}

}  // namespace test

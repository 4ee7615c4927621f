// The stand-in answers whoever asks it as an SSL, and no end of a connection changes it.
#include "server/stand_in.h"

#include <openssl/ssl.h>

#include "support/cmocka.h"

namespace tls {
namespace {

void there_is_one(void**) {
    assert_non_null(stand_in());
    assert_ptr_equal(stand_in(), stand_in());
}

// What nginx and its modules ask, some of it unsafe before a handshake.
void it_can_be_asked(void**) {
    SSL* ssl = stand_in();
    assert_non_null(SSL_get0_session(ssl));
    assert_non_null(SSL_get_current_cipher(ssl));
    assert_string_equal(SSL_get_version(ssl), "TLSv1.2");
    SSL_get_negotiated_group(ssl);
    SSL_get1_groups(ssl, nullptr);
    assert_null(SSL_get0_peer_certificate(ssl));
    assert_int_equal(SSL_get_verify_result(ssl), X509_V_OK);
    assert_null(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    const unsigned char* alpn = nullptr;
    unsigned size = 1;
    SSL_get0_alpn_selected(ssl, &alpn, &size);
    assert_int_equal(size, 0);
    assert_int_equal(SSL_session_reused(ssl), 0);
}

// ngx_ssl_shutdown() leaves an SSL alone that is in a handshake.
void it_looks_unfinished(void**) {
    assert_int_equal(SSL_in_init(stand_in()), 1);
    assert_int_equal(SSL_get_shutdown(stand_in()), 0);
}

void reading_and_writing_wait(void**) {
    SSL* ssl = stand_in();
    char byte = 'x';
    for (int i = 0; i < 2; ++i) {
        int result = SSL_read(ssl, &byte, 1);
        assert_int_equal(SSL_get_error(ssl, result), SSL_ERROR_WANT_READ);
        result = SSL_write(ssl, &byte, 1);
        assert_int_equal(SSL_get_error(ssl, result), SSL_ERROR_WANT_READ);
    }
    assert_non_null(SSL_get0_session(ssl));
    it_looks_unfinished(nullptr);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(there_is_one),
        cmocka_unit_test(it_can_be_asked),
        cmocka_unit_test(it_looks_unfinished),
        cmocka_unit_test(reading_and_writing_wait),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

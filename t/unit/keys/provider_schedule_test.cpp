// The provider's key schedules through OpenSSL's own calls, against those of OpenSSL's own context: for every
// digest, and for questions that libssl does not ask.
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <string>
#include <vector>

#include "base/openssl.h"
#include "keys/library.h"
#include "support/cmocka.h"

namespace tls {
namespace {

using Encoded = std::string;

OSSL_LIB_CTX* library() {
    return *key_library();
}

// libssl's question, in the library of ours and in OpenSSL's own.
Encoded schedule(OSSL_LIB_CTX* in, int mode, const char* digest, size_t size) {
    EVP_KDF* kdf = EVP_KDF_fetch(in, "TLS13-KDF", nullptr);
    EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
    Encoded key(32, 'k');
    Encoded salt(32, 's');
    char prefix[] = "tls13 ";
    char label[] = "derived";
    const bool extracts = mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY;
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(digest), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, &key[0], key.size()),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, prefix, 6),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, label, 7),
        OSSL_PARAM_construct_octet_string(extracts ? OSSL_KDF_PARAM_SALT : OSSL_KDF_PARAM_DATA, &salt[0], 32),
        OSSL_PARAM_construct_end()};
    Encoded out(size, '\0');
    const bool derived =
        EVP_KDF_derive(context, reinterpret_cast<unsigned char*>(&out[0]), size, parameters) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    drain_openssl_errors();
    return derived ? out : Encoded();
}

void the_schedule_is_openssls_for_every_digest(void**) {
    for (const char* digest : {"SHA256", "SHA2-256", "SHA384", "SHA2-384", "SHA512", "SHA1", "NONE"}) {
        for (const int mode : {EVP_KDF_HKDF_MODE_EXTRACT_ONLY, EVP_KDF_HKDF_MODE_EXPAND_ONLY,
                               EVP_KDF_HKDF_MODE_EXTRACT_AND_EXPAND}) {
            for (const size_t size : {12, 32, 48, 64}) {
                assert_true(schedule(library(), mode, digest, size) == schedule(nullptr, mode, digest, size));
            }
        }
    }
    assert_false(schedule(library(), EVP_KDF_HKDF_MODE_EXPAND_ONLY, "SHA256", 12).empty());
}

// The PRF as libssl asks for it, and in ways in which it does not. Parameters that are empty are not given.
Encoded prf(OSSL_LIB_CTX* in, const char* digest, const Encoded& secret, size_t seeds, size_t size) {
    EVP_KDF* kdf = EVP_KDF_fetch(in, "TLS1-PRF", nullptr);
    EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
    Encoded seed = "the master's secret";
    std::vector<OSSL_PARAM> parameters;
    if (digest != nullptr) {
        parameters.push_back(
            OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(digest), 0));
    }
    if (!secret.empty()) {
        parameters.push_back(OSSL_PARAM_construct_octet_string(
            OSSL_KDF_PARAM_SECRET, const_cast<char*>(secret.data()), secret.size()));
    }
    for (size_t i = 0; i < seeds; ++i) {
        parameters.push_back(
            OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, &seed[0], seed.size() - i % 7));
    }
    parameters.push_back(OSSL_PARAM_construct_end());
    Encoded out(size, '\0');
    const bool derived =
        EVP_KDF_derive(context, reinterpret_cast<unsigned char*>(&out[0]), size, parameters.data()) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    drain_openssl_errors();
    return derived ? out : Encoded();
}

void the_prf_is_openssls_for_every_question(void**) {
    const Encoded secret(48, 's');
    const char* const digests[] = {"SHA256", "SHA2-384", "SHA512", "MD5-SHA1", "NONE", nullptr};
    for (const char* digest : digests) {
        // More seeds than libssl has, and more bytes than OpenSSL 3.0 takes.
        for (const size_t seeds : {0, 1, 3, 6, 7, 80}) {
            for (const size_t size : {1, 12, 48, 104}) {
                assert_true(prf(library(), digest, secret, seeds, size) ==
                            prf(nullptr, digest, secret, seeds, size));
            }
        }
        assert_true(prf(library(), digest, Encoded(), 1, 12) == prf(nullptr, digest, Encoded(), 1, 12));
    }
    assert_false(prf(library(), "SHA256", secret, 1, 12).empty());
    assert_false(prf(library(), "MD5-SHA1", secret, 1, 12).empty());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_schedule_is_openssls_for_every_digest),
        cmocka_unit_test(the_prf_is_openssls_for_every_question),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

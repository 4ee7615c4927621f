// Keys that are wrapped for libssl: they belong to their certificates, sign and decrypt as the real ones, and
// leave everything else in the library context to OpenSSL.
#include "keys/wrapped_key.h"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#include <string>

#include "keys/library.h"
#include "support/cmocka.h"
#include "support/made_certificates.h"

namespace tls {
namespace {

const std::string kMessage = "what is signed";

std::string sign(EVP_PKEY* key, const char* digest, bool pss) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* terms = nullptr;
    size_t size = 0;
    assert_int_equal(
        EVP_DigestSignInit_ex(context, &terms, digest, *wrapping_library(), nullptr, key, nullptr), 1);
    if (pss) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(terms, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(terms, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    const ByteView message = ByteView::of(kMessage);
    assert_int_equal(EVP_DigestSign(context, nullptr, &size, message.data(), message.size()), 1);
    std::string signature(size, '\0');
    assert_int_equal(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(&signature[0]), &size,
                                    message.data(), message.size()),
                     1);
    signature.resize(size);
    EVP_MD_CTX_free(context);
    return signature;
}

bool verifies(EVP_PKEY* key, const char* digest, bool pss, const std::string& signature) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* terms = nullptr;
    assert_int_equal(EVP_DigestVerifyInit_ex(context, &terms, digest, nullptr, nullptr, key, nullptr), 1);
    if (pss) {
        EVP_PKEY_CTX_set_rsa_padding(terms, RSA_PKCS1_PSS_PADDING);
        EVP_PKEY_CTX_set_rsa_pss_saltlen(terms, RSA_PSS_SALTLEN_DIGEST);
    }
    const bool good = EVP_DigestVerify(context, ByteView::of(signature).data(), signature.size(),
                                       ByteView::of(kMessage).data(), kMessage.size()) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

struct Kind {
    const char* name;
    UniquePkey (*make)();
};
constexpr Kind kKinds[] = {{"RSA", test::make_rsa_key}, {"EC", test::make_ec_key}};

UniquePkey wrap(const UniquePkey& key, KeyWait wait = KeyWait::Thread) {
    return wrap_in_library(*wrapping_library(), key.get(), wait);
}

void it_looks_like_the_real_one(void**) {
    for (const Kind& kind : kKinds) {
        const UniquePkey real = kind.make();
        const UniquePkey wrapped = wrap(real);
        assert_non_null(wrapped.get());
        assert_int_equal(EVP_PKEY_is_a(wrapped.get(), kind.name), 1);
        assert_int_equal(EVP_PKEY_get_bits(wrapped.get()), EVP_PKEY_get_bits(real.get()));
        assert_int_equal(EVP_PKEY_get_size(wrapped.get()), EVP_PKEY_get_size(real.get()));
        assert_int_equal(EVP_PKEY_get_security_bits(wrapped.get()), EVP_PKEY_get_security_bits(real.get()));
        const UniqueX509 own = test::make_certificate(real.get(), {});
        const UniqueX509 other = test::make_certificate(kind.make().get(), {});
        assert_int_equal(X509_check_private_key(own.get(), wrapped.get()), 1);
        assert_int_equal(X509_check_private_key(other.get(), wrapped.get()), 0);
        ERR_clear_error();
    }
}

void it_signs_as_the_real_one(void**) {
    const UniquePkey rsa = test::make_rsa_key();
    const UniquePkey wrapped_rsa = wrap(rsa);
    for (const char* digest : {"SHA1", "SHA256", "SHA384", "SHA512"}) {
        for (const bool pss : {false, true}) {
            assert_true(verifies(rsa.get(), digest, pss, sign(wrapped_rsa.get(), digest, pss)));
        }
    }
    const UniquePkey ec = test::make_ec_key();
    assert_true(verifies(ec.get(), "SHA256", false, sign(wrap(ec).get(), "SHA256", false)));
}

// Other terms than those of TLS are refused, rather than signed with the wrong ones.
void other_terms_are_refused(void**) {
    const UniquePkey wrapped = wrap(test::make_rsa_key());
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* terms = nullptr;
    assert_int_equal(EVP_DigestSignInit_ex(context, &terms, "SHA256", *wrapping_library(), nullptr,
                                           wrapped.get(), nullptr),
                     1);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(terms, RSA_NO_PADDING) != 1);
    assert_true(EVP_PKEY_CTX_set_rsa_padding(terms, RSA_PKCS1_OAEP_PADDING) != 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(terms, RSA_PKCS1_PSS_PADDING), 1);
    assert_true(EVP_PKEY_CTX_set_rsa_pss_saltlen(terms, 20) != 1);
    assert_true(EVP_PKEY_CTX_set_rsa_mgf1_md(terms, EVP_sha1()) != 1);
    EVP_MD_CTX_free(context);
    ERR_clear_error();
}

void it_decrypts_as_the_real_one(void**) {
    const UniquePkey real = test::make_rsa_key();
    const UniquePkey wrapped = wrap(real);
    EVP_PKEY_CTX* encrypt = EVP_PKEY_CTX_new_from_pkey(nullptr, real.get(), nullptr);
    unsigned char secret[256];
    size_t size = sizeof(secret);
    assert_int_equal(EVP_PKEY_encrypt_init(encrypt), 1);
    assert_int_equal(EVP_PKEY_encrypt(encrypt, secret, &size, ByteView::of(kMessage).data(), kMessage.size()),
                     1);
    EVP_PKEY_CTX* decrypt = EVP_PKEY_CTX_new_from_pkey(*wrapping_library(), wrapped.get(), nullptr);
    unsigned char back[256];
    size_t back_size = sizeof(back);
    assert_int_equal(EVP_PKEY_decrypt_init(decrypt), 1);
    assert_int_equal(EVP_PKEY_decrypt(decrypt, back, &back_size, secret, size), 1);
    assert_int_equal(back_size, kMessage.size());
    assert_memory_equal(back, kMessage.data(), back_size);
    EVP_PKEY_CTX_free(encrypt);
    EVP_PKEY_CTX_free(decrypt);
}

void only_what_pays_is_wrapped(void**) {
    const UniquePkey rsa = test::make_rsa_key();
    assert_non_null(wrap(rsa, KeyWait::Batch).get());
    assert_null(wrap(test::make_ec_key(), KeyWait::Batch).get());
    assert_null(wrap(UniquePkey(EVP_RSA_gen(1024)), KeyWait::Batch).get());
    assert_null(wrap(test::make_ed25519_key()).get());
    assert_null(wrap_in_library(nullptr, rsa.get(), KeyWait::Thread).get());
    assert_int_equal(ERR_peek_error(), 0);
}

// In both contexts whatever is asked for by its name is OpenSSL's own.
void others_do_not_notice(void**) {
    for (OSSL_LIB_CTX* library : {*wrapping_library(), *key_library()}) {
        assert_non_null(wrap_in_library(library, test::make_rsa_key().get(), KeyWait::Thread).get());
        for (const char* name : {"RSA", "EC"}) {
            EVP_KEYMGMT* keys = EVP_KEYMGMT_fetch(library, name, nullptr);
            assert_string_equal(OSSL_PROVIDER_get0_name(EVP_KEYMGMT_get0_provider(keys)), "default");
            EVP_KEYMGMT_free(keys);
        }
        EVP_ASYM_CIPHER* cipher = EVP_ASYM_CIPHER_fetch(library, "RSA", nullptr);
        assert_string_equal(OSSL_PROVIDER_get0_name(EVP_ASYM_CIPHER_get0_provider(cipher)), "default");
        EVP_ASYM_CIPHER_free(cipher);
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(it_looks_like_the_real_one), cmocka_unit_test(it_signs_as_the_real_one),
        cmocka_unit_test(other_terms_are_refused),    cmocka_unit_test(it_decrypts_as_the_real_one),
        cmocka_unit_test(only_what_pays_is_wrapped),  cmocka_unit_test(others_do_not_notice),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

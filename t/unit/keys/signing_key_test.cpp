// Keys that sign with what was prepared: the half is used once, for its own curve, and everything else is
// OpenSSL's.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/signing_key.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/x509.h>

#include <set>
#include <string>

#include "keys/provider.h"
#include "keys/turn.h"
#include "support/batches.h"
#include "support/made_certificates.h"

namespace tls {
namespace {

const std::string kMessage = "what is signed";

UniquePkey ec_key(const char* curve) {
    return UniquePkey(EVP_EC_gen(curve));
}

std::string sign(EVP_PKEY* key, const char* digest) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::string signature(512, '\0');
    size_t size = signature.size();
    assert_int_equal(EVP_DigestSignInit_ex(context, nullptr, digest, nullptr, nullptr, key, nullptr), 1);
    assert_int_equal(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(&signature[0]), &size,
                                    ByteView::of(kMessage).data(), kMessage.size()),
                     1);
    EVP_MD_CTX_free(context);
    signature.resize(size);
    return signature;
}

bool verifies(EVP_PKEY* key, const char* digest, const std::string& signature) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool good =
        EVP_DigestVerifyInit_ex(context, nullptr, digest, nullptr, nullptr, key, nullptr) == 1 &&
        EVP_DigestVerify(context, ByteView::of(signature).data(), signature.size(),
                         ByteView::of(kMessage).data(), kMessage.size()) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

std::string r_of(const std::string& signature) {
    const unsigned char* at = ByteView::of(signature).data();
    ECDSA_SIG* parsed = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(signature.size()));
    char* text = BN_bn2hex(ECDSA_SIG_get0_r(parsed));
    std::string r = text;
    OPENSSL_free(text);
    ECDSA_SIG_free(parsed);
    return r;
}

std::string hex(const BIGNUM* number) {
    char* text = BN_bn2hex(number);
    std::string copy = text;
    OPENSSL_free(text);
    return copy;
}

struct Case {
    const char* curve;
    const char* digest;
};
constexpr Case kCases[] = {{"P-256", "SHA256"}, {"P-384", "SHA384"}};

void a_half_is_used_for_one_signature(void**) {
    provider_state().mb = test::real_crypto_mb();
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    for (const Case& one : kCases) {
        const UniquePkey original = ec_key(one.curve);
        const SigningKey key = make_signing_key(original.get());
        assert_non_null(key.key.get());
        std::set<std::string> seen;
        for (size_t done = 0; done < test::operations(1600); done += kLanes) {
            Prepared handshakes[kLanes];
            Prepared* pointers[kLanes];
            for (size_t i = 0; i < kLanes; ++i) {
                handshakes[i].signer = &key;
                // The same hello each time: the nonces must differ all the same.
                handshakes[i].hello = {1, 2, 3};
                pointers[i] = &handshakes[i];
            }
            prepare_handshakes(pointers, kLanes);
            for (Prepared& handshake : handshakes) {
                assert_true(handshake.half.ready());
                assert_false(handshake.has_pair);
                const std::string r = hex(handshake.half.r.get());
                const PreparedScope scope(&handshake);
                const std::string signature = sign(key.key.get(), one.digest);
                assert_true(verifies(original.get(), one.digest, signature));
                assert_string_equal(r_of(signature).c_str(), r.c_str());
                assert_true(seen.insert(r).second);
                assert_false(handshake.half.ready());
                const std::string again = sign(key.key.get(), one.digest);
                assert_true(verifies(original.get(), one.digest, again));
                assert_true(seen.insert(r_of(again)).second);
            }
        }
    }
}

void a_half_of_another_curve_is_left_alone(void**) {
    provider_state().mb = test::real_crypto_mb();
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    const UniquePkey original = ec_key("P-384");
    const SigningKey p384 = make_signing_key(original.get());
    const SigningKey p256 = make_signing_key(ec_key("P-256").get());
    Prepared handshakes[kLanes];
    Prepared* pointers[kLanes];
    for (size_t i = 0; i < kLanes; ++i) {
        handshakes[i].signer = &p256;
        pointers[i] = &handshakes[i];
    }
    prepare_handshakes(pointers, kLanes);
    const PreparedScope scope(&handshakes[0]);
    assert_true(verifies(original.get(), "SHA384", sign(p384.key.get(), "SHA384")));
    assert_true(handshakes[0].half.ready());
}

// One signature at a time: once a key signs often, its halves come from the pool, each once.
void halves_made_ahead_are_used_once(void**) {
    provider_state().mb = test::real_crypto_mb();
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    const UniquePkey originals[] = {ec_key("P-256"), ec_key("P-256")};
    const SigningKey keys[] = {make_signing_key(originals[0].get()), make_signing_key(originals[1].get())};
    assert_true(keys[0].number != keys[1].number);
    std::set<std::string> seen;
    size_t ready = 0;
    const size_t rounds = test::operations(1000);
    for (size_t round = 0; round < rounds; ++round) {
        Prepared handshake;
        Prepared* const pointer = &handshake;
        handshake.signer = &keys[round % 2];
        handshake.takes_ahead = true;
        prepare_handshakes(&pointer, 1);
        ready += handshake.half.ready() ? 1 : 0;
        // The first ones of a key do not yet say that there will be more.
        assert_true(round >= 2 * 2 || !handshake.half.ready());
        const PreparedScope scope(&handshake);
        const std::string signature = sign(keys[round % 2].key.get(), "SHA256");
        assert_true(verifies(originals[round % 2].get(), "SHA256", signature));
        assert_true(seen.insert(r_of(signature)).second);
    }
    assert_true(ready > rounds / 2);
}

// P-384 alone is faster by the library already.
void one_of_the_larger_curve_is_prepared(void**) {
    provider_state().mb = test::real_crypto_mb();
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    const SigningKey key = make_signing_key(ec_key("P-384").get());
    Prepared handshake;
    Prepared* const pointer = &handshake;
    handshake.signer = &key;
    prepare_handshakes(&pointer, 1);
    assert_true(handshake.half.ready());
}

void two_are_left_to_openssl(void**) {
    provider_state().mb = test::real_crypto_mb();
    const SigningKey key = make_signing_key(ec_key("P-256").get());
    Prepared handshakes[2];
    Prepared* pointers[] = {&handshakes[0], &handshakes[1]};
    handshakes[0].signer = handshakes[1].signer = &key;
    prepare_handshakes(pointers, 2);
    assert_false(handshakes[0].half.ready() || handshakes[1].half.ready());
}

void without_a_half_it_signs_as_before(void**) {
    for (const Case& one : kCases) {
        const UniquePkey original = ec_key(one.curve);
        const SigningKey key = make_signing_key(original.get());
        assert_true(verifies(original.get(), one.digest, sign(key.key.get(), one.digest)));
        assert_int_equal(EVP_PKEY_eq(original.get(), key.key.get()), 1);
    }
}

void other_keys_have_no_copy(void**) {
    assert_null(make_signing_key(test::make_rsa_key().get()).key.get());
    assert_null(make_signing_key(test::make_ed25519_key().get()).key.get());
    assert_null(make_signing_key(ec_key("P-521").get()).key.get());
    drain_openssl_errors();
}

// What a certificate holds of a key, as it is read from a file.
UniquePkey half_of(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    test::need(size > 0);
    const unsigned char* at = der;
    UniquePkey half(d2i_PUBKEY(nullptr, &at, size));
    OPENSSL_free(der);
    test::need(half != nullptr);
    return half;
}

void it_takes_the_place_of_the_certificates_half(void**) {
    for (const Case& one : kCases) {
        const UniquePkey original = ec_key(one.curve);
        const UniquePkey half = half_of(original.get());
        const SigningKey key = replace_by_signing_key(share(half.get()), original.get());
        assert_ptr_equal(key.key.get(), half.get());
        assert_int_equal(EVP_PKEY_eq(half.get(), original.get()), 1);
        assert_int_equal(EVP_PKEY_get_bits(half.get()), EVP_PKEY_get_bits(original.get()));
        assert_true(verifies(original.get(), one.digest, sign(half.get(), one.digest)));
        assert_int_equal(
            BN_cmp(key.private_number, EC_KEY_get0_private_key(EVP_PKEY_get0_EC_KEY(half.get()))), 0);
    }
}

// A certificate that was just made holds the key that it was made with.
void it_takes_the_place_of_the_key_itself(void**) {
    const UniquePkey original = ec_key("P-256");
    const UniquePkey half = half_of(original.get());
    const SigningKey key = replace_by_signing_key(share(original.get()), original.get());
    assert_ptr_equal(key.key.get(), original.get());
    assert_true(verifies(half.get(), "SHA256", sign(original.get(), "SHA256")));
}

// That of the private key's file does not matter.
void the_half_keeps_the_form_of_its_point(void**) {
    constexpr int kForms[] = {POINT_CONVERSION_COMPRESSED, POINT_CONVERSION_UNCOMPRESSED};
    for (const int form : kForms) {
        const UniquePkey original = ec_key("P-256");
        const char* const name = form == POINT_CONVERSION_COMPRESSED ? "compressed" : "uncompressed";
        assert_int_equal(
            EVP_PKEY_set_utf8_string_param(original.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, name),
            1);
        const UniquePkey half = half_of(original.get());
        const char* const other = form == POINT_CONVERSION_COMPRESSED ? "uncompressed" : "compressed";
        EVP_PKEY_set_utf8_string_param(original.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, other);
        assert_int_equal(EVP_PKEY_get_ec_point_conv_form(half.get()), form);
        assert_non_null(replace_by_signing_key(share(half.get()), original.get()).key.get());
        assert_int_equal(EVP_PKEY_get_ec_point_conv_form(half.get()), form);
    }
}

void the_half_of_another_key_stays(void**) {
    const UniquePkey others[] = {test::make_rsa_key(), test::make_ed25519_key(), ec_key("P-521")};
    for (const UniquePkey& other : others) {
        const UniquePkey half = half_of(other.get());
        assert_null(replace_by_signing_key(share(half.get()), other.get()).key.get());
        assert_int_equal(EVP_PKEY_eq(half.get(), other.get()), 1);
    }
    drain_openssl_errors();
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_half_is_used_for_one_signature),
        cmocka_unit_test(a_half_of_another_curve_is_left_alone),
        cmocka_unit_test(halves_made_ahead_are_used_once),
        cmocka_unit_test(one_of_the_larger_curve_is_prepared),
        cmocka_unit_test(two_are_left_to_openssl),
        cmocka_unit_test(without_a_half_it_signs_as_before),
        cmocka_unit_test(other_keys_have_no_copy),
        cmocka_unit_test(it_takes_the_place_of_the_certificates_half),
        cmocka_unit_test(it_takes_the_place_of_the_key_itself),
        cmocka_unit_test(the_half_keeps_the_form_of_its_point),
        cmocka_unit_test(the_half_of_another_key_stays),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

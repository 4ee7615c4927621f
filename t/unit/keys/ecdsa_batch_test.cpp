// Signatures begun in a batch and finished by OpenSSL: valid at every fill, for mixed keys, never with one r
// twice, also where the random generator repeats itself; lanes that fail stay empty.

// Low-level signatures are what is tested.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/ecdsa_batch.h"

#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <set>
#include <string>

#include "support/batches.h"

namespace tls {
namespace {

using test::real_crypto_mb;
using UniqueEcKey = std::unique_ptr<EC_KEY, OpensslDeleter<EC_KEY, EC_KEY_free>>;

constexpr int kCurves[] = {NID_X9_62_prime256v1, NID_secp384r1};

uint32_t failing_p256(uint64_t** inverse, uint64_t** r, CryptoMb::Words nonce, uint8_t* buffer) {
    return test::spoiled(real_crypto_mb()->p256_sign_setup(inverse, r, nonce, buffer));
}

uint32_t failing_p384(uint64_t** inverse, uint64_t** r, CryptoMb::Words nonce, uint8_t* buffer) {
    return test::spoiled(real_crypto_mb()->p384_sign_setup(inverse, r, nonce, buffer));
}

std::array<UniqueEcKey, kLanes> make_keys(int curve) {
    std::array<UniqueEcKey, kLanes> keys;
    for (UniqueEcKey& key : keys) {
        key.reset(EC_KEY_new_by_curve_name(curve));
        if (key == nullptr || EC_KEY_generate_key(key.get()) != 1) {
            abort();
        }
    }
    return keys;
}

std::string hex(const BIGNUM* number) {
    char* text = BN_bn2hex(number);
    std::string copy = text;
    OPENSSL_free(text);
    return copy;
}

void check_signature(const SignatureHalf& half, EC_KEY* key, std::set<std::string>* seen) {
    unsigned char digest[48];
    RAND_bytes(digest, sizeof(digest));
    const int size = EC_GROUP_order_bits(EC_KEY_get0_group(key)) / 8;
    assert_true(half.ready());
    assert_true(seen->insert(hex(half.r.get())).second);
    ECDSA_SIG* signature = ECDSA_do_sign_ex(digest, size, half.inverse.get(), half.r.get(), key);
    assert_non_null(signature);
    assert_int_equal(ECDSA_do_verify(digest, size, signature, key), 1);
    assert_int_equal(BN_cmp(ECDSA_SIG_get0_r(signature), half.r.get()), 0);
    ECDSA_SIG_free(signature);
}

void signatures_verify_at_every_fill(void**) {
    if (real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    const std::string context = "the same hello, always";
    for (const int nid : kCurves) {
        const auto keys = make_keys(nid);
        const auto curve = SignatureCurve::make(nid);
        std::set<std::string> seen;
        size_t count = 1;
        for (size_t done = 0; done < test::operations(); done += count, count = count % kLanes + 1) {
            SignatureWish wishes[kLanes];
            SignatureHalf halves[kLanes];
            for (size_t lane = 0; lane < count; ++lane) {
                // The same key several times, and others between.
                wishes[lane].private_key = EC_KEY_get0_private_key(keys[lane * lane % kLanes].get());
                wishes[lane].context = ByteView::of(context);
            }
            curve->prepare(*real_crypto_mb(), wishes, halves, count);
            for (size_t lane = 0; lane < kLanes; ++lane) {
                if (lane < count) {
                    check_signature(halves[lane], keys[lane * lane % kLanes].get(), &seen);
                } else {
                    assert_false(halves[lane].ready());
                }
            }
        }
    }
}

void a_lane_that_fails_stays_empty(void**) {
    if (real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    CryptoMb mb = *real_crypto_mb();
    mb.p256_sign_setup = failing_p256;
    mb.p384_sign_setup = failing_p384;
    for (const int nid : kCurves) {
        const auto keys = make_keys(nid);
        const auto curve = SignatureCurve::make(nid);
        std::set<std::string> seen;
        for (const unsigned lanes : {0x01U, 0x80U, 0xa5U, 0xffU}) {
            test::failing_lanes = static_cast<LaneMask>(lanes);
            SignatureWish wishes[kLanes];
            SignatureHalf halves[kLanes];
            for (size_t lane = 0; lane < kLanes; ++lane) {
                wishes[lane].private_key = EC_KEY_get0_private_key(keys[lane].get());
            }
            curve->prepare(mb, wishes, halves, kLanes);
            for (size_t lane = 0; lane < kLanes; ++lane) {
                const bool failed = (lanes >> lane & 1U) != 0;
                assert_int_equal(halves[lane].ready(), !failed);
                if (!failed) {
                    check_signature(halves[lane], keys[lane].get(), &seen);
                }
            }
        }
    }
}

int same_bytes(unsigned char* out, int size) {
    memset(out, 0x5c, static_cast<size_t>(size));
    return 1;
}

// Only what is the same altogether, key and hello, has the same nonce then: with other hellos it differs, and
// with other keys.
void a_generator_that_repeats_itself_repeats_no_nonce(void**) {
    if (real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    constexpr size_t kTried = 4;
    const std::string hellos[] = {"one hello", "another"};
    for (const int nid : kCurves) {
        const auto keys = make_keys(nid);
        const auto curve = SignatureCurve::make(nid);
        SignatureWish wishes[kTried];
        SignatureHalf halves[kTried];
        for (size_t lane = 0; lane < kTried; ++lane) {
            wishes[lane].private_key = EC_KEY_get0_private_key(keys[lane / 3].get());
            wishes[lane].context = ByteView::of(hellos[lane == 1 ? 1 : 0]);
        }
        RAND_METHOD repeating{};
        repeating.bytes = repeating.pseudorand = same_bytes;
        const RAND_METHOD* const usual = RAND_get_rand_method();
        RAND_set_rand_method(&repeating);
        curve->prepare(*real_crypto_mb(), wishes, halves, kTried);
        RAND_set_rand_method(usual);
        for (const SignatureHalf& half : halves) {
            assert_true(half.ready());
        }
        assert_int_equal(BN_cmp(halves[0].r.get(), halves[2].r.get()), 0);
        assert_int_not_equal(BN_cmp(halves[0].r.get(), halves[1].r.get()), 0);
        assert_int_not_equal(BN_cmp(halves[0].r.get(), halves[3].r.get()), 0);
    }
}

void other_curves_have_no_batch(void**) {
    assert_true(SignatureCurve::make(NID_secp521r1) == nullptr);
    assert_true(SignatureCurve::make(NID_X25519) == nullptr);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(signatures_verify_at_every_fill),
        cmocka_unit_test(a_lane_that_fails_stays_empty),
        cmocka_unit_test(a_generator_that_repeats_itself_repeats_no_nonce),
        cmocka_unit_test(other_curves_have_no_batch),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

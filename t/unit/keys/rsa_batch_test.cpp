// RSA private operations in batches: those of OpenSSL, for every size and fill; results that are wrong or
// that the library reports never count as good.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/rsa_batch.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <map>
#include <vector>

#include "support/batches.h"
#include "support/made_certificates.h"

namespace tls {
namespace {

UniquePkey rsa_key(unsigned bits) {
    UniquePkey key(EVP_RSA_gen(bits));
    assert_non_null(key.get());
    return key;
}

// Three of each size, made once.
const std::vector<UniquePkey>& keys_of(unsigned bits) {
    static std::map<unsigned, std::vector<UniquePkey>> kept;
    std::vector<UniquePkey>& keys = kept[bits];
    while (keys.size() < 3) {
        keys.push_back(rsa_key(bits));
    }
    return keys;
}

// Less than any modulus of that size.
std::vector<uint8_t> any_number(size_t size) {
    std::vector<uint8_t> number(size);
    assert_int_equal(RAND_bytes(number.data(), static_cast<int>(size)), 1);
    number[0] = 0;
    return number;
}

std::vector<uint8_t> by_openssl(EVP_PKEY* key, const std::vector<uint8_t>& number) {
    std::vector<uint8_t> out(number.size());
    const RSA* rsa = EVP_PKEY_get0_RSA(key);
    assert_int_equal(RSA_private_encrypt(static_cast<int>(number.size()), number.data(), out.data(),
                                         const_cast<RSA*>(rsa), RSA_NO_PADDING),
                     number.size());
    return out;
}

void every_fill_is_as_by_openssl(void**) {
    const CryptoMb* mb = test::real_crypto_mb();
    if (mb == nullptr) {
        test::skip_test();
    }
    for (const unsigned bits : {2048U, 3072U, 4096U}) {
        const auto& keys = keys_of(bits);
        std::vector<std::unique_ptr<RsaNumbers>> numbers;
        for (const UniquePkey& key : keys) {
            numbers.push_back(RsaNumbers::of(key.get()));
            assert_non_null(numbers.back().get());
            assert_int_equal(numbers.back()->bits(), bits);
        }
        // An operation of OpenSSL's is a quarter of a millisecond to two.
        const size_t operations = test::operations(bits == 2048 ? 1500 : 200);
        size_t count = 1;
        for (size_t done = 0, round = 0; done < operations;
             done += count, count = count % kLanes + 1, ++round) {
            RsaBatch batch;
            std::vector<std::vector<uint8_t>> in;
            for (size_t lane = 0; lane < count; ++lane) {
                in.push_back(any_number(bits / 8));
                batch.add(*numbers[(lane + round) % 3], in.back().data());
            }
            assert_int_equal(batch.calculate(*mb), (1U << count) - 1);
            for (size_t lane = 0; lane < count; ++lane) {
                const auto expected = by_openssl(keys[(lane + round) % 3].get(), in[lane]);
                assert_memory_equal(batch.result(lane), expected.data(), expected.size());
            }
        }
    }
}

void edges_are_as_by_openssl(void**) {
    const CryptoMb* mb = test::real_crypto_mb();
    if (mb == nullptr) {
        test::skip_test();
    }
    const UniquePkey& key = keys_of(2048)[0];
    const auto numbers = RsaNumbers::of(key.get());
    BIGNUM* modulus = nullptr;
    BIGNUM* factor = nullptr;
    EVP_PKEY_get_bn_param(key.get(), "n", &modulus);
    EVP_PKEY_get_bn_param(key.get(), "rsa-factor1", &factor);
    BN_sub_word(modulus, 1);
    std::vector<std::vector<uint8_t>> in(5, std::vector<uint8_t>(256, 0));
    in[1].back() = 1;
    assert_int_equal(BN_bn2binpad(modulus, in[2].data(), 256), 256);
    assert_int_equal(BN_bn2binpad(factor, in[3].data(), 256), 256);
    std::fill(in[4].begin() + 1, in[4].end(), 0xff);
    RsaBatch batch;
    for (const auto& number : in) {
        batch.add(*numbers, number.data());
    }
    assert_int_equal(batch.calculate(*mb), 0x1f);
    for (size_t lane = 0; lane < in.size(); ++lane) {
        const auto expected = by_openssl(key.get(), in[lane]);
        assert_memory_equal(batch.result(lane), expected.data(), expected.size());
    }
    BN_free(modulus);
    BN_free(factor);
}

// Lanes whose result is spoiled without the library noticing.
LaneMask wrong_lanes = 0;

uint32_t faulty(CryptoMb::Bytes in, uint8_t* const* out, CryptoMb::Words p, CryptoMb::Words q,
                CryptoMb::Words dp, CryptoMb::Words dq, CryptoMb::Words inverse, int bits, const void* method,
                uint8_t* buffer) {
    const uint32_t status =
        test::real_crypto_mb()->rsa_private_crt(in, out, p, q, dp, dq, inverse, bits, method, buffer);
    for (size_t lane = 0; lane < kLanes; ++lane) {
        if ((wrong_lanes >> lane & 1U) != 0 && out[lane] != nullptr) {
            out[lane][17] ^= 1;
        }
    }
    return test::spoiled(status);
}

void what_failed_is_not_good(void**) {
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    CryptoMb mb{};
    mb.rsa_private_crt = faulty;
    const auto numbers = RsaNumbers::of(keys_of(2048)[0].get());
    for (const auto& [wrong, failing] :
         {std::pair<int, int>{0x00, 0x04}, {0x10, 0x00}, {0x01, 0x80}, {0xff, 0}, {0, 0xff}}) {
        wrong_lanes = static_cast<LaneMask>(wrong);
        test::failing_lanes = static_cast<LaneMask>(failing);
        RsaBatch batch;
        while (!batch.full()) {
            batch.add(*numbers, any_number(256).data());
        }
        assert_int_equal(batch.calculate(mb), 0xff & ~(wrong | failing));
    }
    wrong_lanes = test::failing_lanes = 0;
}

void an_empty_batch_asks_nobody(void**) {
    const CryptoMb none{};
    RsaBatch batch;
    assert_int_equal(batch.calculate(none), 0);
}

UniquePkey with_three_primes() {
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
    EVP_PKEY* key = nullptr;
    assert_int_equal(EVP_PKEY_keygen_init(context), 1);
    EVP_PKEY_CTX_set_rsa_keygen_bits(context, 2048);
    EVP_PKEY_CTX_set_rsa_keygen_primes(context, 3);
    assert_int_equal(EVP_PKEY_keygen(context, &key), 1);
    EVP_PKEY_CTX_free(context);
    return UniquePkey(key);
}

void other_keys_have_no_numbers(void**) {
    assert_null(RsaNumbers::of(test::make_ec_key().get()).get());
    assert_null(RsaNumbers::of(test::make_ed25519_key().get()).get());
    assert_null(RsaNumbers::of(rsa_key(1024).get()).get());
    assert_null(RsaNumbers::of(rsa_key(2056).get()).get());
    assert_null(RsaNumbers::of(with_three_primes().get()).get());
    assert_int_equal(ERR_peek_error(), 0);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_fill_is_as_by_openssl), cmocka_unit_test(edges_are_as_by_openssl),
        cmocka_unit_test(what_failed_is_not_good),     cmocka_unit_test(an_empty_batch_asks_nobody),
        cmocka_unit_test(other_keys_have_no_numbers),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

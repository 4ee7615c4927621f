// The public key as an object is what OpenSSL's checks want; it calls that deprecated, and has it in all its
// versions.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/rsa_batch.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include <cstring>

namespace tls {

namespace {

using UniqueNumber = std::unique_ptr<BIGNUM, OpensslDeleter<BIGNUM, BN_clear_free>>;

constexpr int kSizes[] = {2048, 3072, 4096};

UniqueNumber number_of(const EVP_PKEY* key, const char* name) {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(key, name, &number);
    return UniqueNumber(number);
}

}  // namespace

std::unique_ptr<RsaNumbers> RsaNumbers::of(const EVP_PKEY* key) {
    std::unique_ptr<RsaNumbers> numbers(new RsaNumbers());
    const bool complete = numbers->read(key);
    drain_openssl_errors();
    return complete ? std::move(numbers) : nullptr;
}

RsaNumbers::~RsaNumbers() {
    for (std::vector<uint64_t>& words : words_) {
        OPENSSL_cleanse(words.data(), words.size() * sizeof(uint64_t));
    }
    RSA_free(public_key_);
}

bool RsaNumbers::read(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA") != 1 || number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR3) != nullptr) {
        return false;
    }
    for (const int bits : kSizes) {
        size_ = EVP_PKEY_get_bits(key) == bits ? static_cast<size_t>(bits) / 8 : size_;
    }
    constexpr const char* kNames[] = {OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
                                      OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
                                      OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
    for (size_t i = 0; i < kNumbers; ++i) {
        const UniqueNumber number = number_of(key, kNames[i]);
        words_[i].resize(size_ / 2 / sizeof(uint64_t));
        const bool is_factor = i == kP || i == kQ;
        if (size_ == 0 || number == nullptr ||
            (is_factor && BN_num_bits(number.get()) != static_cast<int>(size_ * 4)) ||
            BN_bn2lebinpad(number.get(), reinterpret_cast<unsigned char*>(words_[i].data()),
                           static_cast<int>(size_ / 2)) < 0) {
            return false;
        }
    }
    UniqueNumber modulus = number_of(key, OSSL_PKEY_PARAM_RSA_N);
    UniqueNumber exponent = number_of(key, OSSL_PKEY_PARAM_RSA_E);
    public_key_ = RSA_new();
    if (public_key_ == nullptr || modulus == nullptr || exponent == nullptr ||
        RSA_set0_key(public_key_, modulus.get(), exponent.get(), nullptr) != 1) {
        return false;
    }
    static_cast<void>(modulus.release());
    static_cast<void>(exponent.release());
    return true;
}

void RsaBatch::add(const RsaNumbers& key, const uint8_t* encoded) {
    keys_[count_] = &key;
    memcpy(in_[count_], encoded, key.size());
    ++count_;
}

LaneMask RsaBatch::calculate(const CryptoMb& mb) {
    const uint8_t* in[kLanes] = {};
    uint8_t* out[kLanes] = {};
    const uint64_t* numbers[RsaNumbers::kNumbers][kLanes] = {};
    for (size_t lane = 0; lane < count_; ++lane) {
        in[lane] = in_[lane];
        out[lane] = out_[lane];
        for (size_t i = 0; i < RsaNumbers::kNumbers; ++i) {
            numbers[i][lane] = keys_[lane]->words_[i].data();
        }
    }
    const uint32_t status =
        count_ == 0 ? 0
                    : mb.rsa_private_crt(in, out, numbers[RsaNumbers::kP], numbers[RsaNumbers::kQ],
                                         numbers[RsaNumbers::kDp], numbers[RsaNumbers::kDq],
                                         numbers[RsaNumbers::kQInverse], keys_[0]->bits(), nullptr, nullptr);
    LaneMask good = good_lanes(status, count_);
    for (size_t lane = 0; lane < count_; ++lane) {
        if ((good >> lane & 1U) != 0 && !is_right(lane)) {
            good = static_cast<LaneMask>(good & ~(1U << lane));
        }
    }
    return good;
}

bool RsaBatch::is_right(size_t lane) const {
    const RsaNumbers& key = *keys_[lane];
    const auto size = static_cast<int>(key.size());
    uint8_t back[kMaxSize];
    const bool right = RSA_public_decrypt(size, out_[lane], back, key.public_key(), RSA_NO_PADDING) == size &&
                       CRYPTO_memcmp(back, in_[lane], key.size()) == 0;
    drain_openssl_errors();
    return right;
}

}  // namespace tls

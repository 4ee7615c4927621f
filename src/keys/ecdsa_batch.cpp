#include "keys/ecdsa_batch.h"

#include <openssl/obj_mac.h>

namespace tls {

namespace {

constexpr int kP256Size = 32;
constexpr int kP384Size = 48;
// 38 us a call, OpenSSL 18 each; of P-384 even one alone is faster (161 us, OpenSSL 602).
constexpr size_t kWorthwhileP256 = 3;

void free_numbers(BN_CTX* numbers) {
    BN_CTX_free(numbers);
}

using UniqueNumbers = std::unique_ptr<BN_CTX, OpensslDeleter<BN_CTX, free_numbers>>;

}  // namespace

UniqueNumber secret_number(const uint64_t* words, size_t size) {
    UniqueNumber number(BN_secure_new());
    if (number == nullptr || BN_lebin2bn(reinterpret_cast<const unsigned char*>(words),
                                         static_cast<int>(size), number.get()) == nullptr) {
        return nullptr;
    }
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    return number;
}

std::unique_ptr<SignatureCurve> SignatureCurve::make(int nid) {
    std::unique_ptr<SignatureCurve> curve(new SignatureCurve());
    if (nid == NID_X9_62_prime256v1) {
        curve->size_ = kP256Size;
        curve->worthwhile_ = kWorthwhileP256;
    } else if (nid == NID_secp384r1) {
        curve->size_ = kP384Size;
    } else {
        return nullptr;
    }
    curve->group_.reset(EC_GROUP_new_by_curve_name(nid));
    return curve->group_ != nullptr ? std::move(curve) : nullptr;
}

// Fresh randomness is hashed together with the key and the context: neither a random generator that repeats
// itself (a cloned machine) nor one that is known makes two signatures share a nonce.
bool SignatureCurve::make_nonce(const SignatureWish& wish, BN_CTX* numbers, uint64_t* words) const {
    const UniqueNumber nonce(BN_secure_new());
    return nonce != nullptr &&
           BN_generate_dsa_nonce(nonce.get(), EC_GROUP_get0_order(group_.get()), wish.private_key,
                                 wish.context.data(), wish.context.size(), numbers) == 1 &&
           BN_is_zero(nonce.get()) == 0 &&
           BN_bn2lebinpad(nonce.get(), reinterpret_cast<unsigned char*>(words), size_) == size_;
}

void SignatureCurve::prepare(const CryptoMb& mb, const SignatureWish* wishes, SignatureHalf* halves,
                             size_t count) const {
    const auto setup = size_ == kP256Size ? mb.p256_sign_setup : mb.p384_sign_setup;
    uint64_t nonces[kLanes][kWords];
    uint64_t inverses[kLanes][kWords];
    uint64_t rs[kLanes][kWords];
    const uint64_t* in[kLanes] = {};
    uint64_t* inverse[kLanes] = {};
    uint64_t* r[kLanes] = {};
    const UniqueNumbers numbers(BN_CTX_secure_new());
    for (size_t lane = 0; lane < count; ++lane) {
        halves[lane] = SignatureHalf();
        if (numbers != nullptr && make_nonce(wishes[lane], numbers.get(), nonces[lane])) {
            in[lane] = nonces[lane];
            inverse[lane] = inverses[lane];
            r[lane] = rs[lane];
        }
    }
    const LaneMask good = good_lanes(setup(inverse, r, in, nullptr), count);
    for (size_t lane = 0; lane < count; ++lane) {
        if (in[lane] == nullptr || (good >> lane & 1U) == 0) {
            continue;
        }
        halves[lane].inverse = secret_number(inverses[lane], static_cast<size_t>(size_));
        halves[lane].r = secret_number(rs[lane], static_cast<size_t>(size_));
        if (!halves[lane].ready() || BN_is_zero(halves[lane].r.get()) != 0) {
            halves[lane] = SignatureHalf();
        }
    }
    OPENSSL_cleanse(nonces, sizeof(nonces));
    OPENSSL_cleanse(inverses, sizeof(inverses));
}

}  // namespace tls

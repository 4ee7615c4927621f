#include "keys/crypto_mb.h"

#include <initializer_list>
#include <utility>

#include "base/shared_library.h"

namespace tls {

namespace {

// One a version of its interface; what is used of it here is the same in all.
constexpr std::initializer_list<const char*> kNames = {"libcrypto_mb.so.13", "libcrypto_mb.so.12",
                                                       "libcrypto_mb.so.11"};

bool find_all(void* handle, CryptoMb* mb) {
    return find(handle, "mbx_x25519_public_key_mb8", &mb->x25519_public) &&
           find(handle, "mbx_x25519_mb8", &mb->x25519) &&
           find(handle, "mbx_nistp256_ecpublic_key_mb8", &mb->p256_public) &&
           find(handle, "mbx_nistp256_ecdh_mb8", &mb->p256_derive) &&
           find(handle, "mbx_nistp256_ecdsa_sign_setup_mb8", &mb->p256_sign_setup) &&
           find(handle, "mbx_nistp384_ecdsa_sign_setup_mb8", &mb->p384_sign_setup) &&
           find(handle, "mbx_rsa_private_crt_mb8", &mb->rsa_private_crt);
}

// The library's own judgement of the processor; it looks itself when it is told nothing (0).
bool is_applicable(void* handle) {
    int (*applicable)(uint64_t) = nullptr;
    return find(handle, "mbx_is_crypto_mb_applicable", &applicable) && applicable(0) != 0;
}

}  // namespace

LaneMask good_lanes(uint32_t status, size_t count) {
    LaneMask mask = 0;
    for (size_t lane = 0; lane < count; ++lane) {
        const bool good = (status >> (4 * lane) & 0xf) == 0;
        mask = static_cast<LaneMask>(mask | (good ? 1U << lane : 0U));
    }
    return mask;
}

CryptoMbAnswer load_crypto_mb(const std::string& folder) {
    CryptoMbAnswer answer;
    void* handle = open_library(kNames, folder, &answer.name);
    if (handle == nullptr) {
        answer.name = "libcrypto_mb";
        answer.reason = "it is not installed";
        return answer;
    }
    auto mb = std::make_shared<CryptoMb>();
    if (!find_all(handle, mb.get())) {
        answer.reason = "it lacks a function that is needed";
    } else if (!is_applicable(handle)) {
        answer.reason = "it does not support this processor, which must have AVX-512 IFMA";
    } else {
        answer.library = std::move(mb);
    }
    return answer;
}

const CryptoMbAnswer& crypto_mb() {
    static const CryptoMbAnswer kAnswer = load_crypto_mb(folder_of_this_code());
    return kAnswer;
}

}  // namespace tls

#include "record/ipsec_mb.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <initializer_list>
#include <limits>
#include <utility>
#include <vector>

#include "base/shared_library.h"

namespace tls {

namespace {

// One a version of its interface; the functions below are the same in both.
constexpr std::initializer_list<const char*> kNames = {"libIPSec_MB.so.2", "libIPSec_MB.so.1"};

// The first OpenSSL with AES-GCM for AVX-512.
constexpr unsigned long kOpensslWithVectorAes = 0x30100000UL;

// By name and not by way of the library's manager: where that has its pointers differs from version to
// version.
bool find_all(void* handle, IpsecMb* library) {
    return find(handle, "aes_gcm_pre_128_vaes_avx512", &library->aes128.expand) &&
           find(handle, "aes_gcm_enc_128_vaes_avx512", &library->aes128.seal) &&
           find(handle, "aes_gcm_dec_128_vaes_avx512", &library->aes128.open) &&
           find(handle, "aes_gcm_pre_256_vaes_avx512", &library->aes256.expand) &&
           find(handle, "aes_gcm_enc_256_vaes_avx512", &library->aes256.seal) &&
           find(handle, "aes_gcm_dec_256_vaes_avx512", &library->aes256.open);
}

}  // namespace

bool has_vector_aes(const char* settings) {
    // The second number is EBX, and above it ECX, of CPUID's leaf 7. Whoever has no such numbers is no x86.
    uint64_t first = 0;
    uint64_t features = 0;
    if (settings == nullptr ||
        std::sscanf(settings, "OPENSSL_ia32cap=0x%" SCNx64 ":0x%" SCNx64, &first, &features) != 2) {
        return false;
    }
    uint64_t needed = 0;
    // BMI1, BMI2, AVX512F, -DQ, -BW, -VL; VAES, VPCLMULQDQ.
    for (const unsigned bit : {3U, 8U, 16U, 17U, 30U, 31U, 32U + 9U, 32U + 10U}) {
        needed |= uint64_t{1} << bit;
    }
    return (features & needed) == needed;
}

namespace {

// By their numbers, from 1. Added to before a worker serves, or by its one thread.
std::vector<const IpsecMb*>& libraries() {
    static std::vector<const IpsecMb*> all;
    return all;
}

}  // namespace

uint8_t enroll(const IpsecMb* library) {
    std::vector<const IpsecMb*>& all = libraries();
    const auto found = std::find(all.begin(), all.end(), library);
    const auto number = static_cast<size_t>(found - all.begin()) + 1;
    if (library == nullptr || number > std::numeric_limits<uint8_t>::max()) {
        return 0;
    }
    if (found == all.end()) {
        all.push_back(library);
    }
    return static_cast<uint8_t>(number);
}

const IpsecMb& enrolled(uint8_t number) {
    return *libraries()[number - 1];
}

bool gains_by_ipsec_mb() {
    return OpenSSL_version_num() < kOpensslWithVectorAes &&
           has_vector_aes(OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS));
}

IpsecMbAnswer load_ipsec_mb() {
    IpsecMbAnswer answer;
    void* handle = open_library(kNames, {}, &answer.name);
    if (handle == nullptr) {
        answer.name = "libIPSec_MB";
        answer.reason = "it is not installed";
        return answer;
    }
    auto library = std::make_shared<IpsecMb>();
    if (!find_all(handle, library.get())) {
        answer.reason = "it lacks a function that is needed";
        return answer;
    }
    const std::string difference = compare_with_libcrypto(*library);
    if (!difference.empty()) {
        answer.is_faulty = true;
        answer.reason = "its answers are not OpenSSL's: " + difference;
        return answer;
    }
    answer.library = std::move(library);
    return answer;
}

const IpsecMbAnswer& ipsec_mb() {
    static const IpsecMbAnswer kAnswer = gains_by_ipsec_mb() ? load_ipsec_mb() : IpsecMbAnswer();
    return kAnswer;
}

}  // namespace tls

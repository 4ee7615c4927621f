// libipsec-mb against libcrypto, before a record depends on it: every way that its code may take by a
// message's size, both sizes of key, sealing and opening.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "record/ipsec_mb.h"
#include "record/record_cipher.h"

namespace tls {

namespace {

// Around a block, the widths at which vector code changes its way, and what fills a record.
constexpr size_t kSizes[] = {0,    1,    2,    15,   16,   17,   31,   33,    63,    64,
                             65,   127,  128,  129,  255,  256,  257,  511,   512,   767,
                             768,  769,  1023, 1024, 1369, 1370, 2047, 2048,  2049,  3071,
                             3072, 3073, 4095, 4096, 4097, 8191, 8193, 16383, 16384, 16385};

// Nothing may be written from here on.
constexpr uint8_t kUntouched = 0x5c;
constexpr size_t kMargin = 64;

std::vector<uint8_t> pattern(size_t size, unsigned seed) {
    std::vector<uint8_t> bytes(size);
    for (size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<uint8_t>(i * 131 + (i >> 8) * 17 + seed);
    }
    return bytes;
}

class Comparison {
  public:
    Comparison(const IpsecMb& library, RecordSuite suite) {
        libcrypto_.suite = suite;
        const std::vector<uint8_t> key = pattern(libcrypto_.key_size(), static_cast<unsigned>(suite) + 7);
        std::copy(key.begin(), key.end(), libcrypto_.key.begin());
        other_ = libcrypto_;
        other_.ipsec_mb = enroll(&library);
    }

    bool holds_for(size_t size, size_t authenticated_size) {
        const std::vector<uint8_t> authenticated = pattern(authenticated_size, static_cast<unsigned>(size));
        const ByteView view(authenticated.data(), authenticated.size());
        Nonce nonce;
        const std::vector<uint8_t> nonce_bytes = pattern(nonce.size(), static_cast<unsigned>(size) + 3);
        std::copy(nonce_bytes.begin(), nonce_bytes.end(), nonce.begin());

        std::vector<uint8_t> content = pattern(size, static_cast<unsigned>(size) + 91);
        content.resize(size + kTagSize + kMargin, kUntouched);
        std::vector<uint8_t> expected = content;
        std::vector<uint8_t> sealed = content;
        if (!encrypt(libcrypto_, nonce, view, expected.data(), size) ||
            !encrypt(other_, nonce, view, sealed.data(), size) || sealed != expected) {
            return false;
        }
        std::vector<uint8_t> opened(size + kMargin, kUntouched);
        if (!decrypt(other_, nonce, view, sealed.data(), size, opened.data()) || sealed != expected ||
            !std::equal(opened.begin(), opened.begin() + static_cast<long>(size), content.begin()) ||
            opened.back() != kUntouched) {
            return false;
        }
        sealed[size + size % kTagSize] ^= 1;
        return !decrypt(other_, nonce, view, sealed.data(), size, sealed.data());
    }

  private:
    TrafficKeys libcrypto_;
    TrafficKeys other_;
};

// That it needs no more memory than it is given.
bool keeps_within(const GcmFunctions& functions, size_t key_size) {
    alignas(kGcmAlignment) uint8_t expanded[kGcmKeySize];
    alignas(kGcmAlignment) uint8_t scratch[kGcmScratchSize];
    std::memset(expanded, kUntouched, sizeof(expanded));
    std::memset(scratch, kUntouched, sizeof(scratch));
    const std::vector<uint8_t> key = pattern(key_size, 1);
    std::vector<uint8_t> data = pattern(100, 2);
    uint8_t tag[kTagSize];
    functions.expand(key.data(), expanded);
    functions.seal(expanded, scratch, data.data(), data.data(), data.size(), key.data(), key.data(), 13, tag,
                   sizeof(tag));
    const auto untouched = [](const uint8_t* from, const uint8_t* to) {
        return std::all_of(from, to, [](uint8_t byte) { return byte == kUntouched; });
    };
    return untouched(expanded + sizeof(expanded) - kMargin, expanded + sizeof(expanded)) &&
           untouched(scratch + sizeof(scratch) - kMargin, scratch + sizeof(scratch));
}

}  // namespace

std::string compare_with_libcrypto(const IpsecMb& library) {
    if (!keeps_within(library.aes128, 16) || !keeps_within(library.aes256, 32)) {
        return "it needs more memory";
    }
    for (const RecordSuite suite : {RecordSuite::Aes128Gcm, RecordSuite::Aes256Gcm}) {
        Comparison comparison(library, suite);
        for (const size_t size : kSizes) {
            // What TLS 1.3 authenticates beside the content, and TLS 1.2.
            for (const size_t authenticated : {size_t{5}, size_t{13}}) {
                if (!comparison.holds_for(size, authenticated)) {
                    return (suite == RecordSuite::Aes128Gcm ? "AES-128-GCM of " : "AES-256-GCM of ") +
                           std::to_string(size) + " bytes";
                }
            }
        }
    }
    return {};
}

}  // namespace tls

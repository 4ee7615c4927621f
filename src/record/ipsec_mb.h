// Intel's library libipsec-mb: AES-GCM with AVX-512, several times as fast as OpenSSL before 3.1.
//
// Used for records only. Found when the program runs, so that the module loads on machines without it and
// needs no header of it: the functions are known by pointer, with the library's own prototypes, and what they
// keep in memory is opaque here. Never unloaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace tls {

// For one size of key. `expanded` is kGcmKeySize bytes of memory and `scratch` kGcmScratchSize, each on a
// border of kGcmAlignment.
struct GcmFunctions {
    using Expand = void (*)(const void* key, void* expanded);
    // A whole message; `in` and `out` are the same or do not overlap. Opening gives the tag that the message
    // should have had and says nothing of the one that it has.
    using Run = void (*)(const void* expanded, void* scratch, uint8_t* out, const uint8_t* in, uint64_t size,
                         const uint8_t* nonce, const uint8_t* authenticated, uint64_t authenticated_size,
                         uint8_t* tag, uint64_t tag_size);
    Expand expand = nullptr;
    Run seal = nullptr;
    Run open = nullptr;
};

struct IpsecMb {
    GcmFunctions aes128;
    GcmFunctions aes256;
};

// More than versions 1 and 2 write, which is 1008 and 1264 bytes, and 88. The comparison at start looks.
constexpr size_t kGcmKeySize = 2048;
constexpr size_t kGcmScratchSize = 256;
constexpr size_t kGcmAlignment = 64;

// By what keys name it, for they are many and a pointer is large: the same number for the same library, which
// must live as long as the process. 0 for null, and when there is no number left, so that libcrypto is taken
// instead.
uint8_t enroll(const IpsecMb* library);
// What has that number, which is not 0.
const IpsecMb& enrolled(uint8_t number);

struct IpsecMbAnswer {
    std::shared_ptr<const IpsecMb> library;  // null: not used
    std::string name;                        // the file that was loaded, or tried
    std::string reason;                      // when `library` is null: why, in words
    bool is_faulty = false;                  // it is here, but not right
};

// Looks for the library whether or not it would be faster, and compares its answers with libcrypto's. Only
// for a processor that has_vector_aes().
IpsecMbAnswer load_ipsec_mb();

// Where its answers differ from libcrypto's, for the log; empty when they do not.
std::string compare_with_libcrypto(const IpsecMb& library);

// True for a processor with what the functions use. `settings` is what OPENSSL_info() has under
// OPENSSL_INFO_CPU_SETTINGS: what OpenSSL was told to leave alone is left alone here.
bool has_vector_aes(const char* settings);

// Whether this process's OpenSSL and processor gain by it. OpenSSL 3.1 brought such AES-GCM of its own.
bool gains_by_ipsec_mb();

// The same as load_ipsec_mb() where that gains something, once a process; else no library.
const IpsecMbAnswer& ipsec_mb();

}  // namespace tls

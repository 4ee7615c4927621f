// Where libipsec-mb is looked for, and which machines gain by it.
#include "record/ipsec_mb.h"

#include <openssl/crypto.h>
#include <sys/mman.h>

#include <cstring>
#include <string>

#include "support/ipsec_mb.h"

namespace tls {
namespace {

// The bits of CPUID's leaf 7 as OpenSSL writes them, with ECX above EBX, all that is needed among them.
constexpr uint64_t kNeeded = uint64_t{1} << 3 | uint64_t{1} << 8 | uint64_t{1} << 16 | uint64_t{1} << 17 |
                             uint64_t{1} << 30 | uint64_t{1} << 31 | uint64_t{1} << 41 | uint64_t{1} << 42;

std::string settings(uint64_t features, const char* rest = "") {
    char text[200];
    snprintf(text, sizeof(text), "OPENSSL_ia32cap=0xfffa32034f8bffff:0x%llx%s",
             static_cast<unsigned long long>(features), rest);
    return text;
}

void a_processor_needs_all_that_is_used(void**) {
    assert_true(has_vector_aes(settings(kNeeded).c_str()));
    assert_true(has_vector_aes(settings(UINT64_MAX).c_str()));
    size_t counted = 0;
    for (unsigned bit = 0; bit < 64; ++bit) {
        const uint64_t without = UINT64_MAX & ~(uint64_t{1} << bit);
        const bool needed = (kNeeded >> bit & 1) != 0;
        assert_int_equal(has_vector_aes(settings(without).c_str()), !needed);
        counted += needed ? 1 : 0;
    }
    assert_int_equal(counted, 8);
}

void other_words_of_openssl_are_understood(void**) {
    // What an operator took away, and the further numbers of later versions.
    assert_true(has_vector_aes(settings(kNeeded, " env:~0x0").c_str()));
    assert_true(has_vector_aes(settings(kNeeded, ":0x415:0x0:0x0").c_str()));
    assert_false(has_vector_aes(nullptr));
    assert_false(has_vector_aes(""));
    assert_false(has_vector_aes("OPENSSL_armcap=0x7d"));
    assert_false(has_vector_aes("OPENSSL_ia32cap=0xfffa32034f8bffff"));
}

void it_is_wanted_beside_an_old_openssl_only(void**) {
    if (OpenSSL_version_num() >= 0x30100000UL) {
        assert_false(gains_by_ipsec_mb());
        assert_true(ipsec_mb().library == nullptr);
    } else {
        assert_int_equal(gains_by_ipsec_mb(), has_vector_aes(OPENSSL_info(OPENSSL_INFO_CPU_SETTINGS)));
    }
}

void an_answer_has_a_library_or_a_reason(void**) {
    const IpsecMbAnswer& answer = ipsec_mb();
    assert_ptr_equal(&answer, &ipsec_mb());
    if (!gains_by_ipsec_mb()) {
        test::skip_test();
    }
    assert_true((answer.library == nullptr) != answer.reason.empty());
    assert_non_null(strstr(answer.name.c_str(), "libIPSec_MB"));
}

void the_real_one_has_all_functions(void**) {
    if (test::real_ipsec_mb() == nullptr) {
        test::skip_test();
    }
    for (const GcmFunctions& functions : {test::real_ipsec_mb()->aes128, test::real_ipsec_mb()->aes256}) {
        assert_true(functions.expand != nullptr && functions.seal != nullptr && functions.open != nullptr);
    }
}

// Memory whose end is followed by a page that nobody may touch.
class Guarded {
  public:
    Guarded() : start_(static_cast<uint8_t*>(map())) {
        assert_true(start_ != MAP_FAILED);
        assert_int_equal(mprotect(start_ + kSize, kPage, PROT_NONE), 0);
    }
    ~Guarded() { munmap(start_, kSize + kPage); }
    Guarded(const Guarded&) = delete;
    Guarded& operator=(const Guarded&) = delete;

    // The last `size` bytes.
    uint8_t* last(size_t size) { return start_ + kSize - size; }

  private:
    static constexpr size_t kPage = 4096;
    static constexpr size_t kSize = 5 * kPage;
    static void* map() {
        return mmap(nullptr, kSize + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    uint8_t* start_;
};

void a_library_has_one_number(void**) {
    static IpsecMb one;
    static IpsecMb other;
    assert_int_equal(enroll(nullptr), 0);
    const uint8_t number = enroll(&one);
    assert_int_not_equal(number, 0);
    assert_int_not_equal(enroll(&other), 0);
    assert_int_not_equal(enroll(&other), number);
    assert_int_equal(enroll(&one), number);
    assert_ptr_equal(&enrolled(number), &one);
    assert_ptr_equal(&enrolled(enroll(&other)), &other);
}

// As many as a byte can tell apart; the next is told to do without.
void numbers_end(void**) {
    static IpsecMb many[256];
    int enrolled_ones = 0;
    for (const IpsecMb& library : many) {
        enrolled_ones += enroll(&library) != 0 ? 1 : 0;
    }
    assert_true(enrolled_ones < 256);
    assert_int_equal(enroll(&many[255]), 0);
    assert_ptr_equal(&enrolled(enroll(&many[0])), &many[0]);
}

// The sanitizers do not see what assembly reads.
void nothing_beyond_its_arguments_is_touched(void**) {
    if (test::real_ipsec_mb() == nullptr) {
        test::skip_test();
    }
    Guarded key;
    Guarded in;
    Guarded out;
    Guarded nonce;
    Guarded authenticated;
    Guarded tag;
    alignas(kGcmAlignment) uint8_t expanded[kGcmKeySize];
    alignas(kGcmAlignment) uint8_t scratch[kGcmScratchSize];
    const auto run = [&](const GcmFunctions& functions, size_t key_size) {
        functions.expand(key.last(key_size), expanded);
        for (size_t size = 0; size <= 16385; size += size < 1100 ? 1 : 119) {
            for (const auto function : {functions.seal, functions.open}) {
                for (const size_t beside : {size_t{5}, size_t{13}}) {
                    function(expanded, scratch, in.last(size), in.last(size), size, nonce.last(12),
                             authenticated.last(beside), beside, tag.last(16), 16);
                    function(expanded, scratch, out.last(size), in.last(size), size, nonce.last(12),
                             authenticated.last(beside), beside, tag.last(16), 16);
                }
            }
        }
    };
    run(test::real_ipsec_mb()->aes128, 16);
    run(test::real_ipsec_mb()->aes256, 32);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_processor_needs_all_that_is_used),
        cmocka_unit_test(other_words_of_openssl_are_understood),
        cmocka_unit_test(it_is_wanted_beside_an_old_openssl_only),
        cmocka_unit_test(an_answer_has_a_library_or_a_reason),
        cmocka_unit_test(the_real_one_has_all_functions),
        cmocka_unit_test(nothing_beyond_its_arguments_is_touched),
        cmocka_unit_test(a_library_has_one_number),
        cmocka_unit_test(numbers_end),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

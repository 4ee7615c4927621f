// The comparison with libcrypto passes the real library and finds each way in which one can be wrong.
#include <cstring>

#include "record/ipsec_mb.h"
#include "support/ipsec_mb.h"

namespace tls {
namespace {

using test::real_ipsec_mb;

// What the next spoiled call does beside the real one's work.
enum class Flaw { None, Content, Tag, LongMessage, Beyond, Input, Key, Scratch };
Flaw flaw = Flaw::None;

using Run = GcmFunctions::Run;

template <Run GcmFunctions::*Function>
void spoiled(const void* expanded, void* scratch, uint8_t* out, const uint8_t* in, uint64_t size,
             const uint8_t* nonce, const uint8_t* authenticated, uint64_t authenticated_size, uint8_t* tag,
             uint64_t tag_size) {
    (real_ipsec_mb()->aes256.*Function)(expanded, scratch, out, in, size, nonce, authenticated,
                                        authenticated_size, tag, tag_size);
    if ((flaw == Flaw::Content && size == 17) || (flaw == Flaw::LongMessage && size > 16384)) {
        out[size - 1] ^= 1;
    } else if (flaw == Flaw::Tag && size == 64) {
        tag[15] ^= 0x80;
    } else if (flaw == Flaw::Beyond && size == 1024 && out != in) {
        std::memset(out + size, 0, 64);
    } else if (flaw == Flaw::Input && size == 2048 && out != in) {
        const_cast<uint8_t*>(in)[0] ^= 1;
    } else if (flaw == Flaw::Scratch) {
        static_cast<uint8_t*>(scratch)[kGcmScratchSize - 1] ^= 1;
    }
}

void spoiled_expand(const void* key, void* expanded) {
    real_ipsec_mb()->aes256.expand(key, expanded);
    if (flaw == Flaw::Key) {
        static_cast<uint8_t*>(expanded)[kGcmKeySize - 1] ^= 1;
    }
}

std::string compared(Flaw chosen, bool sealing, bool opening) {
    flaw = chosen;
    IpsecMb library = *real_ipsec_mb();
    library.aes256.expand = spoiled_expand;
    if (sealing) {
        library.aes256.seal = spoiled<&GcmFunctions::seal>;
    }
    if (opening) {
        library.aes256.open = spoiled<&GcmFunctions::open>;
    }
    return compare_with_libcrypto(library);
}

void the_real_one_passes(void**) {
    if (real_ipsec_mb() == nullptr) {
        test::skip_test();
    }
    assert_string_equal(compare_with_libcrypto(*real_ipsec_mb()).c_str(), "");
    assert_string_equal(compared(Flaw::None, true, true).c_str(), "");
}

void wrong_answers_are_found(void**) {
    if (real_ipsec_mb() == nullptr) {
        test::skip_test();
    }
    for (const bool sealing : {true, false}) {
        const auto with = [&](Flaw chosen) { return compared(chosen, sealing, !sealing); };
        assert_string_equal(with(Flaw::Content).c_str(), "AES-256-GCM of 17 bytes");
        assert_string_equal(with(Flaw::Tag).c_str(), "AES-256-GCM of 64 bytes");
        assert_string_equal(with(Flaw::LongMessage).c_str(), "AES-256-GCM of 16385 bytes");
    }
}

void writing_elsewhere_is_found(void**) {
    if (real_ipsec_mb() == nullptr) {
        test::skip_test();
    }
    assert_string_equal(compared(Flaw::Beyond, false, true).c_str(), "AES-256-GCM of 1024 bytes");
    assert_string_equal(compared(Flaw::Input, false, true).c_str(), "AES-256-GCM of 2048 bytes");
    assert_string_equal(compared(Flaw::Key, false, false).c_str(), "it needs more memory");
    assert_string_equal(compared(Flaw::Scratch, true, false).c_str(), "it needs more memory");
}

// Opening that never says no: the tag is the one that stands behind the message.
void accepting_every_tag_is_found(void**) {
    if (real_ipsec_mb() == nullptr) {
        test::skip_test();
    }
    IpsecMb library = *real_ipsec_mb();
    library.aes128.open = [](const void* expanded, void* scratch, uint8_t* out, const uint8_t* in,
                             uint64_t size, const uint8_t* nonce, const uint8_t* authenticated,
                             uint64_t authenticated_size, uint8_t* tag, uint64_t tag_size) {
        uint8_t behind[16];
        std::memcpy(behind, in + size, sizeof(behind));
        real_ipsec_mb()->aes128.open(expanded, scratch, out, in, size, nonce, authenticated,
                                     authenticated_size, tag, tag_size);
        std::memcpy(tag, behind, sizeof(behind));
    };
    assert_string_equal(compare_with_libcrypto(library).c_str(), "AES-128-GCM of 0 bytes");
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_real_one_passes),
        cmocka_unit_test(wrong_answers_are_found),
        cmocka_unit_test(writing_elsewhere_is_found),
        cmocka_unit_test(accepting_every_tag_is_found),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

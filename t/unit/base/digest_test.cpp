// RFC 1321 section A.5 and FIPS 180-4's examples.
#include "base/digest.h"

#include <openssl/err.h>

#include "base/hex.h"
#include "support/bytes.h"
#include "support/cmocka.h"

namespace tls {
namespace {

void md5_of_the_rfc(void**) {
    assert_string_equal(hex_digest(DigestKind::Md5, "").c_str(), "d41d8cd98f00b204e9800998ecf8427e");
    assert_string_equal(hex_digest(DigestKind::Md5, "message digest").c_str(),
                        "f96b697d7cb7938d525a2f31aaf161d0");
}

void sha256_of_the_standard(void**) {
    assert_string_equal(hex_digest(DigestKind::Sha256, "abc").c_str(),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(
        hex_digest(DigestKind::Sha256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").c_str(),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

void bytes_are_those_of_the_digits(void**) {
    Sha256Digest digest;
    assert_true(sha256("abc", &digest));
    std::string digits;
    append_hex(&digits, ByteView(digest.data(), digest.size()));
    assert_string_equal(digits.c_str(), hex_digest(DigestKind::Sha256, "abc").c_str());
}

// What is in the queue would be taken for the next handshake's.
void the_error_queue_stays_empty(void**) {
    hex_digest(DigestKind::Md5, "text");
    hex_digest(DigestKind::Sha256, "text");
    assert_int_equal(ERR_peek_error(), 0);
}

void hex_is_added_behind_what_is_there(void**) {
    std::string text = "0x";
    append_hex(&text, test::view(test::hex("00 9f fa")));
    assert_string_equal(text.c_str(), "0x009ffa");
    append_hex(&text, ByteView());
    assert_string_equal(text.c_str(), "0x009ffa");
    append_hex(&text, uint16_t{0x0a1b});
    assert_string_equal(text.c_str(), "0x009ffa0a1b");
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(md5_of_the_rfc),
        cmocka_unit_test(sha256_of_the_standard),
        cmocka_unit_test(bytes_are_those_of_the_digits),
        cmocka_unit_test(the_error_queue_stays_empty),
        cmocka_unit_test(hex_is_added_behind_what_is_there),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

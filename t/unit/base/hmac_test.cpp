// HMAC-SHA-256 and HMAC-SHA-384 of RFC 4231's test cases.
#include "base/hmac.h"

#include <cstring>
#include <string>

#include "support/bytes.h"
#include "support/cmocka.h"

namespace tls {
namespace {

struct Vector {
    std::string key;
    std::string data;
    const char* sha256;
    const char* sha384;
};

const Vector kVectors[] = {
    {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
     "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
     "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"},
};

void check(HashKind hash, const Vector& vector, const char* wanted) {
    uint8_t out[kMaxHash];
    const Hmac keyed(hash, ByteView::of(vector.key));
    assert_int_equal(keyed.hash(), hash);
    // A copy serves as the first does, in any pieces.
    for (size_t cut = 0; cut <= vector.data.size(); ++cut) {
        Hmac mac = keyed;
        mac.add(ByteView::of(vector.data.substr(0, cut)));
        mac.add(ByteView::of(vector.data.substr(cut)));
        mac.finish(out);
        assert_memory_equal(out, test::hex(wanted).data(), size_of(hash));
    }
}

void macs_are_those_of_rfc_4231(void**) {
    for (const Vector& vector : kVectors) {
        check(HashKind::Sha256, vector, vector.sha256);
        check(HashKind::Sha384, vector, vector.sha384);
    }
}

// FIPS 180-4's example "abc".
void hashes_are_those_of_fips_180_4(void**) {
    uint8_t out[kMaxHash];
    hash_of(HashKind::Sha256, ByteView::of("abc"), out);
    assert_memory_equal(
        out, test::hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").data(), 32);
    hash_of(HashKind::Sha384, ByteView::of("abc"), out);
    assert_memory_equal(out,
                        test::hex("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                                  "8086072ba1e7cc2358baeca134c825a7")
                            .data(),
                        48);
}

void hashes_have_openssls_names(void**) {
    HashKind hash = HashKind::Sha384;
    for (const char* name : {"SHA256", "sha256", "SHA2-256"}) {
        assert_true(find_hash(name, &hash));
        assert_int_equal(hash, HashKind::Sha256);
    }
    for (const char* name : {"SHA384", "sha2-384"}) {
        assert_true(find_hash(name, &hash));
        assert_int_equal(hash, HashKind::Sha384);
    }
    for (const char* name : {"SHA512", "SHA1", "SHA-2", ""}) {
        assert_false(find_hash(name, &hash));
    }
    assert_false(find_hash(nullptr, &hash));
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(macs_are_those_of_rfc_4231),
        cmocka_unit_test(hashes_are_those_of_fips_180_4),
        cmocka_unit_test(hashes_have_openssls_names),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

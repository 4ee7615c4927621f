// The key schedule against OpenSSL's own TLS13-KDF, and the first steps of RFC 8448's trace.
#include "base/key_schedule.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstring>
#include <string>
#include <vector>

#include "support/batches.h"

namespace tls {
namespace {

using Bytes = std::vector<uint8_t>;

const std::string kPrefix = "tls13 ";

ByteView view(const Bytes& bytes) {
    return ByteView(bytes.data(), bytes.size());
}

Bytes random_bytes(size_t size) {
    Bytes bytes(size);
    RAND_bytes(bytes.data(), static_cast<int>(size));
    return bytes;
}

size_t below(size_t limit) {
    uint32_t number = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof(number));
    return number % limit;
}

// What the default provider answers; empty when it refuses. Null pointers are parameters that are not given.
Bytes openssl_answer(int mode, HashKind hash, const Bytes* key, const Bytes* salt, const std::string& label,
                     const Bytes* data, size_t size) {
    static EVP_KDF* const kKdf = EVP_KDF_fetch(nullptr, "TLS13-KDF", nullptr);
    char digest[] = "SHA2-256";
    if (hash == HashKind::Sha384) {
        memcpy(digest, "SHA2-384", sizeof(digest));
    }
    std::vector<OSSL_PARAM> parameters;
    const auto octets = [&](const char* name, const void* bytes, size_t count) {
        parameters.push_back(OSSL_PARAM_construct_octet_string(name, const_cast<void*>(bytes), count));
    };
    parameters.push_back(OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode));
    parameters.push_back(OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0));
    octets(OSSL_KDF_PARAM_PREFIX, kPrefix.data(), kPrefix.size());
    octets(OSSL_KDF_PARAM_LABEL, label.data(), label.size());
    if (key != nullptr) {
        octets(OSSL_KDF_PARAM_KEY, key->data(), key->size());
    }
    if (salt != nullptr) {
        octets(OSSL_KDF_PARAM_SALT, salt->data(), salt->size());
    }
    if (data != nullptr) {
        octets(OSSL_KDF_PARAM_DATA, data->data(), data->size());
    }
    parameters.push_back(OSSL_PARAM_construct_end());
    Bytes out(size);
    EVP_KDF_CTX* context = EVP_KDF_CTX_new(kKdf);
    const bool derived = EVP_KDF_derive(context, out.data(), size, parameters.data()) == 1;
    EVP_KDF_CTX_free(context);
    return derived ? out : Bytes();
}

Bytes openssl_prf(HashKind hash, const Bytes& secret, const std::vector<Bytes>& seeds, size_t size) {
    static EVP_KDF* const kKdf = EVP_KDF_fetch(nullptr, "TLS1-PRF", nullptr);
    char digest[] = "SHA2-256";
    if (hash == HashKind::Sha384) {
        memcpy(digest, "SHA2-384", sizeof(digest));
    }
    std::vector<OSSL_PARAM> parameters;
    const auto octets = [&](const char* name, const Bytes& bytes) {
        parameters.push_back(
            OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(bytes.data()), bytes.size()));
    };
    parameters.push_back(OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0));
    octets(OSSL_KDF_PARAM_SECRET, secret);
    for (const Bytes& seed : seeds) {
        octets(OSSL_KDF_PARAM_SEED, seed);
    }
    parameters.push_back(OSSL_PARAM_construct_end());
    Bytes out(size);
    EVP_KDF_CTX* context = EVP_KDF_CTX_new(kKdf);
    const bool derived = EVP_KDF_derive(context, out.data(), size, parameters.data()) == 1;
    EVP_KDF_CTX_free(context);
    return derived ? out : Bytes();
}

HashKind any_hash() {
    return below(2) == 0 ? HashKind::Sha256 : HashKind::Sha384;
}

void expansions_are_openssls(void**) {
    for (size_t i = 0; i < test::operations(); ++i) {
        const HashKind hash = any_hash();
        const Bytes key = random_bytes(1 + below(200));
        const Bytes data = random_bytes(below(65));
        const std::string label(1 + below(20), 'l');
        const size_t size = 1 + below(200);
        Bytes out(size);
        assert_true(expand_label(hash, view(key), ByteView::of(kPrefix), ByteView::of(label), view(data),
                                 out.data(), size));
        assert_true(out == openssl_answer(EVP_KDF_HKDF_MODE_EXPAND_ONLY, hash, &key, nullptr, label,
                                          data.empty() ? nullptr : &data, size));
    }
}

void extractions_are_openssls(void**) {
    const std::string label = "derived";
    for (size_t i = 0; i < test::operations(); ++i) {
        const HashKind hash = any_hash();
        const size_t size = size_of(hash);
        const Bytes material = random_bytes(1 + below(200));
        const Bytes before = random_bytes(size);
        const bool has_material = below(4) != 0;
        const bool has_before = below(4) != 0;
        const ByteView material_view = view(material);
        const ByteView before_view = view(before);
        Bytes out(size);
        assert_true(next_secret(hash, has_before ? &before_view : nullptr,
                                has_material ? &material_view : nullptr, ByteView::of(kPrefix),
                                ByteView::of(label), out.data()));
        assert_true(out == openssl_answer(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, hash,
                                          has_material ? &material : nullptr, has_before ? &before : nullptr,
                                          label, nullptr, size));
    }
}

void the_prf_is_openssls(void**) {
    for (size_t i = 0; i < test::operations(); ++i) {
        const HashKind hash = any_hash();
        const Bytes secret = random_bytes(1 + below(300));
        std::vector<Bytes> seeds;
        std::vector<ByteView> views;
        for (size_t count = 1 + below(5); count > 0; --count) {
            seeds.push_back(random_bytes(1 + below(100)));
        }
        for (const Bytes& seed : seeds) {
            views.push_back(view(seed));
        }
        Bytes out(1 + below(200));
        tls12_prf(hash, view(secret), views.data(), views.size(), out.data(), out.size());
        assert_true(out == openssl_prf(hash, secret, seeds, out.size()));
    }
}

// RFC 8448 section 3: the early secret, and the secret that is derived from it for the handshake.
void the_trace_of_rfc_8448(void**) {
    const Bytes early = {0x33, 0xad, 0x0a, 0x1c, 0x60, 0x7e, 0xc0, 0x3b, 0x09, 0xe6, 0xcd,
                         0x98, 0x93, 0x68, 0x0c, 0xe2, 0x10, 0xad, 0xf3, 0x00, 0xaa, 0x1f,
                         0x26, 0x60, 0xe1, 0xb2, 0x2e, 0x10, 0xf1, 0x70, 0xf9, 0x2a};
    const Bytes shared = {0x8b, 0xd4, 0x05, 0x4f, 0xb5, 0x5b, 0x9d, 0x63, 0xfd, 0xfb, 0xac,
                          0xf9, 0xf0, 0x4b, 0x9f, 0x0d, 0x35, 0xe6, 0xd6, 0x3f, 0x53, 0x75,
                          0x63, 0xef, 0xd4, 0x62, 0x72, 0x90, 0x0f, 0x89, 0x49, 0x2d};
    const Bytes handshake = {0x1d, 0xc8, 0x26, 0xe9, 0x36, 0x06, 0xaa, 0x6f, 0xdc, 0x0a, 0xad,
                             0xc1, 0x2f, 0x74, 0x1b, 0x01, 0x04, 0x6a, 0xa6, 0xb9, 0x9f, 0x69,
                             0x1e, 0xd2, 0x21, 0xa9, 0xf0, 0xca, 0x04, 0x3f, 0xbe, 0xac};
    const std::string label = "derived";
    Bytes out(32);
    assert_true(next_secret(HashKind::Sha256, nullptr, nullptr, ByteView::of(kPrefix), ByteView::of(label),
                            out.data()));
    assert_true(out == early);
    const ByteView before = view(early);
    const ByteView material = view(shared);
    assert_true(next_secret(HashKind::Sha256, &before, &material, ByteView::of(kPrefix), ByteView::of(label),
                            out.data()));
    assert_true(out == handshake);
}

void what_the_format_cannot_hold_is_refused(void**) {
    const Bytes key(32);
    const std::string longest(249, 'l');
    const std::string too_long(250, 'l');
    const Bytes much(256);
    Bytes out(255 * 32 + 1);
    const auto expand = [&](const std::string& label, ByteView data, size_t size) {
        return expand_label(HashKind::Sha256, view(key), ByteView::of(kPrefix), ByteView::of(label), data,
                            out.data(), size);
    };
    assert_true(expand(longest, view(much).first(255), 255 * 32));
    assert_false(expand(too_long, ByteView(), 32));
    assert_false(expand("l", view(much), 32));
    assert_false(expand("l", ByteView(), 255 * 32 + 1));
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(expansions_are_openssls),
        cmocka_unit_test(extractions_are_openssls),
        cmocka_unit_test(the_prf_is_openssls),
        cmocka_unit_test(the_trace_of_rfc_8448),
        cmocka_unit_test(what_the_format_cannot_hold_is_refused),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

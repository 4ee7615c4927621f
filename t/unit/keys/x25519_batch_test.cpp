// Batches of X25519 against OpenSSL's answers, at every fill; peers' points that are bad; lanes that fail.
#include "keys/x25519_batch.h"

#include <openssl/rand.h>

#include <cstring>
#include <set>
#include <vector>

#include "base/openssl.h"
#include "support/batches.h"

namespace tls {
namespace {

using test::real_crypto_mb;

uint32_t failing_public(uint8_t* const* out, CryptoMb::Bytes private_key) {
    return test::spoiled(real_crypto_mb()->x25519_public(out, private_key));
}

uint32_t failing_derive(uint8_t* const* secret, CryptoMb::Bytes private_key, CryptoMb::Bytes peer) {
    return test::spoiled(real_crypto_mb()->x25519(secret, private_key, peer));
}

CryptoMb failing_library() {
    CryptoMb mb = *real_crypto_mb();
    mb.x25519_public = failing_public;
    mb.x25519 = failing_derive;
    return mb;
}

int need_library(void**) {
    test::failing_lanes = 0;
    return 0;
}

#define SKIP_WITHOUT_LIBRARY()         \
    if (real_crypto_mb() == nullptr) { \
        test::skip_test();             \
    }

UniquePkey openssl_key(const X25519Key& private_key) {
    return UniquePkey(
        EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, private_key.data(), private_key.size()));
}

// False when OpenSSL refuses the exchange.
bool openssl_secret(const X25519Key& private_key, const X25519Key& peer, X25519Key* secret) {
    const UniquePkey mine = openssl_key(private_key);
    const UniquePkey theirs(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()));
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(mine.get(), nullptr);
    size_t size = secret->size();
    const bool derived = EVP_PKEY_derive_init(context) == 1 &&
                         EVP_PKEY_derive_set_peer(context, theirs.get()) == 1 &&
                         EVP_PKEY_derive(context, secret->data(), &size) == 1;
    EVP_PKEY_CTX_free(context);
    return derived;
}

LaneMask all(size_t count) {
    return static_cast<LaneMask>((1U << count) - 1);
}

void pairs_are_openssls_at_every_fill(void**) {
    SKIP_WITHOUT_LIBRARY();
    std::set<X25519Key> seen;
    size_t count = 1;
    for (size_t done = 0; done < test::operations(); done += count, count = count % kLanes + 1) {
        X25519Pair pairs[kLanes] = {};
        assert_int_equal(make_x25519_pairs(*real_crypto_mb(), pairs, count), all(count));
        for (size_t lane = 0; lane < count; ++lane) {
            X25519Key expected{};
            size_t size = expected.size();
            const UniquePkey key = openssl_key(pairs[lane].private_key);
            assert_int_equal(EVP_PKEY_get_raw_public_key(key.get(), expected.data(), &size), 1);
            assert_true(pairs[lane].public_key == expected);
            assert_true(seen.insert(expected).second);
        }
        for (size_t lane = count; lane < kLanes; ++lane) {
            assert_true(pairs[lane].public_key == X25519Key{});
        }
    }
}

void secrets_are_openssls_at_every_fill(void**) {
    SKIP_WITHOUT_LIBRARY();
    size_t count = 1;
    for (size_t done = 0; done < test::operations(); done += count, count = count % kLanes + 1) {
        X25519Key private_keys[kLanes];
        X25519Key peers[kLanes];
        X25519Exchange exchanges[kLanes];
        // Any 32 bytes are a private key and, with the top bit masked, a point.
        RAND_bytes(reinterpret_cast<unsigned char*>(private_keys), sizeof(private_keys));
        RAND_bytes(reinterpret_cast<unsigned char*>(peers), sizeof(peers));
        for (size_t lane = 0; lane < count; ++lane) {
            exchanges[lane].private_key = &private_keys[lane];
            exchanges[lane].peer = &peers[lane];
        }
        assert_int_equal(derive_x25519(*real_crypto_mb(), exchanges, count), all(count));
        for (size_t lane = 0; lane < count; ++lane) {
            X25519Key expected{};
            assert_true(openssl_secret(private_keys[lane], peers[lane], &expected));
            assert_true(exchanges[lane].secret == expected);
        }
    }
}

// RFC 7748 section 6.1, and the points of small order that are known from it: 0, 1, and those of order eight.
void points_of_small_order_are_refused_and_harm_no_other_lane(void**) {
    SKIP_WITHOUT_LIBRARY();
    X25519Key points[5] = {};
    points[1][0] = 1;
    const uint8_t order8[2][32] = {
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
         0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
        {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
         0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57}};
    memcpy(points[2].data(), order8[0], 32);
    memcpy(points[3].data(), order8[1], 32);
    points[4].fill(0xff);  // p - 1
    points[4][0] = 0xec;
    points[4][31] = 0x7f;
    X25519Pair pairs[kLanes];
    assert_int_equal(make_x25519_pairs(*real_crypto_mb(), pairs, kLanes), all(kLanes));
    for (const X25519Key& point : points) {
        for (size_t bad = 0; bad < kLanes; ++bad) {
            X25519Exchange exchanges[kLanes];
            for (size_t lane = 0; lane < kLanes; ++lane) {
                exchanges[lane].private_key = &pairs[lane].private_key;
                exchanges[lane].peer = lane == bad ? &point : &pairs[(lane + 1) % kLanes].public_key;
            }
            assert_int_equal(derive_x25519(*real_crypto_mb(), exchanges, kLanes), all(kLanes) & ~(1U << bad));
            assert_true(exchanges[bad].secret == X25519Key{});
            X25519Key expected{};
            assert_false(openssl_secret(pairs[bad].private_key, point, &expected));
            const size_t other = (bad + 1) % kLanes;
            assert_true(openssl_secret(pairs[other].private_key, *exchanges[other].peer, &expected));
            assert_true(exchanges[other].secret == expected);
        }
    }
}

// Numbers at the edges: around 0 and p, single bits, runs of ones of every length, and what is left of a
// point whose bytes were partly set or cleared. An answer that is given is OpenSSL's; most are left to it.
void odd_points_are_answered_right_or_not_at_all(void**) {
    SKIP_WITHOUT_LIBRARY();
    std::vector<X25519Key> points;
    for (unsigned low = 0; low < 256; ++low) {
        for (const uint8_t fill : {0x00, 0xff}) {
            X25519Key point;
            point.fill(fill);
            point[0] = static_cast<uint8_t>(low);
            points.push_back(point);
        }
    }
    for (size_t bit = 0; bit < 256; ++bit) {
        X25519Key single{};
        X25519Key run{};
        X25519Key part{};
        RAND_bytes(part.data(), static_cast<int>(part.size()));
        single[bit / 8] = static_cast<uint8_t>(1U << bit % 8);
        for (size_t i = 0; i < bit; ++i) {
            run[i / 8] = static_cast<uint8_t>(run[i / 8] | 1U << i % 8);
            part[i / 8] = static_cast<uint8_t>(part[i / 8] | 1U << i % 8);
        }
        for (X25519Key point : {single, run, part}) {
            points.push_back(point);
            for (uint8_t& byte : point) {
                byte = static_cast<uint8_t>(~byte);
            }
            points.push_back(point);
        }
    }
    X25519Pair pair;
    assert_int_equal(make_x25519_pairs(*real_crypto_mb(), &pair, 1), 1);
    for (const X25519Key& point : points) {
        X25519Exchange exchange;
        exchange.private_key = &pair.private_key;
        exchange.peer = &point;
        if (derive_x25519(*real_crypto_mb(), &exchange, 1) == 1) {
            X25519Key expected{};
            assert_true(openssl_secret(pair.private_key, point, &expected));
            assert_true(exchange.secret == expected);
        }
    }
}

void a_lane_that_fails_is_wiped(void**) {
    SKIP_WITHOUT_LIBRARY();
    const CryptoMb mb = failing_library();
    for (const unsigned lanes : {0x01U, 0x80U, 0x5aU, 0xffU}) {
        X25519Pair good[kLanes];
        test::failing_lanes = 0;
        assert_int_equal(make_x25519_pairs(mb, good, kLanes), 0xff);
        test::failing_lanes = static_cast<LaneMask>(lanes);
        X25519Pair pairs[kLanes];
        X25519Exchange exchanges[kLanes];
        for (size_t lane = 0; lane < kLanes; ++lane) {
            exchanges[lane].private_key = &good[lane].private_key;
            exchanges[lane].peer = &good[0].public_key;
        }
        assert_int_equal(make_x25519_pairs(mb, pairs, kLanes), 0xff & ~lanes);
        assert_int_equal(derive_x25519(mb, exchanges, kLanes), 0xff & ~lanes);
        for (size_t lane = 0; lane < kLanes; ++lane) {
            const bool wiped = (lanes >> lane & 1U) != 0;
            assert_int_equal(pairs[lane].private_key == X25519Key{}, wiped);
            assert_int_equal(pairs[lane].public_key == X25519Key{}, wiped);
            assert_int_equal(exchanges[lane].secret == X25519Key{}, wiped);
        }
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(pairs_are_openssls_at_every_fill, need_library),
        cmocka_unit_test_setup(secrets_are_openssls_at_every_fill, need_library),
        cmocka_unit_test_setup(points_of_small_order_are_refused_and_harm_no_other_lane, need_library),
        cmocka_unit_test_setup(odd_points_are_answered_right_or_not_at_all, need_library),
        cmocka_unit_test_setup(a_lane_that_fails_is_wiped, need_library),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// Batches of P-256 against OpenSSL's answers, at every fill; points of peers that are bad; points and numbers
// at the edges; lanes that fail.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "keys/p256_batch.h"

#include <openssl/ec.h>
#include <openssl/ecdh.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <set>
#include <vector>

#include "keys/ecdsa_batch.h"
#include "support/batches.h"

namespace tls {
namespace {

using test::real_crypto_mb;
using UniqueEcKey = std::unique_ptr<EC_KEY, OpensslDeleter<EC_KEY, EC_KEY_free>>;
using UniquePoint = std::unique_ptr<EC_POINT, OpensslDeleter<EC_POINT, EC_POINT_free>>;

uint32_t failing_public(uint64_t* const* x, uint64_t* const* y, uint64_t* const* z, CryptoMb::Words key,
                        uint8_t* buffer) {
    return test::spoiled(real_crypto_mb()->p256_public(x, y, z, key, buffer));
}

uint32_t failing_derive(uint8_t* const* secret, CryptoMb::Words key, CryptoMb::Words x, CryptoMb::Words y,
                        CryptoMb::Words z, uint8_t* buffer) {
    return test::spoiled(real_crypto_mb()->p256_derive(secret, key, x, y, z, buffer));
}

int with_library(void**) {
    test::failing_lanes = 0;
    return 0;
}

#define SKIP_WITHOUT_LIBRARY()         \
    if (real_crypto_mb() == nullptr) { \
        test::skip_test();             \
    }

const EC_GROUP* group() {
    static const UniqueGroup kGroup(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    return kGroup.get();
}

LaneMask all(size_t count) {
    return static_cast<LaneMask>((1U << count) - 1);
}

UniqueNumber number_of(const P256Number& bytes) {
    return UniqueNumber(BN_lebin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

P256Point bytes_of(const EC_POINT* point) {
    P256Point bytes{};
    assert_int_equal(EC_POINT_point2oct(group(), point, POINT_CONVERSION_UNCOMPRESSED, bytes.data(),
                                        bytes.size(), nullptr),
                     bytes.size());
    return bytes;
}

P256Point openssl_public(const P256Number& private_key) {
    const UniquePoint point(EC_POINT_new(group()));
    assert_int_equal(
        EC_POINT_mul(group(), point.get(), number_of(private_key).get(), nullptr, nullptr, nullptr), 1);
    return bytes_of(point.get());
}

// False when OpenSSL refuses the point.
bool openssl_secret(const P256Number& private_key, const P256Point& peer, P256Secret* secret) {
    const UniquePoint point(EC_POINT_new(group()));
    const UniqueEcKey key(EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
    return EC_POINT_oct2point(group(), point.get(), peer.data(), peer.size(), nullptr) == 1 &&
           EC_KEY_set_private_key(key.get(), number_of(private_key).get()) == 1 &&
           ECDH_compute_key(secret->data(), secret->size(), point.get(), key.get(), nullptr) == 32;
}

void pairs_and_secrets_are_openssls_at_every_fill(void**) {
    SKIP_WITHOUT_LIBRARY();
    std::set<P256Point> seen;
    P256Pair before[kLanes];
    assert_int_equal(make_p256_pairs(*real_crypto_mb(), before, kLanes), 0xff);
    size_t count = 1;
    for (size_t done = 0; done < test::operations(); done += count, count = count % kLanes + 1) {
        P256Pair pairs[kLanes] = {};
        P256Exchange exchanges[kLanes];
        assert_int_equal(make_p256_pairs(*real_crypto_mb(), pairs, count), all(count));
        for (size_t lane = 0; lane < count; ++lane) {
            exchanges[lane].private_key = &pairs[lane].private_key;
            exchanges[lane].peer = &before[lane].public_key;
        }
        assert_int_equal(derive_p256(*real_crypto_mb(), exchanges, count), all(count));
        for (size_t lane = 0; lane < count; ++lane) {
            P256Secret expected{};
            assert_true(pairs[lane].public_key == openssl_public(pairs[lane].private_key));
            assert_true(seen.insert(pairs[lane].public_key).second);
            assert_true(openssl_secret(pairs[lane].private_key, before[lane].public_key, &expected));
            assert_true(exchanges[lane].secret == expected);
        }
        for (size_t lane = count; lane < kLanes; ++lane) {
            assert_true(pairs[lane].public_key == P256Point{});
        }
        std::copy(pairs, pairs + count, before);
    }
}

// Nobody's point: the origin, the coordinates of a good one with a bit changed, or p added, other forms.
void points_that_are_none_are_refused_and_harm_no_other_lane(void**) {
    SKIP_WITHOUT_LIBRARY();
    P256Pair pairs[kLanes];
    assert_int_equal(make_p256_pairs(*real_crypto_mb(), pairs, kLanes), 0xff);
    const P256Point good = pairs[0].public_key;
    std::vector<P256Point> bad;
    P256Point origin{};
    origin[0] = 4;
    P256Point ones;
    ones.fill(0xff);
    ones[0] = 4;
    bad = {P256Point{}, origin, ones};
    for (size_t byte = 0; byte < good.size(); ++byte) {
        P256Point changed = good;
        changed[byte] ^= static_cast<uint8_t>(1U << byte % 8);
        bad.push_back(changed);
    }
    // x = 5 is on the curve; x = p + 5 fits into 32 bytes and is no coordinate.
    const UniquePoint five(EC_POINT_new(group()));
    const UniqueNumber x(BN_new());
    const UniqueNumber p(BN_new());
    BN_set_word(x.get(), 5);
    assert_int_equal(EC_POINT_set_compressed_coordinates(group(), five.get(), x.get(), 0, nullptr), 1);
    P256Point too_large = bytes_of(five.get());
    assert_int_equal(EC_GROUP_get_curve(group(), p.get(), nullptr, nullptr, nullptr), 1);
    BN_add(x.get(), x.get(), p.get());
    assert_int_equal(BN_bn2binpad(x.get(), too_large.data() + 1, 32), 32);
    bad.push_back(too_large);
    for (size_t i = 0; i < bad.size(); ++i) {
        P256Exchange exchanges[kLanes];
        for (size_t lane = 0; lane < kLanes; ++lane) {
            exchanges[lane].private_key = &pairs[lane].private_key;
            exchanges[lane].peer = lane == i % kLanes ? &bad[i] : &good;
        }
        assert_int_equal(derive_p256(*real_crypto_mb(), exchanges, kLanes), 0xff & ~(1U << i % kLanes));
        P256Secret expected{};
        assert_false(openssl_secret(pairs[0].private_key, bad[i], &expected));
        for (size_t lane = 0; lane < kLanes; ++lane) {
            if (lane == i % kLanes) {
                assert_true(exchanges[lane].secret == P256Secret{});
            } else {
                assert_true(openssl_secret(pairs[lane].private_key, good, &expected));
                assert_true(exchanges[lane].secret == expected);
            }
        }
    }
}

// Points whose x is small, near p, one bit, or has runs of zeros or ones; the private keys are random, as
// ours are.
void points_at_the_edges_are_answered_right(void**) {
    SKIP_WITHOUT_LIBRARY();
    const UniqueNumber p(BN_new());
    assert_int_equal(EC_GROUP_get_curve(group(), p.get(), nullptr, nullptr, nullptr), 1);
    std::vector<UniqueNumber> xs;
    for (BN_ULONG i = 0; i < 128; ++i) {
        xs.emplace_back(BN_new());
        BN_set_word(xs.back().get(), i);
        xs.emplace_back(BN_dup(p.get()));
        BN_sub_word(xs.back().get(), i + 1);
    }
    for (int bit = 0; bit < 256; ++bit) {
        for (const int run : {1, 32, 64, 256}) {
            unsigned char bytes[32];
            RAND_bytes(bytes, sizeof(bytes));
            xs.emplace_back(run == 1 ? BN_new() : BN_bin2bn(bytes, sizeof(bytes), nullptr));
            for (int i = bit; i < std::min(bit + run, 256); ++i) {
                BN_set_bit(xs.back().get(), i);
            }
            xs.emplace_back(BN_bin2bn(bytes, sizeof(bytes), nullptr));
            for (int i = bit; i < std::min(bit + run, 256); ++i) {
                BN_clear_bit(xs.back().get(), i);
            }
        }
    }
    size_t tried = 0;
    for (const UniqueNumber& x : xs) {
        const UniquePoint point(EC_POINT_new(group()));
        if (BN_cmp(x.get(), p.get()) >= 0 ||
            EC_POINT_set_compressed_coordinates(group(), point.get(), x.get(), static_cast<int>(tried % 2),
                                                nullptr) != 1) {
            continue;
        }
        ++tried;
        P256Pair pair;
        assert_int_equal(make_p256_pairs(*real_crypto_mb(), &pair, 1), 1);
        const P256Point peer = bytes_of(point.get());
        P256Exchange exchange;
        exchange.private_key = &pair.private_key;
        exchange.peer = &peer;
        P256Secret expected{};
        assert_int_equal(derive_p256(*real_crypto_mb(), &exchange, 1), 1);
        assert_true(openssl_secret(pair.private_key, peer, &expected));
        assert_true(exchange.secret == expected);
    }
    assert_true(tried > 500);
}

void a_lane_that_fails_is_wiped(void**) {
    SKIP_WITHOUT_LIBRARY();
    CryptoMb mb = *real_crypto_mb();
    mb.p256_public = failing_public;
    mb.p256_derive = failing_derive;
    P256Pair good[kLanes];
    assert_int_equal(make_p256_pairs(mb, good, kLanes), 0xff);
    for (const unsigned lanes : {0x01U, 0x80U, 0x5aU, 0xffU}) {
        test::failing_lanes = static_cast<LaneMask>(lanes);
        P256Pair pairs[kLanes];
        P256Exchange exchanges[kLanes];
        for (size_t lane = 0; lane < kLanes; ++lane) {
            exchanges[lane].private_key = &good[lane].private_key;
            exchanges[lane].peer = &good[0].public_key;
        }
        assert_int_equal(make_p256_pairs(mb, pairs, kLanes), 0xff & ~lanes);
        assert_int_equal(derive_p256(mb, exchanges, kLanes), 0xff & ~lanes);
        for (size_t lane = 0; lane < kLanes; ++lane) {
            const bool wiped = (lanes >> lane & 1U) != 0;
            assert_int_equal(pairs[lane].private_key == P256Number{}, wiped);
            assert_int_equal(pairs[lane].public_key == P256Point{}, wiped);
            assert_int_equal(exchanges[lane].secret == P256Secret{}, wiped);
        }
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(pairs_and_secrets_are_openssls_at_every_fill, with_library),
        cmocka_unit_test_setup(points_that_are_none_are_refused_and_harm_no_other_lane, with_library),
        cmocka_unit_test_setup(points_at_the_edges_are_answered_right, with_library),
        cmocka_unit_test_setup(a_lane_that_fails_is_wiped, with_library),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// The exchanges of one turn: every number of them, each with a pair of its own and OpenSSL's secret; peers
// that are refused; a library that fails.
#include "keys/turn.h"

#include <openssl/evp.h>

#include <memory>
#include <set>
#include <vector>

#include "base/openssl.h"
#include "keys/provider.h"
#include "support/batches.h"

namespace tls {
namespace {

uint32_t failing_derive(uint8_t* const* secret, CryptoMb::Bytes private_key, CryptoMb::Bytes peer) {
    return test::spoiled(test::real_crypto_mb()->x25519(secret, private_key, peer));
}

uint32_t no_pairs(uint8_t* const*, CryptoMb::Bytes) {
    return 0xffffffff;
}

int with_library(void**) {
    test::failing_lanes = 0;
    provider_state().mb = test::real_crypto_mb();
    return 0;
}

struct Turn {
    explicit Turn(size_t count) {
        for (size_t i = 0; i < count; ++i) {
            handshakes.push_back(std::make_unique<Prepared>());
            pointers.push_back(handshakes.back().get());
            clients.emplace_back(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
            handshakes[i]->has_peer = true;
            size_t size = handshakes[i]->peer.size();
            EVP_PKEY_get_raw_public_key(clients[i].get(), handshakes[i]->peer.data(), &size);
        }
    }

    void prepare() { prepare_handshakes(pointers.data(), pointers.size()); }

    // What the client makes of the server's public key.
    X25519Key client_secret(size_t i) const {
        const X25519Key& share = handshakes[i]->pair.public_key;
        const UniquePkey peer(
            EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, share.data(), share.size()));
        EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(clients[i].get(), nullptr);
        X25519Key secret{};
        size_t size = secret.size();
        EVP_PKEY_derive_init(context);
        EVP_PKEY_derive_set_peer(context, peer.get());
        EVP_PKEY_derive(context, secret.data(), &size);
        EVP_PKEY_CTX_free(context);
        return secret;
    }

    std::vector<std::unique_ptr<Prepared>> handshakes;
    std::vector<Prepared*> pointers;
    std::vector<UniquePkey> clients;
};

void every_number_gets_pairs_and_secrets(void**) {
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    std::set<X25519Key> seen;
    for (size_t count = 0; count <= 3 * kLanes + 1; ++count) {
        Turn turn(count);
        turn.prepare();
        for (size_t i = 0; i < count; ++i) {
            const Prepared& handshake = *turn.handshakes[i];
            assert_true(handshake.has_pair);
            assert_true(seen.insert(handshake.pair.public_key).second);
            // The last one of a turn may be alone in its batch.
            const bool alone = i % kLanes == 0 && i + 1 == count;
            assert_int_equal(handshake.has_secret, !alone);
            if (!alone) {
                assert_true(handshake.secret == turn.client_secret(i));
            }
        }
    }
}

void a_bad_peer_is_left_to_openssl_alone(void**) {
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    Turn turn(kLanes);
    turn.handshakes[3]->peer.fill(0);
    turn.prepare();
    for (size_t i = 0; i < kLanes; ++i) {
        assert_true(turn.handshakes[i]->has_pair);
        assert_int_equal(turn.handshakes[i]->has_secret, i != 3);
    }
    assert_true(turn.handshakes[3]->secret == X25519Key{});
}

void a_library_that_fails_leaves_all_to_openssl(void**) {
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    CryptoMb mb = *test::real_crypto_mb();
    mb.x25519 = failing_derive;
    provider_state().mb = &mb;
    for (const unsigned lanes : {0x01U, 0xc0U, 0xffU}) {
        test::failing_lanes = static_cast<LaneMask>(lanes);
        Turn turn(kLanes);
        turn.prepare();
        for (size_t i = 0; i < kLanes; ++i) {
            assert_true(turn.handshakes[i]->has_pair);
            assert_int_equal(turn.handshakes[i]->has_secret, (lanes >> i & 1U) == 0);
        }
    }
    // No pairs either, once those that were made before are used up.
    mb.x25519_public = no_pairs;
    Turn last(2 * kLanes);
    last.prepare();
    assert_false(last.handshakes.back()->has_pair);
    assert_false(last.handshakes.back()->has_secret);
    provider_state().mb = nullptr;
    Turn none(2);
    none.prepare();
    assert_false(none.handshakes[0]->has_pair);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_number_gets_pairs_and_secrets, with_library),
        cmocka_unit_test_setup(a_bad_peer_is_left_to_openssl_alone, with_library),
        cmocka_unit_test_setup(a_library_that_fails_leaves_all_to_openssl, with_library),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

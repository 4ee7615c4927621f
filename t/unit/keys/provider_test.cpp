// The provider through OpenSSL's own calls, as libssl makes them: exchanges against those of OpenSSL's own
// context, prepared secrets; and that nothing is handed out twice. Its key schedules: provider_schedule_test.
#include <openssl/kdf.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <set>
#include <string>

#include "base/openssl.h"
#include "keys/library.h"
#include "keys/prepared.h"
#include "keys/provider.h"
#include "support/batches.h"

namespace tls {
namespace {

using Encoded = std::string;
using Context = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;

OSSL_LIB_CTX* library() {
    return *key_library();
}

// With the real library where there is one.
int with_crypto_mb(void**) {
    provider_state().mb = test::real_crypto_mb();
    return key_library().ok() ? 0 : -1;
}

int without_crypto_mb(void**) {
    provider_state().mb = nullptr;
    return key_library().ok() ? 0 : -1;
}

UniquePkey make_pair(const char* name = kExchangeName) {
    const Context context(EVP_PKEY_CTX_new_from_name(library(), name, nullptr));
    EVP_PKEY* key = nullptr;
    assert_int_equal(EVP_PKEY_keygen_init(context.get()), 1);
    assert_int_equal(EVP_PKEY_keygen(context.get(), &key), 1);
    return UniquePkey(key);
}

// The way of a server's libssl: an empty key first, then the peer's share.
UniquePkey peer_of(const Encoded& share, const char* name = kExchangeName) {
    const Context context(EVP_PKEY_CTX_new_from_name(library(), name, nullptr));
    EVP_PKEY* empty = nullptr;
    assert_int_equal(EVP_PKEY_paramgen_init(context.get()), 1);
    assert_int_equal(EVP_PKEY_CTX_set_group_name(context.get(), "X25519"), 1);
    assert_int_equal(EVP_PKEY_paramgen(context.get(), &empty), 1);
    UniquePkey key(empty);
    const auto* bytes = reinterpret_cast<const unsigned char*>(share.data());
    return EVP_PKEY_set1_encoded_public_key(key.get(), bytes, share.size()) == 1 ? std::move(key) : nullptr;
}

Encoded share_of(EVP_PKEY* key) {
    unsigned char* bytes = nullptr;
    const size_t size = EVP_PKEY_get1_encoded_public_key(key, &bytes);
    Encoded share(reinterpret_cast<char*>(bytes), size);
    OPENSSL_free(bytes);
    return share;
}

// Empty when it is refused.
Encoded derive(EVP_PKEY* key, EVP_PKEY* peer, OSSL_LIB_CTX* in) {
    const Context context(EVP_PKEY_CTX_new_from_pkey(in, key, nullptr));
    size_t size = 0;
    Encoded secret(32, '\0');
    const bool derived =
        EVP_PKEY_derive_init(context.get()) == 1 && EVP_PKEY_derive_set_peer(context.get(), peer) == 1 &&
        EVP_PKEY_derive(context.get(), nullptr, &size) == 1 && size == secret.size() &&
        EVP_PKEY_derive(context.get(), reinterpret_cast<unsigned char*>(&secret[0]), &size) == 1;
    drain_openssl_errors();
    return derived ? secret : Encoded();
}

// The client's side, all OpenSSL's.
struct Client {
    UniquePkey key{EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")};

    Encoded share() const { return share_of(key.get()); }
    Encoded secret(const Encoded& server_share) const {
        const auto* bytes = reinterpret_cast<const unsigned char*>(server_share.data());
        const UniquePkey peer(
            EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, bytes, server_share.size()));
        return derive(key.get(), peer.get(), nullptr);
    }
};

// And the client of P-256.
struct P256Client {
    UniquePkey key{EVP_EC_gen("P-256")};

    Encoded share() const { return share_of(key.get()); }
    Encoded secret(const Encoded& server_share) const {
        const auto* bytes = reinterpret_cast<const unsigned char*>(server_share.data());
        const UniquePkey peer(EVP_PKEY_new());
        assert_int_equal(EVP_PKEY_copy_parameters(peer.get(), key.get()), 1);
        assert_int_equal(EVP_PKEY_set1_encoded_public_key(peer.get(), bytes, server_share.size()), 1);
        return derive(key.get(), peer.get(), nullptr);
    }
};

UniquePkey p256_pair() {
    return make_pair(kP256ExchangeName);
}

UniquePkey p256_peer(const Encoded& share) {
    UniquePkey peer = peer_of(share, kP256ExchangeName);
    drain_openssl_errors();
    return peer;
}

P256Point point_of(const Encoded& bytes) {
    P256Point point{};
    memcpy(point.data(), bytes.data(), point.size());
    return point;
}

X25519Key key_of(const Encoded& bytes) {
    X25519Key key{};
    memcpy(key.data(), bytes.data(), key.size());
    return key;
}

void exchanges_agree_with_openssls(void**) {
    const Client client;
    std::set<Encoded> seen;
    for (size_t i = 0; i < test::operations(2500); ++i) {
        const UniquePkey pair = make_pair();
        const UniquePkey peer = peer_of(client.share());
        const Encoded share = share_of(pair.get());
        assert_int_equal(share.size(), 32);
        assert_true(seen.insert(share).second);
        const Encoded secret = derive(pair.get(), peer.get(), library());
        assert_int_equal(secret.size(), 32);
        assert_true(secret == client.secret(share));
    }
}

void shares_that_are_no_points_are_refused(void**) {
    for (const size_t size : {0, 1, 31, 33, 64}) {
        assert_null(peer_of(Encoded(size, '\1')).get());
    }
    const UniquePkey pair = make_pair();
    Encoded minus_one(32, '\xff');
    minus_one[0] = '\xec';
    minus_one[31] = '\x7f';
    for (const Encoded& small : {Encoded(32, '\0'), '\1' + Encoded(31, '\0'), minus_one}) {
        const UniquePkey peer = peer_of(small);
        assert_non_null(peer.get());
        assert_true(derive(pair.get(), peer.get(), library()).empty());
    }
}

// What was prepared is used for the peer that it was made for, by one key, and only once.
void a_prepared_secret_is_used_once(void**) {
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    const Client client;
    const Client other;
    Prepared prepared;
    assert_int_equal(make_x25519_pairs(*test::real_crypto_mb(), &prepared.pair, 1), 1);
    prepared.has_pair = prepared.has_secret = true;
    prepared.peer = key_of(client.share());
    const Encoded prepared_share(reinterpret_cast<char*>(prepared.pair.public_key.data()), 32);
    // A mark: whoever gives it out did not compute.
    prepared.secret.fill(0x5a);
    const PreparedScope scope(&prepared);
    const UniquePkey first = make_pair();
    assert_true(share_of(first.get()) == prepared_share);
    assert_false(prepared.has_pair || prepared.has_secret);
    assert_true(prepared.pair.private_key == X25519Key{} && prepared.secret == X25519Key{});
    assert_true(derive(first.get(), peer_of(client.share()).get(), library()) == Encoded(32, '\x5a'));
    assert_true(derive(first.get(), peer_of(other.share()).get(), library()) == other.secret(prepared_share));
    const UniquePkey second = make_pair();
    assert_true(share_of(second.get()) != prepared_share);
}

void exchanges_on_p256_agree_with_openssls(void**) {
    const P256Client client;
    std::set<Encoded> seen;
    for (size_t i = 0; i < test::operations(1000); ++i) {
        const UniquePkey pair = p256_pair();
        const Encoded share = share_of(pair.get());
        assert_int_equal(share.size(), 65);
        assert_true(seen.insert(share).second);
        const Encoded secret = derive(pair.get(), p256_peer(client.share()).get(), library());
        assert_int_equal(secret.size(), 32);
        assert_true(secret == client.secret(share));
    }
}

// Refused when they come, as OpenSSL's own are: the alert is then the one that RFC 8446 wants.
void points_off_the_curve_are_refused_at_once(void**) {
    const Encoded good = P256Client().share();
    for (const size_t size : {0, 1, 32, 33, 64, 66}) {
        assert_null(p256_peer(good.substr(0, size) + Encoded(size > 65 ? 1 : 0, 'x')).get());
    }
    assert_null(p256_peer(Encoded(65, '\0')).get());
    assert_null(p256_peer('\4' + Encoded(64, '\0')).get());
    assert_null(p256_peer('\4' + Encoded(64, '\xff')).get());
    for (size_t byte = 0; byte < good.size(); ++byte) {
        Encoded bad = good;
        bad[byte] = static_cast<char>(bad[byte] ^ 1);
        assert_null(p256_peer(bad).get());
    }
    assert_non_null(p256_peer(good).get());
}

void a_prepared_secret_on_p256_is_used_once(void**) {
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    const P256Client client;
    const P256Client other;
    Prepared prepared;
    assert_int_equal(make_p256_pairs(*test::real_crypto_mb(), &prepared.p256.pair, 1), 1);
    prepared.p256.has_pair = prepared.p256.has_secret = true;
    prepared.p256.peer = point_of(client.share());
    const Encoded prepared_share(reinterpret_cast<char*>(prepared.p256.pair.public_key.data()), 65);
    // A mark: whoever gives it out did not compute.
    prepared.p256.secret.fill(0x5a);
    const PreparedScope scope(&prepared);
    const UniquePkey peer = p256_peer(client.share());
    // A pair of the other kind leaves it alone.
    assert_int_equal(share_of(make_pair().get()).size(), 32);
    const UniquePkey first = p256_pair();
    assert_true(share_of(first.get()) == prepared_share);
    assert_false(prepared.p256.has_pair || prepared.p256.has_secret);
    assert_true(prepared.p256.pair.private_key == P256Number{} && prepared.p256.secret == P256Secret{});
    assert_true(derive(first.get(), peer.get(), library()) == Encoded(32, '\x5a'));
    assert_true(derive(first.get(), p256_peer(other.share()).get(), library()) ==
                other.secret(prepared_share));
    const UniquePkey second = p256_pair();
    assert_true(share_of(second.get()) != prepared_share);
}

void outside_of_its_scope_nothing_prepared_is_used(void**) {
    Prepared prepared;
    prepared.has_pair = true;
    prepared.pair.public_key.fill(7);
    {
        const PreparedScope outer(&prepared);
        const PreparedScope inner(nullptr);
        assert_null(PreparedScope::current());
        assert_true(share_of(make_pair().get()) != Encoded(32, '\7'));
    }
    assert_null(PreparedScope::current());
    assert_true(prepared.has_pair);
}

// A child of a fork begins with no pair of its parent's.
void a_fork_takes_no_pair_along(void**) {
    assert_non_null(make_pair().get());
    int channel[2];
    assert_int_equal(pipe(channel), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    std::set<Encoded> seen;
    constexpr int kTried = 3 * kLanes;
    if (child == 0) {
        for (int i = 0; i < kTried; ++i) {
            const Encoded share = share_of(make_pair().get());
            if (write(channel[1], share.data(), share.size()) != 32) {
                _exit(1);
            }
        }
        _exit(0);
    }
    for (int i = 0; i < kTried; ++i) {
        assert_true(seen.insert(share_of(make_pair().get())).second);
    }
    close(channel[1]);
    char share[32];
    int count = 0;
    while (read(channel[0], share, sizeof(share)) == sizeof(share)) {
        assert_true(seen.insert(Encoded(share, sizeof(share))).second);
        ++count;
    }
    close(channel[0]);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(count, kTried);
}

void ours_is_what_the_context_gives(void**) {
    const char* const names[] = {"TLS13-KDF", "TLS1-PRF", "HKDF"};
    for (const char* name : names) {
        EVP_KDF* kdf = EVP_KDF_fetch(library(), name, nullptr);
        const char* provider = OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf));
        assert_string_equal(provider, name == names[2] ? "default" : "ahead");
        EVP_KDF_free(kdf);
    }
    EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "TLS13-KDF", nullptr);
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_KDF_get0_provider(kdf)), "default");
    EVP_KDF_free(kdf);
    assert_null(EVP_PKEY_CTX_new_from_name(nullptr, kExchangeName, nullptr));
    drain_openssl_errors();
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(exchanges_agree_with_openssls, with_crypto_mb),
        cmocka_unit_test_setup(shares_that_are_no_points_are_refused, with_crypto_mb),
        cmocka_unit_test_setup(a_prepared_secret_is_used_once, with_crypto_mb),
        cmocka_unit_test_setup(outside_of_its_scope_nothing_prepared_is_used, with_crypto_mb),
        cmocka_unit_test_setup(a_fork_takes_no_pair_along, with_crypto_mb),
        cmocka_unit_test_setup(exchanges_on_p256_agree_with_openssls, with_crypto_mb),
        cmocka_unit_test_setup(points_off_the_curve_are_refused_at_once, with_crypto_mb),
        cmocka_unit_test_setup(a_prepared_secret_on_p256_is_used_once, with_crypto_mb),
        cmocka_unit_test_setup(exchanges_on_p256_agree_with_openssls, without_crypto_mb),
        cmocka_unit_test_setup(points_off_the_curve_are_refused_at_once, without_crypto_mb),
        cmocka_unit_test_setup(exchanges_agree_with_openssls, without_crypto_mb),
        cmocka_unit_test_setup(shares_that_are_no_points_are_refused, without_crypto_mb),
        cmocka_unit_test_setup(a_fork_takes_no_pair_along, without_crypto_mb),
        cmocka_unit_test(ours_is_what_the_context_gives),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

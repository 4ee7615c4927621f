// No key pair and no nonce is used twice: turns of every size with several keys of both curves, with halves
// made ahead and without, a library that fails in any lane, handshakes that are given up, and forks. What
// comes out is recorded: the public key of every pair, the r of every signature.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "keys/provider.h"
#include "keys/signing_key.h"
#include "keys/turn.h"
#include "support/batches.h"

namespace tls {
namespace {

constexpr int kProcesses = 4;
constexpr size_t kMostInTurn = 3 * kLanes;
// What tells a pair or a nonce: a public key, or the last bytes of r.
constexpr size_t kMarkSize = 32;
using Mark = std::string;

const CryptoMb& real() {
    return *test::real_crypto_mb();
}

uint32_t spoiled_public(uint8_t* const* out, CryptoMb::Bytes private_key) {
    return test::spoiled(real().x25519_public(out, private_key));
}

uint32_t spoiled_derive(uint8_t* const* secret, CryptoMb::Bytes private_key, CryptoMb::Bytes peer) {
    return test::spoiled(real().x25519(secret, private_key, peer));
}

uint32_t spoiled_p256_public(uint64_t* const* x, uint64_t* const* y, uint64_t* const* z, CryptoMb::Words key,
                             uint8_t* buffer) {
    return test::spoiled(real().p256_public(x, y, z, key, buffer));
}

uint32_t spoiled_p256_derive(uint8_t* const* secret, CryptoMb::Words key, CryptoMb::Words x,
                             CryptoMb::Words y, CryptoMb::Words z, uint8_t* buffer) {
    return test::spoiled(real().p256_derive(secret, key, x, y, z, buffer));
}

uint32_t spoiled_p256(uint64_t** inverse, uint64_t** r, CryptoMb::Words nonce, uint8_t* buffer) {
    return test::spoiled(real().p256_sign_setup(inverse, r, nonce, buffer));
}

uint32_t spoiled_p384(uint64_t** inverse, uint64_t** r, CryptoMb::Words nonce, uint8_t* buffer) {
    return test::spoiled(real().p384_sign_setup(inverse, r, nonce, buffer));
}

// Keys that several processes sign with, as workers do.
struct Keys {
    Keys() {
        for (const char* curve : {"P-256", "P-256", "P-256", "P-384"}) {
            originals.emplace_back(EVP_EC_gen(curve));
            keys.push_back(std::make_unique<SigningKey>(make_signing_key(originals.back().get())));
            assert_non_null(keys.back()->key.get());
        }
        peer.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
        size_t size = share.size();
        EVP_PKEY_get_raw_public_key(peer.get(), share.data(), &size);
        EVP_PKEY_get_octet_string_param(originals[0].get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                        point.size(), &size);
    }

    std::vector<UniquePkey> originals;
    std::vector<std::unique_ptr<SigningKey>> keys;
    UniquePkey peer;
    X25519Key share{};
    P256Point point{};
};

bool same_secret(const Keys& keys, const Prepared& handshake) {
    const X25519Key& ours = handshake.pair.public_key;
    const UniquePkey other(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, ours.data(), ours.size()));
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(keys.peer.get(), nullptr);
    X25519Key secret{};
    size_t size = secret.size();
    const bool same = EVP_PKEY_derive_init(context) == 1 &&
                      EVP_PKEY_derive_set_peer(context, other.get()) == 1 &&
                      EVP_PKEY_derive(context, secret.data(), &size) == 1 && secret == handshake.secret;
    EVP_PKEY_CTX_free(context);
    return same;
}

// The client's share on P-256 is the first key's own.
bool same_p256_secret(const Keys& keys, const PreparedExchange<P256Kind>& exchange) {
    const P256Point& ours = exchange.pair.public_key;
    const UniquePkey other(EVP_PKEY_new());
    EVP_PKEY* client = keys.originals[0].get();
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(client, nullptr);
    P256Secret secret{};
    size_t size = secret.size();
    const bool same = EVP_PKEY_copy_parameters(other.get(), client) == 1 &&
                      EVP_PKEY_set1_encoded_public_key(other.get(), ours.data(), ours.size()) == 1 &&
                      EVP_PKEY_derive_init(context) == 1 &&
                      EVP_PKEY_derive_set_peer(context, other.get()) == 1 &&
                      EVP_PKEY_derive(context, secret.data(), &size) == 1 && secret == exchange.secret;
    EVP_PKEY_CTX_free(context);
    return same;
}

// Signs as libssl does, and tells r; empty when the signature is not valid.
Mark sign(Prepared* handshake) {
    const SigningKey& key = *handshake->signer;
    const PreparedScope scope(handshake);
    const unsigned char digest[48] = {7};
    const int size = key.curve == NID_secp384r1 ? 48 : 32;
    EC_KEY* ec = const_cast<EC_KEY*>(EVP_PKEY_get0_EC_KEY(key.key.get()));
    ECDSA_SIG* signature = ECDSA_do_sign(digest, size, ec);
    Mark mark(kMarkSize, '\0');
    unsigned char r[48];
    if (signature == nullptr || ECDSA_do_verify(digest, size, signature, ec) != 1 ||
        BN_bn2binpad(ECDSA_SIG_get0_r(signature), r, size) != size || handshake->half.ready()) {
        mark.clear();
    } else {
        memcpy(&mark[0], r + size - static_cast<int>(kMarkSize), kMarkSize);
    }
    ECDSA_SIG_free(signature);
    return mark;
}

// Handshakes of one turn, all alike in nothing but their hello: the nonces must differ all the same.
struct Turn {
    Turn(const Keys& keys, std::mt19937* random) {
        const size_t count = (*random)() % (kMostInTurn + 1);
        for (size_t i = 0; i < count; ++i) {
            auto handshake = std::make_unique<Prepared>();
            handshake->has_peer = (*random)() % 4 != 0;
            handshake->peer = keys.share;
            handshake->p256.has_peer = (*random)() % 4 == 0;
            handshake->p256.peer = keys.point;
            // P-384 is slow to check: a few.
            const size_t key = (*random)() % 16 == 0 ? 3 : (*random)() % 3;
            handshake->signer = (*random)() % 5 != 0 ? keys.keys[key].get() : nullptr;
            handshake->takes_ahead = (*random)() % 2 == 0;
            handshake->hello = {1, 2, 3};
            pointers.push_back(handshake.get());
            handshakes.push_back(std::move(handshake));
        }
    }

    std::vector<std::unique_ptr<Prepared>> handshakes;
    std::vector<Prepared*> pointers;
};

// False at the first thing that is wrong.
bool run_turn(const Keys& keys, std::mt19937* random, size_t* handshakes, std::vector<Mark>* marks) {
    Turn turn(keys, random);
    *handshakes += turn.pointers.size();
    test::failing_lanes = (*random)() % 4 == 0 ? static_cast<LaneMask>((*random)()) : LaneMask{0};
    prepare_handshakes(turn.pointers.data(), turn.pointers.size());
    for (Prepared* handshake : turn.pointers) {
        if (handshake->has_pair) {
            const X25519Key& key = handshake->pair.public_key;
            marks->emplace_back(reinterpret_cast<const char*>(key.data()), key.size());
        }
        if (handshake->p256.has_pair) {
            const uint8_t* x = handshake->p256.pair.public_key.data() + 1;
            marks->emplace_back(reinterpret_cast<const char*>(x), kMarkSize);
        }
        if ((handshake->has_secret && !same_secret(keys, *handshake)) ||
            (handshake->p256.has_secret && !same_p256_secret(keys, handshake->p256))) {
            return false;
        }
        // Some are closed before they sign: what they had is gone with them.
        if (handshake->signer != nullptr && (*random)() % 8 != 0) {
            marks->push_back(sign(handshake));
            if (marks->back().empty()) {
                return false;
            }
        }
    }
    return true;
}

// At least `least` handshakes.
bool run_turns(const Keys& keys, unsigned seed, size_t least, std::vector<Mark>* marks) {
    // Chooses what is done; all that is secret is OpenSSL's.
    std::mt19937 random(seed);
    for (size_t handshakes = 0; handshakes < least;) {
        if (!run_turn(keys, &random, &handshakes, marks)) {
            return false;
        }
    }
    return true;
}

bool write_all(int fd, const std::vector<Mark>& marks) {
    for (const Mark& mark : marks) {
        if (write(fd, mark.data(), mark.size()) != static_cast<ssize_t>(mark.size())) {
            return false;
        }
    }
    return true;
}

void nothing_is_used_twice(void**) {
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    static CryptoMb mb = real();
    mb.x25519_public = spoiled_public;
    mb.x25519 = spoiled_derive;
    mb.p256_public = spoiled_p256_public;
    mb.p256_derive = spoiled_p256_derive;
    mb.p256_sign_setup = spoiled_p256;
    mb.p384_sign_setup = spoiled_p384;
    provider_state().mb = &mb;
    const Keys keys;
    const size_t share = test::operations(6000) / kProcesses;
    std::vector<Mark> marks;
    // So that there is something to take along.
    assert_true(run_turns(keys, 1, 600, &marks));
    int channel[2];
    assert_int_equal(pipe(channel), 0);
    pid_t children[kProcesses];
    for (int i = 0; i < kProcesses; ++i) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            std::vector<Mark> own;
            // The same choices in each: only what is random differs.
            _exit(run_turns(keys, 2, share, &own) && write_all(channel[1], own) ? 0 : 1);
        }
        assert_true(run_turns(keys, 3, 120, &marks));
    }
    close(channel[1]);
    char mark[kMarkSize];
    size_t filled = 0;
    for (ssize_t size; (size = read(channel[0], mark + filled, sizeof(mark) - filled)) > 0;) {
        filled += static_cast<size_t>(size);
        if (filled == sizeof(mark)) {
            marks.emplace_back(mark, sizeof(mark));
            filled = 0;
        }
    }
    close(channel[0]);
    for (const pid_t child : children) {
        int status = -1;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    // A handshake has up to three, one at the least on average.
    assert_true(marks.size() >= kProcesses * (share + 120) + 600);
    const std::set<Mark> different(marks.begin(), marks.end());
    assert_int_equal(different.size(), marks.size());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {cmocka_unit_test(nothing_is_used_twice)};
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

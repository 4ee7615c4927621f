// X25519MLKEM768 by the provider, through OpenSSL's own calls as libssl makes them, against that of OpenSSL's
// own context, which has it from 3.5 on.
#include <openssl/ssl.h>

#include <algorithm>
#include <string>

#include "base/openssl.h"
#include "keys/library.h"
#include "keys/prepared.h"
#include "keys/provider.h"
#include "support/batches.h"

namespace tls {
namespace {

using Bytes = std::string;
using Context = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;

constexpr char kOpenssls[] = "X25519MLKEM768";
constexpr size_t kClientShare = 1216;
constexpr size_t kServerShare = 1120;
constexpr size_t kSecret = 64;

// One of the two sides that are held against each other.
struct Side {
    OSSL_LIB_CTX* library;
    const char* name;
};

Side ours() {
    return {*key_library(), kHybridName};
}
constexpr Side kTheirs = {nullptr, kOpenssls};

int with_crypto_mb(void**) {
    provider_state().mb = test::real_crypto_mb();
    return key_library().ok() ? 0 : -1;
}

int without_crypto_mb(void**) {
    provider_state().mb = nullptr;
    return key_library().ok() ? 0 : -1;
}

#define SKIP_BEFORE_OPENSSL_3_5()                         \
    if (!provider_state().fallback.mlkem768.attached()) { \
        test::skip_test();                                \
    }

unsigned char* at(Bytes* bytes) {
    return reinterpret_cast<unsigned char*>(&(*bytes)[0]);
}
const unsigned char* at(const Bytes& bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

UniquePkey make_pair(const Side& side) {
    const Context context(EVP_PKEY_CTX_new_from_name(side.library, side.name, nullptr));
    EVP_PKEY* key = nullptr;
    assert_int_equal(EVP_PKEY_keygen_init(context.get()), 1);
    assert_int_equal(EVP_PKEY_keygen(context.get(), &key), 1);
    return UniquePkey(key);
}

Bytes share_of(EVP_PKEY* key) {
    unsigned char* bytes = nullptr;
    const size_t size = EVP_PKEY_get1_encoded_public_key(key, &bytes);
    Bytes share(reinterpret_cast<char*>(bytes), size);
    OPENSSL_free(bytes);
    return share;
}

// The way of a server's libssl: an empty key first, then the client's share. Null when that is refused.
UniquePkey client_of(const Side& side, const Bytes& share) {
    const Context context(EVP_PKEY_CTX_new_from_name(side.library, side.name, nullptr));
    EVP_PKEY* key = nullptr;
    assert_int_equal(EVP_PKEY_paramgen_init(context.get()), 1);
    assert_int_equal(EVP_PKEY_CTX_set_group_name(context.get(), ""), 1);
    assert_int_equal(EVP_PKEY_paramgen(context.get(), &key), 1);
    UniquePkey client(key);
    const bool taken = EVP_PKEY_set1_encoded_public_key(key, at(share), share.size()) == 1;
    drain_openssl_errors();
    return taken ? std::move(client) : nullptr;
}

struct Answer {
    Bytes share;  // the server's; empty when there is none
    Bytes secret;
};

Answer encapsulate(const Side& side, EVP_PKEY* client) {
    const Context context(EVP_PKEY_CTX_new_from_pkey(side.library, client, nullptr));
    Answer answer;
    size_t share_size = 0;
    size_t secret_size = 0;
    assert_int_equal(EVP_PKEY_encapsulate_init(context.get(), nullptr), 1);
    assert_int_equal(EVP_PKEY_encapsulate(context.get(), nullptr, &share_size, nullptr, &secret_size), 1);
    assert_int_equal(share_size, kServerShare);
    assert_int_equal(secret_size, kSecret);
    answer.share.resize(share_size);
    answer.secret.resize(secret_size);
    const int made =
        EVP_PKEY_encapsulate(context.get(), at(&answer.share), &share_size, at(&answer.secret), &secret_size);
    drain_openssl_errors();
    return made == 1 ? answer : Answer{};
}

// Empty when the share is refused.
Bytes decapsulate(const Side& side, EVP_PKEY* key, const Bytes& share) {
    const Context context(EVP_PKEY_CTX_new_from_pkey(side.library, key, nullptr));
    size_t size = 0;
    assert_int_equal(EVP_PKEY_decapsulate_init(context.get(), nullptr), 1);
    assert_int_equal(EVP_PKEY_decapsulate(context.get(), nullptr, &size, at(share), share.size()), 1);
    assert_int_equal(size, kSecret);
    Bytes secret(size, '\0');
    const int made = EVP_PKEY_decapsulate(context.get(), at(&secret), &size, at(share), share.size());
    drain_openssl_errors();
    return made == 1 ? secret : Bytes();
}

void agree(const Side& server, const Side& client) {
    const UniquePkey pair = make_pair(client);
    const Bytes share = share_of(pair.get());
    assert_int_equal(share.size(), kClientShare);
    const UniquePkey peer = client_of(server, share);
    assert_non_null(peer.get());
    assert_int_equal(EVP_PKEY_get_security_bits(peer.get()), 192);
    const Answer answer = encapsulate(server, peer.get());
    assert_int_equal(answer.share.size(), kServerShare);
    assert_true(decapsulate(client, pair.get(), answer.share) == answer.secret);
}

void it_agrees_with_openssls(void**) {
    SKIP_BEFORE_OPENSSL_3_5();
    for (size_t i = 0; i < test::operations(100); ++i) {
        agree(ours(), kTheirs);
        agree(kTheirs, ours());
    }
    agree(ours(), ours());
}

// Each answer is another one, for the same client as well.
void no_answer_is_given_twice(void**) {
    SKIP_BEFORE_OPENSSL_3_5();
    const UniquePkey peer = client_of(ours(), share_of(make_pair(kTheirs).get()));
    const Answer first = encapsulate(ours(), peer.get());
    const Answer second = encapsulate(ours(), peer.get());
    assert_true(first.share.substr(1088) != second.share.substr(1088));
    assert_true(first.share.substr(0, 1088) != second.share.substr(0, 1088));
    assert_true(first.secret != second.secret);
}

void shares_that_are_none_are_refused(void**) {
    SKIP_BEFORE_OPENSSL_3_5();
    const Bytes good = share_of(make_pair(kTheirs).get());
    for (const size_t size : {0, 32, 1184, 1215}) {
        assert_null(client_of(ours(), good.substr(0, size)).get());
    }
    assert_null(client_of(ours(), good + 'x').get());
    // Coefficients that are not below the modulus (FIPS 203 section 7.2).
    assert_null(client_of(ours(), Bytes(384, '\xff') + good.substr(384)).get());
    // X25519 judges what comes of it: a secret of zeros (RFC 8446 section 7.4.2).
    const UniquePkey zero = client_of(ours(), good.substr(0, 1184) + Bytes(32, '\0'));
    assert_non_null(zero.get());
    assert_true(encapsulate(ours(), zero.get()).share.empty());
    const UniquePkey taken = client_of(ours(), good);
    assert_int_equal(EVP_PKEY_set1_encoded_public_key(taken.get(), at(good), good.size()), 0);
    drain_openssl_errors();
}

void answers_that_are_none_are_refused(void**) {
    SKIP_BEFORE_OPENSSL_3_5();
    const UniquePkey pair = make_pair(ours());
    const Answer answer = encapsulate(kTheirs, client_of(kTheirs, share_of(pair.get())).get());
    assert_true(decapsulate(ours(), pair.get(), answer.share) == answer.secret);
    assert_true(decapsulate(ours(), pair.get(), answer.share.substr(1)).empty());
    assert_true(decapsulate(ours(), pair.get(), answer.share + 'x').empty());
    assert_true(decapsulate(ours(), pair.get(), answer.share.substr(0, 1088) + Bytes(32, '\0')).empty());
    // ML-KEM itself rejects in silence, by another secret (FIPS 203 section 6.3).
    Bytes spoiled = answer.share;
    spoiled[0] = static_cast<char>(spoiled[0] ^ 1);
    const Bytes other = decapsulate(ours(), pair.get(), spoiled);
    assert_int_equal(other.size(), kSecret);
    assert_true(other.substr(0, 32) != answer.secret.substr(0, 32));
}

// What was prepared for the X25519 half is used for the client that it was made for, and only once.
void the_prepared_half_is_used_once(void**) {
    SKIP_BEFORE_OPENSSL_3_5();
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    const UniquePkey pair = make_pair(kTheirs);
    const Bytes share = share_of(pair.get());
    Prepared prepared;
    assert_int_equal(make_x25519_pairs(*test::real_crypto_mb(), &prepared.pair, 1), 1);
    prepared.has_pair = prepared.has_secret = true;
    std::copy(share.begin() + 1184, share.end(), prepared.peer.begin());
    const Bytes mine(reinterpret_cast<char*>(prepared.pair.public_key.data()), 32);
    // A mark: whoever gives it out did not compute.
    prepared.secret.fill(0x5a);
    const PreparedScope scope(&prepared);
    const UniquePkey peer = client_of(ours(), share);
    const Answer first = encapsulate(ours(), peer.get());
    assert_true(first.share.substr(1088) == mine);
    assert_true(first.secret.substr(32) == Bytes(32, '\x5a'));
    assert_false(prepared.has_pair || prepared.has_secret);
    assert_true(prepared.pair.private_key == X25519Key{} && prepared.secret == X25519Key{});
    const Answer second = encapsulate(ours(), peer.get());
    assert_true(second.share.substr(1088) != mine);
    assert_true(decapsulate(kTheirs, pair.get(), second.share) == second.secret);
}

// Only where the default provider has it: the name is ours alone in any case.
void only_our_context_has_it(void**) {
    assert_null(EVP_PKEY_CTX_new_from_name(nullptr, kHybridName, nullptr));
    drain_openssl_errors();
    SSL_CTX* context = SSL_CTX_new_ex(*key_library(), nullptr, TLS_server_method());
    assert_int_equal(SSL_CTX_set1_groups_list(context, kOpenssls),
                     provider_state().fallback.mlkem768.attached() ? 1 : 0);
    SSL_CTX_free(context);
    drain_openssl_errors();
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test_setup(it_agrees_with_openssls, with_crypto_mb),
        cmocka_unit_test_setup(it_agrees_with_openssls, without_crypto_mb),
        cmocka_unit_test_setup(no_answer_is_given_twice, with_crypto_mb),
        cmocka_unit_test_setup(shares_that_are_none_are_refused, with_crypto_mb),
        cmocka_unit_test_setup(answers_that_are_none_are_refused, with_crypto_mb),
        cmocka_unit_test_setup(the_prepared_half_is_used_once, with_crypto_mb),
        cmocka_unit_test(only_our_context_has_it),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

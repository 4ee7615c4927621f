// Which hellos are prepared for, and what for: the client's X25519 share, when the server will take that one;
// and which handshakes may wait for a signature.
#include "server/foresee.h"

#include <openssl/obj_mac.h>

#include "certs/pem.h"
#include "keys/library.h"
#include "keys/provider.h"
#include "support/batches.h"
#include "support/cmocka.h"
#include "support/hello_builder.h"
#include "support/made_context.h"

namespace tls {
namespace {

using ::test::Bytes;
using ::test::HelloBuilder;
using test::make_context;

constexpr uint16_t kSupportedVersions = 43;
constexpr uint16_t kKeyShare = 51;

Bytes share(uint16_t group, size_t size, uint8_t fill) {
    Bytes entry;
    ::test::put(&entry, 2, group);
    return entry + ::test::prefixed(2, Bytes(size, fill));
}

std::optional<X25519Key> foresee(const Bytes& shares, const ServerContext& context,
                                 std::vector<uint16_t> versions = {0x0304, 0x0303},
                                 std::optional<P256Point>* point = nullptr) {
    HelloBuilder builder;
    builder.set(kKeyShare, ::test::prefixed(2, shares));
    builder.set(kSupportedVersions, ::test::prefixed(1, ::test::u16_list(versions)));
    const Bytes message = builder.message();
    const ParsedHello parsed = parse_client_hello(ByteView(message.data(), message.size()));
    assert_true(parsed.ok);
    const ForeseenExchange foreseen = foresee_exchange(parsed.hello, context);
    assert_false(foreseen.x25519.has_value() && foreseen.p256.has_value());
    if (point != nullptr) {
        *point = foreseen.p256;
    }
    return foreseen.x25519;
}

Policy with_groups(const char* groups) {
    Policy policy;
    policy.groups = groups;
    return policy;
}

const Bytes kX25519Share = share(0x001d, 32, 0x42);
const Bytes kP256Share = share(0x0017, 65, 0x04);
// ML-KEM-768's half, then X25519's.
const Bytes kHybridShare = [] {
    Bytes entry = share(0x11ec, 1216, 0x11);
    std::fill(entry.end() - 32, entry.end(), 0x22);
    return entry;
}();
const Bytes kGreaseShare = share(0x3a3a, 1, 0);

void the_clients_share_is_found(void**) {
    const auto context = make_context(with_groups("X25519:P-256"));
    X25519Key expected;
    expected.fill(0x42);
    assert_true(foresee(kX25519Share, *context) == expected);
    assert_true(foresee(kGreaseShare + kX25519Share + kP256Share, *context) == expected);
    assert_true(foresee(kHybridShare + kX25519Share, *context) == expected);
}

void another_share_may_be_taken_instead(void**) {
    const auto context = make_context(with_groups("X25519:P-256"));
    assert_false(foresee(kP256Share + kX25519Share, *context).has_value());
    assert_false(foresee(kP256Share, *context).has_value());
    assert_false(foresee(kHybridShare, *context).has_value());
    assert_false(foresee(Bytes(), *context).has_value());
}

void a_server_with_the_hybrid_group_takes_that(void**) {
    if (!supports_group("X25519MLKEM768")) {
        return;
    }
    const auto context = make_context(with_groups("X25519MLKEM768:X25519"));
    X25519Key expected;
    expected.fill(0x22);
    assert_true(foresee(kHybridShare + kX25519Share, *context) == expected);
    assert_true(foresee(kX25519Share, *context).has_value());
    for (const size_t size : {1184, 1215, 1217}) {
        assert_false(foresee(share(0x11ec, size, 0x11) + kX25519Share, *context).has_value());
    }
}

void only_in_tls_1_3_and_with_the_group(void**) {
    const auto context = make_context();
    assert_true(foresee(kX25519Share, *context).has_value());
    assert_false(foresee(kX25519Share, *context, {0x0303}).has_value());
    Policy old;
    old.protocols = kTlsv12;
    assert_false(foresee(kX25519Share, *make_context(old)).has_value());
    assert_false(foresee(kX25519Share, *make_context(with_groups("P-256:X448"))).has_value());
    assert_true(foresee(kX25519Share, *make_context(with_groups("P-256:x25519"))).has_value());
}

void of_p256_as_well(void**) {
    const auto context = make_context(with_groups("X25519:P-256"));
    const auto taken = [](const Bytes& shares, const ServerContext& by) {
        std::optional<P256Point> point;
        foresee(shares, by, {0x0304}, &point);
        return point.has_value() && point->back() == 0x04;
    };
    assert_true(taken(kP256Share, *context));
    assert_true(taken(kHybridShare + kP256Share + kX25519Share, *context));
    assert_false(taken(kX25519Share + kP256Share, *context));
    assert_false(taken(share(0x0017, 33, 2), *context));
    for (const char* name : {"P-256", "prime256v1:X448", "X448:secp256r1"}) {
        assert_true(taken(kX25519Share + kP256Share, *make_context(with_groups(name))));
    }
    assert_false(taken(kP256Share, *make_context(with_groups("P-384"))));
}

void a_share_of_another_size_is_not(void**) {
    const auto context = make_context();
    assert_false(foresee(share(0x001d, 31, 1), *context).has_value());
    assert_false(foresee(share(0x001d, 33, 1), *context).has_value());
}

// --- signatures

int with_batches(void**) {
    if (!key_library().ok() || !has_batches()) {
        provider_state().mb = test::real_crypto_mb();
    }
    return 0;
}

#define SKIP_WITHOUT_BATCHES() \
    if (!has_batches()) {      \
        test::skip_test();     \
    }

UniquePkey p384_key() {
    return UniquePkey(EVP_EC_gen("P-384"));
}

std::unique_ptr<ServerContext> context_of(std::vector<UniquePkey> keys, Policy policy = {}) {
    ContextTerms terms;
    terms.policy = std::move(policy);
    terms.library = *key_library();
    for (UniquePkey& key : keys) {
        terms.credentials.push_back(test::make_credential(std::move(key)));
    }
    auto built = ServerContext::build(std::move(terms));
    assert_true(built.ok());
    return std::move(*built);
}

template <class... Keys>
std::vector<UniquePkey> list(Keys... keys) {
    std::vector<UniquePkey> made;
    (made.push_back(std::move(keys)), ...);
    return made;
}

// The curve of the key that is foreseen, 0 for none.
int signer(HelloBuilder builder, const ServerContext& context, const CredentialSet* found = nullptr) {
    const Bytes message = builder.message();
    const ParsedHello parsed = parse_client_hello(ByteView(message.data(), message.size()));
    assert_true(parsed.ok);
    const SigningKey* key = foresee_signature(parsed.hello, context, found);
    return key != nullptr ? key->curve : 0;
}

HelloBuilder with_schemes(const std::vector<uint16_t>& schemes) {
    HelloBuilder builder;
    builder.set(13, ::test::prefixed(2, ::test::u16_list(schemes)));
    return builder;
}

HelloBuilder in_tls12(HelloBuilder builder) {
    builder.remove(kSupportedVersions);
    builder.session_id.clear();
    return builder;
}

void the_only_key_signs_by_its_scheme(void**) {
    SKIP_WITHOUT_BATCHES();
    const auto p256 = context_of(list(test::make_ec_key()));
    const auto p384 = context_of(list(p384_key()));
    assert_int_equal(signer(with_schemes({0x0804, 0x0403}), *p256), NID_X9_62_prime256v1);
    assert_int_equal(signer(with_schemes({0x0503}), *p256), 0);
    assert_int_equal(signer(with_schemes({0x0403, 0x0503}), *p384), NID_secp384r1);
    assert_int_equal(signer(with_schemes({0x0403}), *p384), 0);
    assert_int_equal(signer(with_schemes({0x0804}), *p256), 0);
    assert_int_equal(signer(with_schemes({0x0403}), *context_of(list(test::make_rsa_key()))), 0);
    // Outside of our library no key takes anything prepared.
    assert_int_equal(signer(with_schemes({0x0403}), *make_context()), 0);
}

void among_kinds_of_keys_the_order_decides(void**) {
    SKIP_WITHOUT_BATCHES();
    const auto both = context_of(list(test::make_rsa_key(), test::make_ec_key()));
    assert_int_equal(signer(with_schemes({0x0403, 0x0804}), *both), NID_X9_62_prime256v1);
    // rsa_pkcs1_sha256 signs nothing in TLS 1.3.
    assert_int_equal(signer(with_schemes({0x0401, 0x0403, 0x0804}), *both), NID_X9_62_prime256v1);
    assert_int_equal(signer(with_schemes({0x0804, 0x0403}), *both), 0);
    Policy policy;
    policy.prefer_server_ciphers = true;
    const auto own_order = context_of(list(test::make_rsa_key(), test::make_ec_key()), policy);
    assert_int_equal(signer(with_schemes({0x0804, 0x0403}), *own_order), NID_X9_62_prime256v1);
    assert_int_equal(signer(in_tls12(with_schemes({0x0403})), *both), 0);
}

void in_tls_1_2_any_hash_will_do(void**) {
    SKIP_WITHOUT_BATCHES();
    const auto p384 = context_of(list(p384_key()));
    assert_int_equal(signer(in_tls12(with_schemes({0x0401, 0x0403})), *p384), NID_secp384r1);
    assert_int_equal(signer(in_tls12(with_schemes({0x0401, 0x0804})), *p384), 0);
    HelloBuilder resumes = in_tls12(with_schemes({0x0403}));
    resumes.session_id = Bytes(32, 1);
    assert_int_equal(signer(resumes, *p384), 0);
    HelloBuilder ticket = in_tls12(with_schemes({0x0403}));
    assert_int_equal(signer(ticket.add(35, Bytes()), *p384), NID_secp384r1);
    assert_int_equal(signer(ticket.set(35, Bytes(64, 1)), *p384), 0);
    // The server's versions settle what the hello leaves open, and what it does not.
    Policy new_only;
    new_only.protocols = kTlsv13;
    const auto modern = context_of(list(p384_key()), new_only);
    assert_int_equal(signer(in_tls12(with_schemes({0x0503})), *modern), 0);
    Policy old_only;
    old_only.protocols = kTlsv12;
    const auto old = context_of(list(p384_key()), old_only);
    HelloBuilder either = with_schemes({0x0403});
    assert_int_equal(signer(either, *p384), 0);
    either.session_id.clear();
    assert_int_equal(signer(either, *old), NID_secp384r1);
}

void certificates_by_name_count_instead_of_the_contexts(void**) {
    SKIP_WITHOUT_BATCHES();
    const auto context = context_of(list(p384_key()));
    CredentialSet set;
    const auto add = [&](UniquePkey key) {
        test::Party leaf = test::make_leaf(std::move(key));
        CertificateFile file;
        file.leaf = std::move(leaf.certificate);
        bool mismatched = false;
        auto credential =
            assemble_credential(std::move(file), std::move(leaf.key), "data:", "data:", &mismatched);
        assert_true(credential.ok());
        set.credentials.push_back(*credential);
    };
    assert_int_equal(signer(with_schemes({0x0503, 0x0403}), *context, &set), 0);
    add(test::make_rsa_key());
    assert_int_equal(signer(with_schemes({0x0503, 0x0403}), *context, &set), 0);
    add(test::make_ec_key());
    assert_int_equal(signer(with_schemes({0x0503, 0x0403}), *context, &set), NID_X9_62_prime256v1);
    assert_int_equal(signer(with_schemes({0x0804, 0x0403}), *context, &set), 0);
    const Credential& credential = *set.credentials.back();
    assert_ptr_equal(credential.signing.key.get(), credential.key.get());
    assert_true(set.credentials.front()->signing.key == nullptr);
}

// --- waits for signatures

constexpr uint16_t kSignatureAlgorithms = 13;
constexpr uint16_t kSessionTicket = 35;

std::unique_ptr<ServerContext> signing_context(std::vector<UniquePkey> keys, bool threads = false) {
    ContextTerms terms;
    for (UniquePkey& key : keys) {
        terms.credentials.push_back(test::make_credential(std::move(key)));
    }
    terms.library = *key_library();
    terms.threads = threads;
    auto built = ServerContext::build(std::move(terms));
    assert_true(built.ok());
    return std::move(*built);
}

bool waits(const std::vector<uint16_t>& schemes, const ServerContext& context,
           const Bytes& ticket = Bytes()) {
    HelloBuilder builder;
    builder.set(kSignatureAlgorithms, ::test::prefixed(2, ::test::u16_list(schemes)));
    builder.set(kSessionTicket, ticket);
    const Bytes message = builder.message();
    const ParsedHello parsed = parse_client_hello(ByteView(message.data(), message.size()));
    assert_true(parsed.ok);
    return foresee_wait(parsed.hello, context);
}

std::vector<UniquePkey> keys_of(UniquePkey one, UniquePkey other = nullptr) {
    std::vector<UniquePkey> keys;
    keys.push_back(std::move(one));
    if (other != nullptr) {
        keys.push_back(std::move(other));
    }
    return keys;
}

void an_rsa_signature_may_be_waited_for(void**) {
    provider_state().mb = test::real_crypto_mb();
    if (test::real_crypto_mb() == nullptr) {
        test::skip_test();
    }
    const auto rsa = signing_context(keys_of(test::make_rsa_key()));
    assert_true(waits({0x0403, 0x0804}, *rsa));
    assert_true(waits({0x0401}, *rsa));
    assert_false(waits({0x0403, 0x0807}, *rsa));
    assert_false(waits({0x0804}, *rsa, Bytes(16, 1)));
    const auto both = signing_context(keys_of(test::make_ec_key(), test::make_rsa_key()));
    assert_false(waits({0x0403, 0x0804}, *both));
    assert_true(waits({0x0804, 0x0403}, *both));
    assert_false(waits({0x0804}, *signing_context(keys_of(test::make_ec_key()))));
}

// Whatever the hello says: nobody is to have it made in line.
void a_threads_signature_always_may(void**) {
    const auto context = signing_context(keys_of(UniquePkey(EVP_RSA_gen(3072))), true);
    assert_true(waits({0x0403}, *context, Bytes(16, 1)));
    assert_false(waits({0x0403}, *signing_context(keys_of(test::make_ec_key()), true)));
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_clients_share_is_found),
        cmocka_unit_test(another_share_may_be_taken_instead),
        cmocka_unit_test(a_server_with_the_hybrid_group_takes_that),
        cmocka_unit_test(only_in_tls_1_3_and_with_the_group),
        cmocka_unit_test_setup(the_only_key_signs_by_its_scheme, with_batches),
        cmocka_unit_test_setup(among_kinds_of_keys_the_order_decides, with_batches),
        cmocka_unit_test_setup(in_tls_1_2_any_hash_will_do, with_batches),
        cmocka_unit_test_setup(certificates_by_name_count_instead_of_the_contexts, with_batches),
        cmocka_unit_test(of_p256_as_well),
        cmocka_unit_test(a_share_of_another_size_is_not),
        cmocka_unit_test(an_rsa_signature_may_be_waited_for),
        cmocka_unit_test(a_threads_signature_always_may),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

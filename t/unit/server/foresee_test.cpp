// Which hellos are prepared for, and what for: the client's X25519 share, when the server will take that one;
// and which handshakes may wait for a signature.
#include "server/foresee.h"

#include "keys/library.h"
#include "keys/provider.h"
#include "support/batches.h"
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
                                 std::vector<uint16_t> versions = {0x0304, 0x0303}) {
    HelloBuilder builder;
    builder.set(kKeyShare, ::test::prefixed(2, shares));
    builder.set(kSupportedVersions, ::test::prefixed(1, ::test::u16_list(versions)));
    const Bytes message = builder.message();
    const ParsedHello parsed = parse_client_hello(ByteView(message.data(), message.size()));
    assert_true(parsed.ok);
    return foresee_exchange(parsed.hello, context);
}

Policy with_groups(const char* groups) {
    Policy policy;
    policy.groups = groups;
    return policy;
}

const Bytes kX25519Share = share(0x001d, 32, 0x42);
const Bytes kP256Share = share(0x0017, 65, 0x04);
const Bytes kHybridShare = share(0x11ec, 1216, 0x11);
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
    assert_false(foresee(kHybridShare + kX25519Share, *context).has_value());
    assert_true(foresee(kX25519Share, *context).has_value());
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

void a_share_of_another_size_is_not(void**) {
    const auto context = make_context();
    assert_false(foresee(share(0x001d, 31, 1), *context).has_value());
    assert_false(foresee(share(0x001d, 33, 1), *context).has_value());
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
        cmocka_unit_test(a_share_of_another_size_is_not),
        cmocka_unit_test(an_rsa_signature_may_be_waited_for),
        cmocka_unit_test(a_threads_signature_always_may),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// Certificates by name in place of a context's: which are shown, and what sessions are bound to.
#include "server/certify.h"

#include <string>

#include "certs/set_builder.h"
#include "keys/library.h"
#include "support/batches.h"
#include "support/certificate_folder.h"
#include "support/made_context.h"
#include "support/memory_handshake.h"

namespace tls {
namespace {

using test::make_client;
using test::MemoryHandshake;
using test::PairOfTexts;
using test::skip_test;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

// As they are read from files.
std::shared_ptr<const CredentialSet> make_set(const std::string& name,
                                              const std::vector<PairOfTexts>& pairs) {
    SetBuilder builder(name, "", test::kNow, {}, nullptr);
    for (const PairOfTexts& texts : pairs) {
        PairText pair;
        pair.certificate_source = name + ".crt";
        pair.key_source = name + ".key";
        pair.certificate = texts.certificate;
        pair.key = texts.key;
        builder.add(pair);
    }
    auto answer = builder.finish("stamp");
    test::need(answer.set != nullptr && answer.set->credentials.size() == pairs.size());
    return answer.set;
}

std::unique_ptr<ServerContext> in_library() {
    ContextTerms terms;
    terms.library = *key_library();
    terms.credentials.push_back(test::make_credential());
    auto built = ServerContext::build(std::move(terms));
    test::need(built.ok());
    return std::move(*built);
}

struct Shown {
    std::string certificate;
    std::string scope;  // of the session
};

Shown shake_hands(const ServerContext& context, const CredentialSet& set, int version,
                  const char* schemes = "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:ed25519") {
    const test::UniqueSslCtx client = make_client(version, version);
    assert_int_equal(SSL_CTX_set1_sigalgs_list(client.get(), schemes), 1);
    MemoryHandshake handshake(context.native(), client.get());
    assert_true(use_credentials(handshake.server.get(), context, set));
    assert_int_equal(handshake.run(), SSL_ERROR_NONE);
    const UniqueX509 shown(SSL_get1_peer_certificate(handshake.client.get()));
    unsigned size = 0;
    const unsigned char* scope = SSL_SESSION_get0_id_context(SSL_get0_session(handshake.server.get()), &size);
    return {test::pem_text(shown), std::string(reinterpret_cast<const char*>(scope), size)};
}

void the_certificate_of_the_name_is_shown(void**) {
    // The second signs with keys that take what was prepared, where there is the library for that.
    const std::unique_ptr<ServerContext> contexts[] = {test::make_context(), in_library()};
    for (const auto& context : contexts) {
        for (const int version : kVersions) {
            for (const char* curve : {"P-256", "P-384", "P-521"}) {
                const PairOfTexts pair = test::make_pair_of_texts("a.example", UniquePkey(EVP_EC_gen(curve)));
                const auto set = make_set("a.example", {pair});
                const Shown shown =
                    shake_hands(*context, *set, version, "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512");
                assert_string_equal(shown.certificate.c_str(), pair.certificate.c_str());
            }
        }
    }
}

void of_several_types_the_one_that_the_client_takes(void**) {
    const auto context = in_library();
    const PairOfTexts ecdsa = test::make_pair_of_texts("a.example");
    const PairOfTexts rsa = test::make_pair_of_texts("a.example", test::make_rsa_key());
    const PairOfTexts ed25519 = test::make_pair_of_texts("a.example", test::make_ed25519_key());
    const auto set = make_set("a.example", {ecdsa, rsa, ed25519});
    for (const int version : kVersions) {
        const auto shown = [&](const char* schemes) {
            return shake_hands(*context, *set, version, schemes).certificate;
        };
        assert_string_equal(shown("ECDSA+SHA256").c_str(), ecdsa.certificate.c_str());
        assert_string_equal(shown("RSA-PSS+SHA256").c_str(), rsa.certificate.c_str());
        assert_string_equal(shown("ed25519").c_str(), ed25519.certificate.c_str());
    }
}

// The context has an ECDSA certificate of its own.
void none_of_the_context_is_left(void**) {
    const auto context = test::make_context();
    const auto set = make_set("a.example", {test::make_pair_of_texts("a.example", test::make_rsa_key())});
    const test::UniqueSslCtx client = make_client();
    assert_int_equal(SSL_CTX_set1_sigalgs_list(client.get(), "ECDSA+SHA256"), 1);
    MemoryHandshake handshake(context->native(), client.get());
    assert_true(use_credentials(handshake.server.get(), *context, *set));
    assert_int_equal(handshake.run(), SSL_ERROR_SSL);
    ERR_clear_error();
}

void sessions_are_bound_to_the_name_and_the_context(void**) {
    const auto context = test::make_context();
    const auto set = make_set("a.example", {test::make_pair_of_texts("a.example")});
    const auto renewed = make_set("a.example", {test::make_pair_of_texts("a.example")});
    const auto other = make_set("b.example", {test::make_pair_of_texts("b.example")});
    const auto elsewhere = test::make_context();
    for (const int version : kVersions) {
        const std::string scope = shake_hands(*context, *set, version).scope;
        assert_int_equal(scope.size(), 32);
        assert_true(scope == shake_hands(*context, *renewed, version).scope);
        assert_true(scope != shake_hands(*context, *other, version).scope);
        assert_true(scope != shake_hands(*elsewhere, *set, version).scope);
        assert_true(scope != context->session_scope());
    }
}

// Else they would be bound to the terms alone, and be resumed under any name.
void without_a_digest_of_its_name_a_set_is_not_used(void**) {
    const auto context = test::make_context();
    CredentialSet set = *make_set("a.example", {test::make_pair_of_texts("a.example")});
    set.name_digest.reset();
    const test::UniqueSslCtx client = make_client();
    MemoryHandshake handshake(context->native(), client.get());
    assert_false(use_credentials(handshake.server.get(), *context, set));
    set.set_name("a.example");
    assert_true(use_credentials(handshake.server.get(), *context, set));
}

// libssl compares two keys, but not one with itself.
void certificate_and_key_hold_the_same_object(void**) {
    if (!key_library().ok() || !has_batches()) {
        skip_test();
    }
    for (const char* curve : {"P-256", "P-384"}) {
        const PairOfTexts pair = test::make_pair_of_texts("a.example", UniquePkey(EVP_EC_gen(curve)));
        const auto set = make_set("a.example", {pair});
        const Credential& credential = *set->credentials.front();
        assert_ptr_equal(X509_get0_pubkey(credential.leaf.get()), credential.key.get());
        assert_ptr_equal(credential.signing.key.get(), credential.key.get());
        assert_string_equal(test::pem_text(credential.leaf).c_str(), pair.certificate.c_str());
        assert_string_equal(test::pem_text(credential.key).c_str(), pair.key.c_str());
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(the_certificate_of_the_name_is_shown),
        cmocka_unit_test(of_several_types_the_one_that_the_client_takes),
        cmocka_unit_test(none_of_the_context_is_left),
        cmocka_unit_test(sessions_are_bound_to_the_name_and_the_context),
        cmocka_unit_test(without_a_digest_of_its_name_a_set_is_not_used),
        cmocka_unit_test(certificate_and_key_hold_the_same_object),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// What a Tunnel says of a handshake that a real client made: versions, suites, groups, signatures, names.
#include "server/names.h"
#include "server/tunnel.h"
#include "support/cmocka.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::assert_step;
using test::Pair;
using test::terms_of;
using Step = Tunnel::Step;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

const ServerContext& plain_context() {
    static const std::unique_ptr<ServerContext> context = test::build(terms_of());
    return *context;
}

void facts_of_tls_1_3(void**) {
    Pair pair(TLS1_3_VERSION, [](SSL* ssl) {
        SSL_set1_groups_list(ssl, "X25519:P-521");
        SSL_set_ciphersuites(ssl, "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256");
        SSL_set_tlsext_host_name(ssl, "Some.Example");
    });
    pair.connect(plain_context());
    const Facts facts = pair.tunnel().facts();
    assert_string_equal(facts.protocol(), "TLSv1.3");
    assert_int_equal(facts.version, 0x0304);
    assert_string_equal(facts.cipher(), "TLS_CHACHA20_POLY1305_SHA256");
    assert_int_equal(facts.group, 0x001d);             // x25519
    assert_int_equal(facts.signature_scheme, 0x0403);  // ecdsa_secp256r1_sha256
    assert_int_equal(facts.client_signature_scheme, 0);
    assert_false(facts.session_reused);
    assert_int_equal(static_cast<int>(facts.early_data), static_cast<int>(EarlyData::None));
    assert_string_equal(pair.offered().server_name.c_str(), "Some.Example");
    assert_string_equal(joined_names(pair.offered().group_list(), group_name).c_str(), "X25519:secp521r1");
    assert_true(pair.offered().cipher_suite_list().contains(0x1303));
    assert_int_equal(pair.offered().version, 0x0304);
    assert_null(facts.client_certificate.get());
    assert_string_equal(facts.alpn, "");
}

void facts_of_tls_1_2(void**) {
    Policy policy;
    policy.session_tickets = false;
    ContextTerms terms = terms_of(policy);
    terms.sessions.mode = CacheMode::Builtin;
    const auto context = test::build(std::move(terms));
    Pair pair(TLS1_2_VERSION, [](SSL* ssl) {
        SSL_set1_groups_list(ssl, "P-384:P-256");
        SSL_set_cipher_list(ssl, "ECDHE-ECDSA-AES256-GCM-SHA384");
        SSL_set1_sigalgs_list(ssl, "ECDSA+SHA512:ECDSA+SHA256");
    });
    pair.connect(*context);
    const Facts facts = pair.tunnel().facts();
    assert_string_equal(facts.protocol(), "TLSv1.2");
    assert_int_equal(facts.version, 0x0303);
    assert_string_equal(facts.cipher(), "ECDHE-ECDSA-AES256-GCM-SHA384");
    assert_int_equal(facts.group, 0x0018);
    assert_int_equal(facts.signature_scheme, 0x0603);  // the client's first: SHA-512, any curve in TLS 1.2
    unsigned size = 0;
    const unsigned char* id = SSL_SESSION_get_id(SSL_get_session(pair.client().ssl()), &size);
    assert_int_equal(pair.tunnel().session_id().size, 32);
    assert_int_equal(size, 32);
    assert_memory_equal(pair.tunnel().session_id().bytes.data(), id, 32);
}

void the_given_application_protocol_is_told(void**) {
    for (const int version : kVersions) {
        Pair pair(version, [](SSL* ssl) {
            SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
        });
        pair.client_goes_on();
        pair.open(plain_context(), pair.client().take_output(), SIZE_MAX, "http/1.1");
        assert_step(pair.finish(), Step::Done);
        const unsigned char* chosen = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(pair.client().ssl(), &chosen, &size);
        assert_int_equal(size, 8);
        assert_memory_equal(chosen, "http/1.1", 8);
        assert_string_equal(pair.tunnel().facts().alpn, "http/1.1");
    }
}

void the_certificate_is_told_with_its_source(void**) {
    Pair pair;
    pair.connect(plain_context());
    const Facts facts = pair.tunnel().facts();
    assert_non_null(facts.credential.get());
    assert_string_equal(facts.credential->certificate_source.c_str(), "test.crt");
    assert_true(facts.credential->leaf.get() == facts.server_certificate());
}

// As with all handshakes that end in the middle: what was chosen so far is known, and nothing before.
void facts_of_a_handshake_that_fails_after_the_choice(void**) {
    for (const int version : kVersions) {
        Pair pair(version, [](SSL* ssl) { SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr); });
        pair.open(plain_context());
        assert_false(pair.tunnel().has_agreed());
        assert_step(pair.finish(), Step::Failed);
        assert_true(pair.tunnel().has_agreed());
        const Facts facts = pair.tunnel().facts();
        assert_int_equal(facts.version, version);
        assert_string_equal(facts.protocol(), version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2");
        assert_string_equal(facts.cipher(), version == TLS1_3_VERSION ? "TLS_AES_256_GCM_SHA384"
                                                                      : "ECDHE-ECDSA-AES256-GCM-SHA384");
        assert_int_not_equal(facts.group, 0);
        assert_null(facts.client_certificate.get());
    }
}

// RFC 8446 section 4.1.4: the cipher is chosen, the key exchange is still to come.
void facts_after_a_hello_retry_request(void**) {
    Policy policy;
    policy.groups = "P-256";
    const auto context = test::build(terms_of(policy));
    Pair pair(TLS1_3_VERSION, [](SSL* ssl) { SSL_set1_groups_list(ssl, "X25519:P-256"); });
    pair.open(*context);
    assert_step(pair.tunnel().handshake(), Step::WantRead);
    pair.hang_up();
    assert_step(pair.tunnel().handshake(), Step::Failed);
    assert_true(pair.tunnel().has_agreed());
    const Facts facts = pair.tunnel().facts();
    assert_int_equal(facts.version, 0x0304);
    assert_int_equal(facts.group, 0);
    assert_int_equal(pair.tunnel().session_id().size, 0);
}

void nothing_is_agreed_without_a_common_cipher(void**) {
    Policy policy;
    policy.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    const auto context = test::build(terms_of(policy));
    Pair pair(TLS1_2_VERSION, [](SSL* ssl) { SSL_set_cipher_list(ssl, "ECDHE-ECDSA-AES256-GCM-SHA384"); });
    pair.open(*context);
    assert_step(pair.finish(), Step::Failed);
    assert_false(pair.tunnel().has_agreed());
}

void bytes_are_counted_that_go_over_the_socket(void**) {
    Pair pair;
    pair.client_goes_on();
    const std::vector<uint8_t> hello = pair.client().take_output();
    constexpr size_t kReplayed = 40;
    pair.open(plain_context(), hello, kReplayed);
    assert_step(pair.tunnel().handshake(), Step::WantRead);
    assert_int_equal(pair.tunnel().bytes_received(), hello.size() - kReplayed);
    assert_int_equal(pair.tunnel().bytes_sent(), pair.collect());
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_tls_1_3),
        cmocka_unit_test(facts_of_tls_1_2),
        cmocka_unit_test(the_given_application_protocol_is_told),
        cmocka_unit_test(the_certificate_is_told_with_its_source),
        cmocka_unit_test(facts_of_a_handshake_that_fails_after_the_choice),
        cmocka_unit_test(facts_after_a_hello_retry_request),
        cmocka_unit_test(nothing_is_agreed_without_a_common_cipher),
        cmocka_unit_test(bytes_are_counted_that_go_over_the_socket),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

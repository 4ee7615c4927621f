// Handshakes that fail: one reason each, the alert that RFC 8446 section 6.2 or RFC 5246 section 7.2.2 has
// for it, and whose fault it was.
#include <sys/socket.h>

#include "server/tunnel.h"
#include "support/cmocka.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::assert_step;
using test::Configure;
using test::Pair;
using test::terms_of;
using Step = Tunnel::Step;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

const ServerContext& plain_context() {
    static const std::unique_ptr<ServerContext> context = test::build(terms_of());
    return *context;
}

// The client sees alert `number` and nothing else.
void assert_client_got(const Pair& pair, int number) {
    assert_int_equal(pair.client_error(), SSL_ERROR_SSL);
    assert_int_equal(pair.client_reason(), SSL_AD_REASON_OFFSET + number);
}

void assert_reason(const Tunnel& tunnel, Reason reason) {
    assert_string_equal(reason_name(tunnel.failure().reason), reason_name(reason));
    assert_true(tunnel.failure().peer_to_blame);
}

// A hello that the policy has nothing for.
void assert_refused(const Policy& policy, int version, const Configure& configure, Reason reason, int alert) {
    const auto context = test::build(terms_of(policy));
    Pair pair(version, configure);
    pair.open(*context);
    assert_step(pair.finish(), Step::Failed);
    assert_reason(pair.tunnel(), reason);
    assert_int_equal(pair.tunnel().alert_sent(), alert);
    assert_int_equal(pair.tunnel().alert_received(), -1);
    assert_int_equal(pair.tunnel().failure().system_error, 0);
    assert_non_null(strstr(pair.tunnel().failure().text.c_str(), " (SSL: error:"));
    assert_client_got(pair, alert);
    // A failed one stays failed.
    uint8_t byte = 0;
    test::assert_status(pair.tunnel().read(&byte, 1).status, Tunnel::Status::Failed);
    test::assert_status(pair.tunnel().write(&byte, 1).status, Tunnel::Status::Failed);
    pair.tunnel().close();
    assert_int_equal(pair.collect(), 0);
}

void no_shared_cipher(void**) {
    Policy policy;
    policy.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    const Configure others = [](SSL* ssl) { SSL_set_cipher_list(ssl, "ECDHE-ECDSA-AES256-GCM-SHA384"); };
    assert_refused(policy, TLS1_2_VERSION, others, Reason::NoSharedCipher, 40);
}

void no_shared_suite(void**) {
    Policy policy;
    policy.ciphersuites = "TLS_AES_128_GCM_SHA256";
    const Configure others = [](SSL* ssl) { SSL_set_ciphersuites(ssl, "TLS_AES_256_GCM_SHA384"); };
    assert_refused(policy, TLS1_3_VERSION, others, Reason::NoSharedCipher, 40);
}

void no_shared_version(void**) {
    Policy new_only;
    new_only.protocols = kTlsv13;
    assert_refused(new_only, TLS1_2_VERSION, nullptr, Reason::NoSharedVersion, 70);
    Policy old_only;
    old_only.protocols = kTlsv12;
    assert_refused(old_only, TLS1_3_VERSION, nullptr, Reason::NoSharedVersion, 70);
}

// RFC 7507.
void a_needless_fallback(void**) {
    const Configure fallback = [](SSL* ssl) { SSL_set_mode(ssl, SSL_MODE_SEND_FALLBACK_SCSV); };
    assert_refused(Policy(), TLS1_2_VERSION, fallback, Reason::NoSharedVersion, 86);
}

void no_shared_group(void**) {
    Policy policy;
    policy.groups = "P-256";
    const Configure others = [](SSL* ssl) { SSL_set1_groups_list(ssl, "X25519"); };
    assert_refused(policy, TLS1_3_VERSION, others, Reason::NoSharedGroup, 40);
}

void no_shared_signature(void**) {
    const Configure rsa_only = [](SSL* ssl) { SSL_set1_sigalgs_list(ssl, "RSA-PSS+SHA256"); };
    assert_refused(Policy(), TLS1_3_VERSION, rsa_only, Reason::NoSharedSignature, 40);
}

// The client does not trust the server and says so: unknown_ca.
void the_clients_alert(void**) {
    for (const int version : kVersions) {
        Pair pair(version, [](SSL* ssl) { SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr); });
        pair.open(plain_context());
        assert_step(pair.finish(), Step::Failed);
        assert_reason(pair.tunnel(), Reason::PeerAlert);
        assert_int_equal(pair.tunnel().alert_received(), 48);
        assert_int_equal(pair.tunnel().alert_sent(), -1);
    }
}

// A plaintext alert instead of a second flight (RFC 8446 section 6: user_canceled is a warning, this is not).
void an_alert_in_the_clear(void**) {
    Pair pair;
    pair.open(plain_context());
    assert_step(pair.tunnel().handshake(), Step::WantRead);
    pair.send({21, 3, 3, 0, 2, 2, 40});
    assert_step(pair.tunnel().handshake(), Step::Failed);
    assert_reason(pair.tunnel(), Reason::PeerAlert);
    assert_int_equal(pair.tunnel().alert_received(), 40);
}

void a_changed_finished(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.open(plain_context());
        assert_step(pair.tunnel().handshake(), Step::WantRead);
        pair.collect();
        pair.client_goes_on();
        std::vector<uint8_t> flight = pair.client().take_output();
        flight.back() ^= 1;
        pair.send(flight);
        assert_step(pair.tunnel().handshake(), Step::Failed);
        assert_reason(pair.tunnel(), Reason::PeerProtocol);
        assert_int_equal(pair.tunnel().alert_sent(), 20);
    }
}

void bytes_that_are_no_record(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.open(plain_context());
        assert_step(pair.tunnel().handshake(), Step::WantRead);
        const std::string line = "GET / HTTP/1.1\r\n\r\n";
        pair.send(std::vector<uint8_t>(line.begin(), line.end()));
        assert_step(pair.tunnel().handshake(), Step::Failed);
        assert_reason(pair.tunnel(), Reason::PeerProtocol);
    }
}

// Another handshake message than the one that is due: unexpected_message.
void a_message_out_of_order(void**) {
    Pair pair(TLS1_2_VERSION);
    pair.open(plain_context());
    assert_step(pair.tunnel().handshake(), Step::WantRead);
    pair.send({22, 3, 3, 0, 4, 20, 0, 0, 0});
    assert_step(pair.tunnel().handshake(), Step::Failed);
    assert_reason(pair.tunnel(), Reason::PeerProtocol);
    assert_int_equal(pair.tunnel().alert_sent(), 10);
}

void the_end_instead_of_a_flight(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.open(plain_context());
        assert_step(pair.tunnel().handshake(), Step::WantRead);
        pair.collect();
        assert_int_equal(shutdown(pair.client_fd(), SHUT_WR), 0);
        assert_step(pair.tunnel().handshake(), Step::Failed);
        assert_reason(pair.tunnel(), Reason::PeerClosed);
        assert_int_equal(pair.tunnel().failure().system_error, 0);
    }
}

void a_reset_instead_of_a_flight(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.open(plain_context());
        assert_step(pair.tunnel().handshake(), Step::WantRead);
        pair.hang_up();  // the server's flight is unread
        assert_step(pair.tunnel().handshake(), Step::Failed);
        assert_reason(pair.tunnel(), Reason::PeerClosed);
        assert_int_equal(pair.tunnel().failure().system_error, ECONNRESET);
    }
}

void nobody_left_to_answer(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.client_goes_on();
        pair.open(plain_context(), pair.client().take_output());
        pair.hang_up();
        assert_step(pair.tunnel().handshake(), Step::Failed);
        assert_reason(pair.tunnel(), Reason::PeerClosed);
    }
}

// A socket that was never one is nobody's fault but ours.
void our_own_fault(void**) {
    Pair pair;
    pair.client_goes_on();
    const std::vector<uint8_t> hello = pair.client().take_output();
    Tunnel::Opening opening;
    opening.context = &plain_context();
    opening.fd = -1;
    opening.replay = hello;
    const auto tunnel = Tunnel::open(std::move(opening));
    assert_step(tunnel->handshake(), Step::Failed);
    assert_int_equal(static_cast<int>(tunnel->failure().reason), static_cast<int>(Reason::Internal));
    assert_false(tunnel->failure().peer_to_blame);
    assert_int_equal(tunnel->failure().system_error, EBADF);
}

// What one connection did must not be read as what the next one did.
void failures_do_not_mix(void**) {
    Policy new_only;
    new_only.protocols = kTlsv13;
    const auto context = test::build(terms_of(new_only));
    Pair refused(TLS1_2_VERSION);
    refused.open(*context);
    Pair good;
    good.open(*context);
    assert_step(refused.tunnel().handshake(), Step::Failed);
    assert_int_equal(ERR_peek_error(), 0);
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_SIGNATURE);
    assert_step(good.finish(), Step::Done);
    uint8_t byte;
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_SIGNATURE);
    test::assert_status(good.tunnel().read(&byte, 1).status, Tunnel::Status::WantRead);
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_SIGNATURE);
    test::assert_status(good.tunnel().write(&byte, 1).status, Tunnel::Status::Ok);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(no_shared_cipher),
        cmocka_unit_test(no_shared_suite),
        cmocka_unit_test(no_shared_version),
        cmocka_unit_test(a_needless_fallback),
        cmocka_unit_test(no_shared_group),
        cmocka_unit_test(no_shared_signature),
        cmocka_unit_test(the_clients_alert),
        cmocka_unit_test(an_alert_in_the_clear),
        cmocka_unit_test(a_changed_finished),
        cmocka_unit_test(bytes_that_are_no_record),
        cmocka_unit_test(a_message_out_of_order),
        cmocka_unit_test(the_end_instead_of_a_flight),
        cmocka_unit_test(a_reset_instead_of_a_flight),
        cmocka_unit_test(nobody_left_to_answer),
        cmocka_unit_test(our_own_fault),
        cmocka_unit_test(failures_do_not_mix),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

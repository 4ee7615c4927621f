// What is made of libssl's last words: made-up error queues, and failed handshakes with a real client.
#include "server/failure.h"

#include <cerrno>

#include "support/cmocka.h"
#include "support/made_context.h"
#include "support/memory_handshake.h"

namespace tls {
namespace {

using test::make_client;
using test::make_context;
using test::MemoryHandshake;

void assert_failure(const Failure& failure, Reason reason, bool peer_to_blame) {
    assert_string_equal(reason_name(failure.reason), reason_name(reason));
    assert_int_equal(failure.peer_to_blame, peer_to_blame);
    // Nothing may be left for the next connection's errors to be mixed up with.
    assert_int_equal(ERR_peek_error(), 0);
}

// The failure of a queue that holds this one error.
Failure failure_of(int library, int code) {
    ERR_clear_error();
    ERR_raise(library, code);
    return explain_failure(SSL_ERROR_SSL, 0, -1, -1);
}

void a_client_that_went_away_is_to_blame(void**) {
    for (const int error : {ECONNRESET, EPIPE, ENOTCONN, ETIMEDOUT, ECONNREFUSED, ENETDOWN, ENETUNREACH,
                            EHOSTDOWN, EHOSTUNREACH}) {
        const Failure failure = explain_failure(SSL_ERROR_SYSCALL, error, -1, -1);
        assert_failure(failure, Reason::PeerClosed, true);
        assert_int_equal(failure.system_error, error);
        assert_string_equal(failure.text.c_str(), "");
    }
}

void a_socket_s_other_errors_are_ours(void**) {
    for (const int error : {EBADF, ENOMEM, EINVAL, EFAULT}) {
        const Failure failure = explain_failure(SSL_ERROR_SYSCALL, error, -1, -1);
        assert_failure(failure, Reason::Internal, false);
        assert_int_equal(failure.system_error, error);
    }
}

void the_end_of_the_stream_is_the_client_s(void**) {
    assert_failure(explain_failure(SSL_ERROR_SYSCALL, 0, -1, -1), Reason::PeerClosed, true);
    assert_failure(explain_failure(SSL_ERROR_ZERO_RETURN, 0, -1, -1), Reason::PeerClosed, true);
}

void an_alert_is_the_client_s(void**) {
    for (const int alert : {0, 42, 48, 116}) {
        ERR_raise(ERR_LIB_SSL, SSL_AD_REASON_OFFSET + alert);
        assert_failure(explain_failure(SSL_ERROR_SSL, 0, alert, -1), Reason::PeerAlert, true);
    }
}

void a_socket_s_error_comes_before_an_alert(void**) {
    ERR_raise(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER);
    assert_failure(explain_failure(SSL_ERROR_SYSCALL, ECONNRESET, 40, -1), Reason::PeerClosed, true);
}

void libssl_s_reasons_are_sorted(void**) {
    const struct {
        int code;
        Reason reason;
    } rows[] = {
        {SSL_R_UNSUPPORTED_PROTOCOL, Reason::NoSharedVersion},
        {SSL_R_VERSION_TOO_LOW, Reason::NoSharedVersion},
        {SSL_R_INAPPROPRIATE_FALLBACK, Reason::NoSharedVersion},
        {SSL_R_NO_SHARED_CIPHER, Reason::NoSharedCipher},
        {SSL_R_NO_CIPHERS_SPECIFIED, Reason::NoSharedCipher},
        {SSL_R_NO_SUITABLE_KEY_SHARE, Reason::NoSharedGroup},
        {SSL_R_NO_SHARED_GROUPS, Reason::NoSharedGroup},
        {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, Reason::NoSharedSignature},
        {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, Reason::NoSharedSignature},
        {SSL_R_NO_APPLICATION_PROTOCOL, Reason::NoSharedApplication},
        {SSL_R_UNEXPECTED_EOF_WHILE_READING, Reason::PeerClosed},
        {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, Reason::VerifyFailed},
        {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, Reason::PeerProtocol},
        {SSL_R_DIGEST_CHECK_FAILED, Reason::PeerProtocol},
        {SSL_R_UNEXPECTED_MESSAGE, Reason::PeerProtocol},
        {SSL_R_WRONG_VERSION_NUMBER, Reason::PeerProtocol},
        {SSL_R_BAD_KEY_SHARE, Reason::PeerProtocol},
        {SSL_R_TOO_MANY_WARN_ALERTS, Reason::PeerProtocol},
        {SSL_R_TOO_MUCH_EARLY_DATA, Reason::PeerProtocol},
        {SSL_R_BINDER_DOES_NOT_VERIFY, Reason::PeerProtocol},
    };
    for (const auto& row : rows) {
        assert_failure(failure_of(ERR_LIB_SSL, row.code), row.reason, true);
    }
}

void what_a_client_cannot_cause_is_ours(void**) {
    assert_failure(failure_of(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR), Reason::Internal, false);
    assert_failure(failure_of(ERR_LIB_SSL, ERR_R_MALLOC_FAILURE), Reason::Internal, false);
    assert_failure(failure_of(ERR_LIB_SSL, SSL_R_NO_CERTIFICATE_ASSIGNED), Reason::Internal, false);
    assert_failure(explain_failure(SSL_ERROR_SSL, 0, -1, -1), Reason::Internal, false);
}

// A reason that this list does not know, as newer libssl versions have: what libssl told the client decides.
void an_alert_other_than_internal_error_blames_the_client(void**) {
    constexpr int kUnknownReason = 399;
    ERR_raise(ERR_LIB_SSL, kUnknownReason);
    assert_failure(explain_failure(SSL_ERROR_SSL, 0, -1, SSL_AD_ILLEGAL_PARAMETER), Reason::PeerProtocol,
                   true);
    ERR_raise(ERR_LIB_SSL, kUnknownReason);
    assert_failure(explain_failure(SSL_ERROR_SSL, 0, -1, SSL_AD_INTERNAL_ERROR), Reason::Internal, false);
    ERR_raise(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER);
    assert_failure(explain_failure(SSL_ERROR_SSL, 0, -1, SSL_AD_HANDSHAKE_FAILURE), Reason::NoSharedCipher,
                   true);
}

// Reason codes are numbered anew in each library.
void another_library_s_code_is_not_libssl_s(void**) {
    assert_failure(failure_of(ERR_LIB_RSA, SSL_R_NO_SHARED_CIPHER), Reason::Internal, false);
}

void the_first_error_counts_and_all_are_told(void**) {
    ERR_raise(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER);
    ERR_raise(ERR_LIB_SSL, ERR_R_INTERNAL_ERROR);
    const Failure failure = explain_failure(SSL_ERROR_SSL, 0, -1, -1);
    assert_failure(failure, Reason::NoSharedCipher, true);
    assert_string_equal(failure.text.substr(0, 13).c_str(), " (SSL: error:");
    assert_true(failure.text.find("no shared cipher") != std::string::npos);
    assert_true(failure.text.find("internal error") != std::string::npos);
    assert_string_equal(failure.text.substr(failure.text.size() - 1).c_str(), ")");
}

// As where a signature is refused: libcrypto's words, then libssl's.
void libssl_s_word_may_stand_behind_another_library_s(void**) {
    ERR_raise(ERR_LIB_RSA, ERR_R_INTERNAL_ERROR);
    ERR_raise(ERR_LIB_SSL, SSL_R_BAD_SIGNATURE);
    assert_failure(explain_failure(SSL_ERROR_SSL, 0, -1, -1), Reason::PeerProtocol, true);
}

Failure handshake_failure(const ServerContext& context, SSL_CTX* client) {
    MemoryHandshake handshake(context.native(), client);
    const int error = handshake.run();
    assert_int_not_equal(error, SSL_ERROR_NONE);
    return explain_failure(error, 0, -1, -1);
}

Policy only(unsigned protocols) {
    Policy policy;
    policy.protocols = protocols;
    return policy;
}

void a_real_client_without_the_version(void**) {
    const auto context = make_context(only(kTlsv13));
    const auto client = make_client(TLS1_2_VERSION, TLS1_2_VERSION);
    assert_failure(handshake_failure(*context, client.get()), Reason::NoSharedVersion, true);
}

void a_real_client_without_the_cipher(void**) {
    Policy policy = only(kTlsv12);
    policy.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256";
    const auto old = make_context(std::move(policy));
    const auto client = make_client(TLS1_2_VERSION, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(client.get(), "ECDHE-ECDSA-AES256-GCM-SHA384");
    assert_failure(handshake_failure(*old, client.get()), Reason::NoSharedCipher, true);

    policy = only(kTlsv13);
    policy.ciphersuites = "TLS_AES_128_GCM_SHA256";
    const auto context = make_context(std::move(policy));
    const auto newer = make_client(TLS1_3_VERSION, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(newer.get(), "TLS_AES_256_GCM_SHA384");
    assert_failure(handshake_failure(*context, newer.get()), Reason::NoSharedCipher, true);
}

void a_real_client_without_the_group(void**) {
    Policy policy = only(kTlsv13);
    policy.groups = "X25519";
    const auto context = make_context(std::move(policy));
    const auto client = make_client();
    SSL_CTX_set1_groups_list(client.get(), "P-384");
    assert_failure(handshake_failure(*context, client.get()), Reason::NoSharedGroup, true);
}

void a_real_client_that_cannot_verify_the_key(void**) {
    const auto context = make_context(only(kTlsv13));
    const auto client = make_client();
    SSL_CTX_set1_sigalgs_list(client.get(), "ed25519");
    assert_failure(handshake_failure(*context, client.get()), Reason::NoSharedSignature, true);
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tls::a_client_that_went_away_is_to_blame),
        cmocka_unit_test(tls::a_socket_s_other_errors_are_ours),
        cmocka_unit_test(tls::the_end_of_the_stream_is_the_client_s),
        cmocka_unit_test(tls::an_alert_is_the_client_s),
        cmocka_unit_test(tls::a_socket_s_error_comes_before_an_alert),
        cmocka_unit_test(tls::libssl_s_reasons_are_sorted),
        cmocka_unit_test(tls::what_a_client_cannot_cause_is_ours),
        cmocka_unit_test(tls::an_alert_other_than_internal_error_blames_the_client),
        cmocka_unit_test(tls::another_library_s_code_is_not_libssl_s),
        cmocka_unit_test(tls::the_first_error_counts_and_all_are_told),
        cmocka_unit_test(tls::libssl_s_word_may_stand_behind_another_library_s),
        cmocka_unit_test(tls::a_real_client_without_the_version),
        cmocka_unit_test(tls::a_real_client_without_the_cipher),
        cmocka_unit_test(tls::a_real_client_without_the_group),
        cmocka_unit_test(tls::a_real_client_that_cannot_verify_the_key),
    };
    // As the first SSL_CTX of a process does.
    OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, nullptr);
    return cmocka_run_group_tests_name("failure", tests, nullptr, nullptr);
}

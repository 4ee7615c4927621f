// A Tunnel and a real client: the handshake however its bytes come, transfers, and the end.
#include "server/tunnel.h"

#include "support/cmocka.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::assert_status;
using test::assert_step;
using test::Pair;
using test::terms_of;
using test::through_client;
using test::through_tunnel;
using Step = Tunnel::Step;
using Status = Tunnel::Status;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

const ServerContext& plain_context() {
    static const std::unique_ptr<ServerContext> context = test::build(terms_of());
    return *context;
}

void a_hello_given_whole_is_answered(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.connect(plain_context());
        assert_string_equal(through_client(&pair, "question").c_str(), "question");
        assert_string_equal(through_tunnel(&pair, "answer").c_str(), "answer");
    }
}

void the_replay_may_end_anywhere_in_the_hello(void**) {
    for (const int version : kVersions) {
        size_t size = 1;
        for (size_t cut = 0; cut <= size; ++cut) {
            Pair pair(version);
            pair.client_goes_on();
            const std::vector<uint8_t> hello = pair.client().take_output();
            size = hello.size();
            pair.open(plain_context(), hello, cut);
            assert_step(pair.finish(), Step::Done);
            assert_string_equal(through_tunnel(&pair, "x").c_str(), "x");
        }
        assert_true(size > 100);
    }
}

void a_flight_may_come_byte_by_byte(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.client_goes_on();
        pair.open(plain_context(), pair.client().take_output());
        assert_step(pair.tunnel().handshake(), Step::WantRead);
        assert_true(pair.collect() > 0);
        pair.client_goes_on();
        const std::vector<uint8_t> flight = pair.client().take_output();
        for (size_t i = 0; i < flight.size(); ++i) {
            assert_step(pair.tunnel().handshake(), Step::WantRead);
            pair.send({flight[i]});
        }
        assert_step(pair.server_goes_on(), Step::Done);
        pair.collect();
        assert_true(pair.client_goes_on());
        assert_string_equal(through_client(&pair, "then").c_str(), "then");
    }
}

void a_flight_that_the_socket_does_not_take_waits_for_it(void**) {
    const test::Party authority = test::make_authority("A");
    for (const int version : kVersions) {
        ContextTerms terms = terms_of();
        auto credential = std::make_shared<Credential>();
        credential->leaf = share(test::server_party().certificate.get());
        credential->key = share(test::server_party().key.get());
        for (int i = 0; i < 200; ++i) {
            credential->chain.push_back(share(authority.certificate.get()));
        }
        terms.credentials = {credential};
        const auto context = test::build(std::move(terms));

        Pair pair(version, [](SSL* ssl) { SSL_set_max_cert_list(ssl, 1 << 20); });
        const int small = 4096;
        assert_int_equal(setsockopt(pair.server_fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
        pair.open(*context);
        assert_step(pair.tunnel().handshake(), Step::WantWrite);
        assert_step(pair.tunnel().handshake(), Step::WantWrite);
        assert_step(pair.finish(), Step::Done);
        assert_int_equal(pair.client_error(), SSL_ERROR_NONE);
        assert_string_equal(through_client(&pair, "then").c_str(), "then");
    }
}

void a_hello_retry_is_asked_for_and_read(void**) {
    Policy policy;
    policy.groups = "P-384";
    const auto context = test::build(terms_of(policy));
    Pair pair(TLS1_3_VERSION, [](SSL* ssl) { SSL_set1_groups_list(ssl, "X25519:P-384"); });
    pair.connect(*context);
    assert_int_equal(pair.tunnel().facts().group, 0x0018);
}

void reading_waits_and_writing_fills_the_socket(void**) {
    Pair pair;
    pair.connect(plain_context());
    uint8_t buffer[16384];
    assert_status(pair.tunnel().read(buffer, sizeof(buffer)).status, Status::WantRead);
    const std::vector<uint8_t> block(100000, 'z');
    size_t sent = 0;
    Tunnel::Transfer written;
    while ((written = pair.tunnel().write(block.data(), block.size())).status == Status::Ok) {
        assert_in_range(written.size, 1, block.size());
        sent += written.size;
    }
    assert_status(written.status, Status::WantWrite);
    assert_true(sent > 0);

    // The rest of the record that is under way comes out with the next one, and nothing is lost.
    size_t received = 0;
    for (int turn = 0; turn < 100 && received < sent + 16384; ++turn) {
        pair.collect();
        int count;
        while ((count = SSL_read(pair.client().ssl(), buffer, sizeof(buffer))) > 0) {
            for (int i = 0; i < count; ++i) {
                assert_int_equal(buffer[i], 'z');
            }
            received += static_cast<size_t>(count);
        }
        written = pair.tunnel().write(block.data(), 16384);
        sent += written.status == Status::Ok ? written.size : 0;
        if (received == sent) {
            break;
        }
    }
    assert_true(received > 0);
    pair.collect();
    int count;
    while ((count = SSL_read(pair.client().ssl(), buffer, sizeof(buffer))) > 0) {
        received += static_cast<size_t>(count);
    }
    assert_int_equal(received, sent);
}

void a_record_is_read_in_parts(void**) {
    Pair pair;
    pair.connect(plain_context());
    std::string text;
    for (int i = 0; i < 16384; ++i) {
        text.push_back(static_cast<char>('a' + i % 26));
    }
    assert_int_equal(SSL_write(pair.client().ssl(), text.data(), 16384), 16384);
    pair.deliver();
    std::string got;
    uint8_t buffer[1000];
    while (got.size() < text.size()) {
        const size_t wanted = 1 + got.size() % sizeof(buffer);
        const Tunnel::Transfer read = pair.tunnel().read(buffer, wanted);
        assert_status(read.status, Status::Ok);
        assert_in_range(read.size, 1, wanted);
        got.append(reinterpret_cast<const char*>(buffer), read.size);
    }
    assert_true(got == text);
    assert_status(pair.tunnel().read(buffer, 1).status, Status::WantRead);
}

void close_notify_is_sent_once(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.connect(plain_context());
        pair.tunnel().close();
        assert_true(pair.collect() > 0);
        char byte;
        assert_int_equal(SSL_read(pair.client().ssl(), &byte, 1), 0);
        assert_int_equal(SSL_get_shutdown(pair.client().ssl()), SSL_RECEIVED_SHUTDOWN);
        pair.tunnel().close();
        assert_int_equal(pair.collect(), 0);
    }
}

void the_peers_close_notify_ends_reading_not_writing(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.connect(plain_context());
        SSL_shutdown(pair.client().ssl());
        pair.deliver();
        uint8_t byte;
        assert_status(pair.tunnel().read(&byte, 1).status, Status::Closed);
        assert_status(pair.tunnel().read(&byte, 1).status, Status::Closed);
        // It says that all is well: no failure will be explained by it.
        assert_int_equal(pair.tunnel().alert_received(), -1);
        assert_string_equal(through_tunnel(&pair, "last words").c_str(), "last words");
    }
}

void an_end_without_close_notify_is_an_end(void**) {
    Pair pair;
    pair.connect(plain_context());
    pair.hang_up();
    uint8_t byte = 0;
    assert_status(pair.tunnel().read(&byte, 1).status, Status::Closed);
}

void a_reset_fails_and_says_so(void**) {
    Pair pair;
    pair.connect(plain_context());
    assert_status(pair.tunnel().write(reinterpret_cast<const uint8_t*>("unread"), 6).status, Status::Ok);
    pair.hang_up();
    uint8_t byte = 0;
    assert_status(pair.tunnel().read(&byte, 1).status, Status::Failed);
    const Failure& failure = pair.tunnel().failure();
    assert_int_equal(static_cast<int>(failure.reason), static_cast<int>(Reason::PeerClosed));
    assert_int_equal(failure.system_error, ECONNRESET);
    assert_true(failure.peer_to_blame);
    assert_status(pair.tunnel().write(&byte, 1).status, Status::Failed);
    pair.tunnel().close();
}

void writing_to_who_is_gone_fails(void**) {
    Pair pair;
    pair.connect(plain_context());
    pair.hang_up();
    const uint8_t byte = 0;
    assert_status(pair.tunnel().write(&byte, 1).status, Status::Failed);
    assert_int_equal(pair.tunnel().failure().system_error, EPIPE);
    assert_true(pair.tunnel().failure().peer_to_blame);
    assert_int_equal(static_cast<int>(pair.tunnel().failure().reason), static_cast<int>(Reason::PeerClosed));
}

void a_broken_record_fails_for_good(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.connect(plain_context());
        SSL_write(pair.client().ssl(), "text", 4);
        std::vector<uint8_t> record = pair.client().take_output();
        record.back() ^= 1;
        pair.send(record);
        uint8_t byte = 0;
        assert_status(pair.tunnel().read(&byte, 1).status, Status::Failed);
        const Failure& failure = pair.tunnel().failure();
        assert_int_equal(static_cast<int>(failure.reason), static_cast<int>(Reason::PeerProtocol));
        assert_true(failure.peer_to_blame);
        assert_non_null(strstr(failure.text.c_str(), "alert bad_record_mac sent"));
        assert_int_equal(pair.tunnel().alert_sent(), 20);  // bad_record_mac, RFC 8446 section 5.2
        assert_status(pair.tunnel().read(&byte, 1).status, Status::Failed);
        assert_status(pair.tunnel().write(&byte, 1).status, Status::Failed);
        pair.collect();
        pair.tunnel().close();
        assert_int_equal(pair.collect(), 0);
    }
}

void close_in_a_handshake_says_nothing(void**) {
    Pair pair;
    pair.open(plain_context());
    assert_step(pair.tunnel().handshake(), Step::WantRead);
    assert_true(pair.collect() > 0);
    pair.tunnel().close();
    assert_int_equal(pair.collect(), 0);
}

void a_tunnel_may_end_at_any_point(void**) {
    for (const int version : kVersions) {
        Pair unused(version);
        unused.open(plain_context());
        unused.drop_tunnel();
        Pair waiting(version);
        waiting.open(plain_context());
        assert_step(waiting.tunnel().handshake(), Step::WantRead);
        waiting.drop_tunnel();
        Pair open(version);
        open.connect(plain_context());
        open.drop_tunnel();
        // The socket is not the tunnel's: it is still open.
        assert_int_equal(fcntl(open.server_fd(), F_GETFD) >= 0, 1);
    }
}

void a_shared_ssl_outlives_the_tunnel(void**) {
    Pair pair;
    pair.connect(plain_context());
    const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    int owner = 0;
    assert_true(pair.tunnel().attach(index, &owner));
    SSL* shared = Tunnel::share(pair.tunnel().native());
    assert_ptr_equal(shared, pair.tunnel().native());
    SSL_write(pair.client().ssl(), "late", 4);
    pair.deliver();
    pair.drop_tunnel();
    assert_ptr_equal(SSL_get_ex_data(shared, index), &owner);
    assert_string_equal(SSL_get_version(shared), "TLSv1.3");
    char byte;
    assert_true(SSL_read(shared, &byte, 1) <= 0);
    assert_true(SSL_write(shared, "x", 1) <= 0);
    SSL_shutdown(shared);
    ERR_clear_error();
    assert_int_equal(pair.collect(), 0);
    Tunnel::release(shared);
}

void renegotiation_is_refused(void**) {
    Pair pair(TLS1_2_VERSION);
    pair.connect(plain_context());
    assert_int_equal(SSL_renegotiate(pair.client().ssl()), 1);
    SSL_do_handshake(pair.client().ssl());
    pair.deliver();
    uint8_t byte;
    assert_status(pair.tunnel().read(&byte, 1).status, Status::WantRead);
    // With a warning, no_renegotiation (RFC 5246 section 7.2.2); what becomes of it is the client's choice.
    assert_int_equal(pair.tunnel().alert_sent(), -1);
    assert_false(pair.client_goes_on());
    pair.collect();
    assert_true(SSL_read(pair.client().ssl(), &byte, 1) <= 0);
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_NO_RENEGOTIATION);
    ERR_clear_error();
}

void a_key_update_is_answered(void**) {
    Pair pair;
    pair.connect(plain_context());
    assert_int_equal(SSL_key_update(pair.client().ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    assert_string_equal(through_client(&pair, "new key").c_str(), "new key");
    assert_string_equal(through_tunnel(&pair, "mine too").c_str(), "mine too");
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_given_whole_is_answered),
        cmocka_unit_test(the_replay_may_end_anywhere_in_the_hello),
        cmocka_unit_test(a_flight_may_come_byte_by_byte),
        cmocka_unit_test(a_flight_that_the_socket_does_not_take_waits_for_it),
        cmocka_unit_test(a_hello_retry_is_asked_for_and_read),
        cmocka_unit_test(reading_waits_and_writing_fills_the_socket),
        cmocka_unit_test(a_record_is_read_in_parts),
        cmocka_unit_test(close_notify_is_sent_once),
        cmocka_unit_test(the_peers_close_notify_ends_reading_not_writing),
        cmocka_unit_test(an_end_without_close_notify_is_an_end),
        cmocka_unit_test(a_reset_fails_and_says_so),
        cmocka_unit_test(writing_to_who_is_gone_fails),
        cmocka_unit_test(a_broken_record_fails_for_good),
        cmocka_unit_test(close_in_a_handshake_says_nothing),
        cmocka_unit_test(a_tunnel_may_end_at_any_point),
        cmocka_unit_test(a_shared_ssl_outlives_the_tunnel),
        cmocka_unit_test(renegotiation_is_refused),
        cmocka_unit_test(a_key_update_is_answered),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

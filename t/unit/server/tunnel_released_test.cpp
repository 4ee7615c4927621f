// A Tunnel that has given its SSL back, against libssl's client: data, new keys and the end without it.
#include <openssl/ssl.h>

#include "keys/library.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::assert_status;
using test::assert_step;
using test::Pair;
using Status = Tunnel::Status;

constexpr int kVersions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

// In OpenSSL's own library context, and in that of our key schedule: secrets come from different places.
const ServerContext& context_in(bool own_library) {
    static const std::unique_ptr<ServerContext> contexts[] = {test::build(test::terms_of()), [] {
                                                                  ContextTerms terms = test::terms_of();
                                                                  terms.library = *key_library();
                                                                  return test::build(std::move(terms));
                                                              }()};
    assert_true(contexts[1]->uses_key_library());
    return *contexts[own_library ? 1 : 0];
}

std::unique_ptr<Pair> released(const ServerContext& context, int version = TLS1_3_VERSION) {
    auto pair = std::make_unique<Pair>(version);
    pair->connect(context);
    assert_true(pair->tunnel().give_ssl_back());
    assert_null(pair->tunnel().native());
    return pair;
}

// Answers that wait for a KeyUpdate of ours come with the next data.
void assert_carries(Pair* pair) {
    assert_string_equal(test::through_client(pair, "question").c_str(), "question");
    assert_string_equal(test::through_tunnel(pair, "answer").c_str(), "answer");
}

bool client_saw_the_end(Pair* pair) {
    pair->collect();
    char byte;
    SSL_read(pair->client().ssl(), &byte, 1);
    return (SSL_get_shutdown(pair->client().ssl()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

void data_goes_on(void**) {
    for (const bool own_library : {false, true}) {
        for (const int version : kVersions) {
            const auto pair = released(context_in(own_library), version);
            assert_carries(pair.get());
            assert_carries(pair.get());
        }
    }
}

void it_is_given_back_once_the_handshake_has_ended(void**) {
    for (const int version : kVersions) {
        Pair pair(version);
        pair.open(context_in(false));
        assert_false(pair.tunnel().give_ssl_back());
        assert_step(pair.finish(), Tunnel::Step::Done);
        assert_true(pair.tunnel().give_ssl_back());
        assert_true(pair.tunnel().give_ssl_back());
        assert_true(pair.tunnel().has_agreed());
    }
}

void it_is_kept_where_libssl_makes_the_records(void**) {
    ContextTerms terms = test::terms_of();
    terms.own_records = false;
    const auto context = test::build(std::move(terms));
    Pair pair;
    pair.connect(*context);
    assert_false(pair.tunnel().give_ssl_back());
    assert_non_null(pair.tunnel().native());
    assert_carries(&pair);
}

void keys_change_hundreds_of_times(void**) {
    for (const bool own_library : {false, true}) {
        const auto pair = released(context_in(own_library));
        for (int round = 0; round < 300; ++round) {
            const int type = round % 3 == 0 ? SSL_KEY_UPDATE_NOT_REQUESTED : SSL_KEY_UPDATE_REQUESTED;
            assert_int_equal(SSL_key_update(pair->client().ssl(), type), 1);
            if (round % 50 == 0) {
                assert_carries(pair.get());
            } else {
                assert_int_equal(SSL_do_handshake(pair->client().ssl()), 1);
            }
        }
        assert_carries(pair.get());
    }
}

void the_end_is_said_once(void**) {
    for (const int version : kVersions) {
        const auto pair = released(context_in(true), version);
        pair->tunnel().close();
        const std::vector<uint8_t> said = pair->take_answer();
        assert_true(!said.empty());
        pair->tunnel().close();
        pair->tunnel().seal_goodbye();
        pair->tunnel().flush();
        assert_true(pair->take_answer().empty());
        pair->client().give(said.data(), said.size());
        assert_true(client_saw_the_end(pair.get()));
    }
}

void the_end_goes_out_behind_the_last_data(void**) {
    const auto pair = released(context_in(true));
    RecordWriter& writer = pair->tunnel().writer();
    writer.room().data[0] = 'z';
    assert_true(writer.add(1));
    pair->tunnel().seal_goodbye();
    assert_status(pair->tunnel().flush().status, Status::Ok);
    pair->collect();
    char byte = 0;
    assert_int_equal(SSL_read(pair->client().ssl(), &byte, 1), 1);
    assert_int_equal(byte, 'z');
    assert_true(client_saw_the_end(pair.get()));
}

void an_ssl_that_is_kept_says_the_end_once_too(void**) {
    Pair pair;
    pair.connect(context_in(false));
    pair.tunnel().seal_goodbye();
    pair.tunnel().flush();
    assert_true(SSL_get_shutdown(pair.tunnel().native()) & SSL_SENT_SHUTDOWN);
    assert_true(client_saw_the_end(&pair));
    pair.tunnel().close();
    assert_true(pair.take_answer().empty());
}

void nothing_is_said_after_the_clients_alert(void**) {
    const auto pair = released(context_in(false));
    const uint8_t garbage[] = {23, 3,  3,  0,  20, 1,  2,  3,  4,  5,  6,  7, 8,
                               9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    pair->client().give(garbage, sizeof(garbage));
    uint8_t byte;
    assert_true(SSL_read(pair->client().ssl(), &byte, 1) <= 0);
    pair->deliver();
    assert_status(pair->tunnel().read(&byte, 1).status, Status::Failed);
    assert_int_equal(pair->tunnel().alert_received(), 20);
    pair->tunnel().close();
    assert_true(pair->take_answer().empty());
}

void nothing_is_said_before_the_handshake_has_ended(void**) {
    Pair pair;
    pair.open(context_in(true));
    assert_step(pair.tunnel().handshake(), Tunnel::Step::WantRead);
    pair.take_answer();
    pair.tunnel().close();
    pair.tunnel().seal_goodbye();
    pair.tunnel().flush();
    assert_true(pair.take_answer().empty());
}

// Found by its id in a cache of the server, a session can be forgotten after the SSL is gone.
void a_cached_session_can_still_be_forgotten(void**) {
    for (const bool forgets : {false, true}) {
        for (const int version : kVersions) {
            ContextTerms terms = test::terms_of();
            terms.policy.session_tickets = false;
            terms.sessions.mode = CacheMode::Builtin;
            const auto context = test::build(std::move(terms));
            const auto first = released(*context, version);
            assert_carries(first.get());
            SSL_SESSION* session = version == TLS1_3_VERSION ? first->client().sessions().back().get()
                                                             : SSL_get0_session(first->client().ssl());
            SSL_SESSION_up_ref(session);
            if (forgets) {
                first->tunnel().forget_session();
            }
            Pair second(version, [&](SSL* ssl) { SSL_set_session(ssl, session); });
            second.connect(*context);
            SSL_SESSION_free(session);
            assert_int_equal(second.tunnel().facts().session_reused, !forgets);
        }
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(data_goes_on),
        cmocka_unit_test(it_is_given_back_once_the_handshake_has_ended),
        cmocka_unit_test(it_is_kept_where_libssl_makes_the_records),
        cmocka_unit_test(keys_change_hundreds_of_times),
        cmocka_unit_test(the_end_is_said_once),
        cmocka_unit_test(the_end_goes_out_behind_the_last_data),
        cmocka_unit_test(an_ssl_that_is_kept_says_the_end_once_too),
        cmocka_unit_test(nothing_is_said_after_the_clients_alert),
        cmocka_unit_test(nothing_is_said_before_the_handshake_has_ended),
        cmocka_unit_test(a_cached_session_can_still_be_forgotten),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// Early data (RFC 8446 section 4.2.10): taken before the handshake ends, answered before it ends, or skipped.
#include <sys/socket.h>

#include "server/tunnel.h"
#include "support/cmocka.h"
#include "support/session_fakes.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::assert_status;
using test::assert_step;
using test::ListedKeys;
using test::Pair;
using Step = Tunnel::Step;
using Status = Tunnel::Status;

constexpr uint32_t kMostEarlyData = 16384;

class Server {
  public:
    Server() { keys_.keys = {test::make_ticket_key('k')}; }

    // The same server with early data switched on or off.
    std::unique_ptr<ServerContext> context(bool early_data, const char* groups = "auto", bool own = true) {
        Policy policy;
        policy.early_data = early_data;
        policy.groups = groups;
        ContextTerms terms = test::terms_of(policy);
        terms.sessions.tickets = &keys_;
        terms.own_records = own;
        return test::build(std::move(terms));
    }

  private:
    ListedKeys keys_;
};

test::UniqueSession new_session(const ServerContext& context) {
    Pair pair;
    pair.connect(context);
    assert_false(pair.tunnel().in_early_data());
    assert_int_equal(static_cast<int>(pair.tunnel().facts().early_data), static_cast<int>(EarlyData::None));
    SSL_SESSION* session = pair.client().sessions().back().get();
    SSL_SESSION_up_ref(session);
    return test::UniqueSession(session);
}

// A client that comes back with `text` as its early data.
std::unique_ptr<Pair> come_back(SSL_SESSION* session, const std::string& text) {
    auto pair = std::make_unique<Pair>(TLS1_3_VERSION, [session](SSL* ssl) {
        const test::UniqueSession copy(SSL_SESSION_dup(session));
        assert_int_equal(SSL_set_session(ssl, copy.get()), 1);
    });
    size_t written = 0;
    assert_int_equal(SSL_write_early_data(pair->client().ssl(), text.data(), text.size(), &written), 1);
    assert_int_equal(written, text.size());
    return pair;
}

// Everything that may be read without the client doing more.
std::string read_all(Tunnel* tunnel, Status wanted_end) {
    std::string text;
    uint8_t buffer[1000];
    Tunnel::Transfer read;
    while ((read = tunnel->read(buffer, sizeof(buffer))).status == Status::Ok) {
        text.append(reinterpret_cast<const char*>(buffer), read.size);
    }
    assert_status(read.status, wanted_end);
    return text;
}

std::string read_at_client(Pair* pair) {
    pair->collect();
    char buffer[16384];
    const int count = SSL_read(pair->client().ssl(), buffer, sizeof(buffer));
    return std::string(buffer, count > 0 ? static_cast<size_t>(count) : 0);
}

void sessions_say_how_much_is_taken(void**) {
    Server server;
    assert_int_equal(SSL_SESSION_get_max_early_data(new_session(*server.context(true)).get()),
                     kMostEarlyData);
    assert_int_equal(SSL_SESSION_get_max_early_data(new_session(*server.context(false)).get()), 0);
}

void a_request_in_early_data_is_answered_before_the_handshake_ends(void**) {
    Server server;
    const auto context = server.context(true);
    const auto session = new_session(*context);
    const auto pair = come_back(session.get(), "GET /early");
    pair->open(*context, pair->client().take_output());
    assert_step(pair->tunnel().handshake(), Step::Done);
    assert_true(pair->tunnel().in_early_data());
    const Facts facts = pair->tunnel().facts();
    assert_int_equal(static_cast<int>(facts.early_data), static_cast<int>(EarlyData::Accepted));
    assert_true(facts.session_reused);
    assert_string_equal(facts.protocol(), "TLSv1.3");
    assert_string_equal(facts.cipher(), SSL_get_cipher_name(pair->tunnel().native()));
    assert_string_equal(read_all(&pair->tunnel(), Status::WantRead).c_str(), "GET /early");

    const ByteView answer = ByteView::of("early answer");
    assert_status(pair->tunnel().write(answer.data(), answer.size()).status, Status::Ok);
    assert_true(pair->tunnel().in_early_data());
    // The client's Finished is not on its way yet, and it reads the answer.
    pair->collect();
    assert_true(pair->client_goes_on());
    assert_int_equal(SSL_get_early_data_status(pair->client().ssl()), SSL_EARLY_DATA_ACCEPTED);
    assert_string_equal(read_at_client(pair.get()).c_str(), "early answer");
    assert_true(pair->tunnel().in_early_data());

    // Now the handshake ends, within a read.
    SSL_write(pair->client().ssl(), "more", 4);
    pair->deliver();
    assert_string_equal(read_all(&pair->tunnel(), Status::WantRead).c_str(), "more");
    assert_false(pair->tunnel().in_early_data());
    assert_string_equal(test::through_tunnel(pair.get(), "late answer").c_str(), "late answer");
    pair->tunnel().close();
    pair->collect();
    char byte;
    assert_int_equal(SSL_read(pair->client().ssl(), &byte, 1), 0);
    assert_int_equal(SSL_get_shutdown(pair->client().ssl()), SSL_RECEIVED_SHUTDOWN);
}

void early_data_may_be_cut_from_the_replay_anywhere(void**) {
    Server server;
    const auto context = server.context(true);
    const auto session = new_session(*context);
    size_t size = 1;
    for (size_t cut = 0; cut <= size; cut += cut < 300 ? 13 : 1) {
        const auto pair = come_back(session.get(), "0123456789");
        const std::vector<uint8_t> flight = pair->client().take_output();
        size = flight.size();
        pair->open(*context, flight, cut);
        assert_step(pair->tunnel().handshake(), Step::Done);
        assert_string_equal(read_all(&pair->tunnel(), Status::WantRead).c_str(), "0123456789");
    }
}

void early_data_that_comes_later_is_waited_for(void**) {
    Server server;
    const auto context = server.context(true);
    const auto session = new_session(*context);
    const auto pair = come_back(session.get(), "late");
    std::vector<uint8_t> flight = pair->client().take_output();
    // The hello is the first record.
    const size_t hello_size = 5 + (static_cast<size_t>(flight[3]) << 8 | flight[4]);
    assert_true(hello_size < flight.size());
    const std::vector<uint8_t> hello(flight.begin(), flight.begin() + static_cast<long>(hello_size));
    pair->open(*context, hello);
    assert_step(pair->tunnel().handshake(), Step::WantRead);
    assert_true(pair->collect() > 0);  // the server has answered the hello meanwhile
    pair->send(std::vector<uint8_t>(flight.begin() + static_cast<long>(hello_size), flight.end()));
    assert_step(pair->tunnel().handshake(), Step::Done);
    assert_true(pair->tunnel().in_early_data());
    assert_string_equal(read_all(&pair->tunnel(), Status::WantRead).c_str(), "late");
}

void a_client_without_early_data_goes_the_usual_way(void**) {
    Server server;
    const auto context = server.context(true);
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Pair pair(version);
        pair.connect(*context);
        assert_false(pair.tunnel().in_early_data());
        assert_string_equal(test::through_client(&pair, "hello").c_str(), "hello");
        assert_string_equal(test::through_tunnel(&pair, "hello").c_str(), "hello");
    }
}

// The client must send it again (section 4.2.10): nothing of it is ever read.
void expect_rejected(Pair* pair, const ServerContext& context, bool reused) {
    pair->open(context, pair->client().take_output());
    assert_step(pair->finish(), Step::Done);
    assert_false(pair->tunnel().in_early_data());
    const Facts facts = pair->tunnel().facts();
    assert_int_equal(facts.session_reused, reused);
    assert_int_equal(SSL_get_early_data_status(pair->client().ssl()), SSL_EARLY_DATA_REJECTED);
    assert_int_equal(static_cast<int>(facts.early_data), static_cast<int>(EarlyData::Rejected));
    assert_string_equal(test::through_client(pair, "again").c_str(), "again");
    uint8_t byte;
    assert_status(pair->tunnel().read(&byte, 1).status, Status::WantRead);
}

void switched_off_it_is_skipped_and_the_session_resumes(void**) {
    Server server;
    const auto session = new_session(*server.context(true));
    const auto context = server.context(false);
    const auto pair = come_back(session.get(), std::string(kMostEarlyData, 'x'));
    expect_rejected(pair.get(), *context, true);
}

// The policy allows it, this connection does not.
void not_taken_from_one_connection_it_is_skipped_and_the_session_resumes(void**) {
    Server server;
    const auto context = server.context(true);
    const auto session = new_session(*context);
    const auto pair = come_back(session.get(), "GET /");
    pair->takes_early_data = false;
    expect_rejected(pair.get(), *context, true);
}

void of_another_policy_it_is_skipped_and_nothing_resumes(void**) {
    Server server;
    const auto session = new_session(*server.context(true));
    const auto context = server.context(true, "X25519");
    const auto pair = come_back(session.get(), "x");
    expect_rejected(pair.get(), *context, false);
}

void with_a_hello_retry_it_is_skipped(void**) {
    Server server;
    const auto context = server.context(true, "P-521:X25519");
    const auto session = new_session(*context);
    const auto other = server.context(true, "P-384");
    // The session is not of this policy and the client's first share is of a group that it has not.
    const auto pair = come_back(session.get(), "x");
    expect_rejected(pair.get(), *other, false);
}

void more_than_was_allowed_is_refused(void**) {
    Server server;
    const auto context = server.context(true);
    const auto session = new_session(*context);
    SSL_SESSION_set_max_early_data(session.get(), 2 * kMostEarlyData);
    const auto pair = come_back(session.get(), std::string(kMostEarlyData, 'x'));
    size_t written = 0;
    assert_int_equal(SSL_write_early_data(pair->client().ssl(), "too much", 8, &written), 1);
    pair->open(*context, pair->client().take_output());
    assert_step(pair->tunnel().handshake(), Step::Done);
    assert_int_equal(read_all(&pair->tunnel(), Status::Failed).size(), kMostEarlyData);
    assert_int_equal(static_cast<int>(pair->tunnel().failure().reason),
                     static_cast<int>(Reason::PeerProtocol));
    assert_int_equal(pair->tunnel().alert_sent(), 10);  // unexpected_message, section 4.2.10
}

// Of libssl's own records: it would mix up its state.
void while_a_write_waits_nothing_is_read(void**) {
    Server server;
    const auto context = server.context(true, "auto", false);
    const auto session = new_session(*context);
    const auto pair = come_back(session.get(), "one");
    size_t count = 0;
    pair->open(*context, pair->client().take_output());
    assert_step(pair->tunnel().handshake(), Step::Done);
    const std::vector<uint8_t> block(16384, 'z');
    size_t sent = 0;
    Tunnel::Transfer written;
    while ((written = pair->tunnel().write(block.data(), block.size())).status == Status::Ok) {
        sent += written.size;
    }
    assert_status(written.status, Status::WantWrite);
    // The byte that the handshake read is at hand, the others have to wait.
    uint8_t buffer[100];
    Tunnel::Transfer read = pair->tunnel().read(buffer, sizeof(buffer));
    assert_status(read.status, Status::Ok);
    assert_int_equal(read.size, 1);
    assert_int_equal(buffer[0], 'o');
    assert_status(pair->tunnel().read(buffer, sizeof(buffer)).status, Status::WantWrite);

    pair->collect();
    assert_true(pair->client_goes_on());
    std::string got;
    std::vector<char> page(100000);
    for (int turn = 0; turn < 100 && got.size() < sent + block.size(); ++turn) {
        pair->collect();
        while (SSL_read_ex(pair->client().ssl(), page.data(), page.size(), &count) == 1) {
            got.append(page.data(), count);
        }
        if (written.status != Status::Ok) {
            written = pair->tunnel().write(block.data(), block.size());
        }
    }
    assert_status(written.status, Status::Ok);
    assert_int_equal(got.size(), sent + block.size());
    assert_string_equal(read_all(&pair->tunnel(), Status::WantRead).c_str(), "ne");
}

void the_end_may_come_before_the_handshakes(void**) {
    Server server;
    const auto context = server.context(true);
    const auto session = new_session(*context);
    const auto pair = come_back(session.get(), "last request");
    pair->open(*context, pair->client().take_output());
    assert_step(pair->tunnel().handshake(), Step::Done);
    assert_string_equal(read_all(&pair->tunnel(), Status::WantRead).c_str(), "last request");
    assert_status(pair->tunnel().write(reinterpret_cast<const uint8_t*>("bye"), 3).status, Status::Ok);
    pair->tunnel().close();
    pair->collect();
    assert_true(pair->client_goes_on());
    assert_string_equal(read_at_client(pair.get()).c_str(), "bye");
    char byte;
    assert_int_equal(SSL_read(pair->client().ssl(), &byte, 1), 0);
    assert_int_equal(SSL_get_shutdown(pair->client().ssl()), SSL_RECEIVED_SHUTDOWN);
}

void a_client_that_goes_in_the_middle(void**) {
    Server server;
    const auto context = server.context(true);
    const auto session = new_session(*context);
    const auto pair = come_back(session.get(), "x");
    pair->open(*context, pair->client().take_output());
    assert_step(pair->tunnel().handshake(), Step::Done);
    assert_int_equal(shutdown(pair->client_fd(), SHUT_WR), 0);
    uint8_t byte;
    assert_status(pair->tunnel().read(&byte, 1).status, Status::Ok);
    const Tunnel::Transfer read = pair->tunnel().read(&byte, 1);
    assert_true(read.status == Status::Failed || read.status == Status::Closed);
    if (read.status == Status::Failed) {
        assert_true(pair->tunnel().failure().peer_to_blame);
    }
    pair->tunnel().close();
    const auto another = come_back(session.get(), "x");
    another->open(*context, another->client().take_output());
    assert_step(another->tunnel().handshake(), Step::Done);
    another->drop_tunnel();
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(sessions_say_how_much_is_taken),
        cmocka_unit_test(a_request_in_early_data_is_answered_before_the_handshake_ends),
        cmocka_unit_test(early_data_may_be_cut_from_the_replay_anywhere),
        cmocka_unit_test(early_data_that_comes_later_is_waited_for),
        cmocka_unit_test(a_client_without_early_data_goes_the_usual_way),
        cmocka_unit_test(switched_off_it_is_skipped_and_the_session_resumes),
        cmocka_unit_test(not_taken_from_one_connection_it_is_skipped_and_the_session_resumes),
        cmocka_unit_test(of_another_policy_it_is_skipped_and_nothing_resumes),
        cmocka_unit_test(with_a_hello_retry_it_is_skipped),
        cmocka_unit_test(more_than_was_allowed_is_refused),
        cmocka_unit_test(while_a_write_waits_nothing_is_read),
        cmocka_unit_test(the_end_may_come_before_the_handshakes),
        cmocka_unit_test(a_client_that_goes_in_the_middle),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}

// Records of our own behind libssl's handshake, against libssl's client: data, new keys, alerts, limits.
#include <sys/socket.h>

#include <cstring>

#include "support/ipsec_mb.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::assert_status;
using test::assert_step;
using test::Pair;
using Status = Tunnel::Status;

struct Suite {
    int version;
    const char* name;
    bool ours;
};

// Those that libssl hands over, and some that it keeps.
constexpr Suite kSuites[] = {
    {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", true},
    {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", true},
    {TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256", true},
    {TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256", false},
    {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", true},
    {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384", true},
    {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", true},
    {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", false},
};

// Where AES-GCM comes from, see TrafficKeys.
const IpsecMb* library = nullptr;

std::unique_ptr<ServerContext> context_of(bool own) {
    ContextTerms terms = test::terms_of();
    terms.policy.ciphersuites =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256";
    terms.own_records = own;
    terms.ipsec_mb = library;
    return test::build(std::move(terms));
}

const ServerContext& own_context() {
    static const auto by_libcrypto = context_of(true);
    static std::unique_ptr<ServerContext> by_library;
    if (library != nullptr && by_library == nullptr) {
        by_library = context_of(true);
    }
    return library != nullptr ? *by_library : *by_libcrypto;
}

std::unique_ptr<Pair> connect(const Suite& suite, const ServerContext& context = own_context()) {
    auto pair = std::make_unique<Pair>(suite.version, [&](SSL* ssl) {
        SSL_set_ciphersuites(ssl, suite.name);
        SSL_set_cipher_list(ssl, suite.name);
    });
    pair->connect(context);
    return pair;
}

std::string pattern(size_t size) {
    std::string text;
    for (size_t i = 0; i < size; ++i) {
        text.push_back(static_cast<char>(i * 7 + i / 251));
    }
    return text;
}

// All that the client can read now.
std::string client_reads(Pair* pair) {
    pair->collect();
    std::string got;
    char buffer[20000];
    size_t count = 0;
    while (SSL_read_ex(pair->client().ssl(), buffer, sizeof(buffer), &count) == 1) {
        got.append(buffer, count);
    }
    return got;
}

// Both directions, more than a record each.
void assert_carries(Pair* pair) {
    const std::string text = pattern(50000);
    assert_true(test::through_client(pair, text) == text);
    const ByteView bytes = ByteView::of(text);
    std::string got;
    size_t sent = 0;
    while (sent < bytes.size()) {
        const Tunnel::Transfer written = pair->tunnel().write(bytes.data() + sent, bytes.size() - sent);
        assert_true(written.status == Status::Ok || written.status == Status::WantWrite);
        sent += written.size;
        got += client_reads(pair);
    }
    assert_true(got == text);
}

void records_are_ours_where_libssl_hands_its_keys_over(void**) {
    for (const Suite& suite : kSuites) {
        const auto pair = connect(suite);
        assert_int_equal(pair->tunnel().seals_records(), suite.ours);
        assert_carries(pair.get());
        assert_carries(pair.get());
    }
}

void records_are_libssls_where_we_are_told_so(void**) {
    const auto context = context_of(false);
    for (const Suite& suite : kSuites) {
        const auto pair = connect(suite, *context);
        assert_false(pair->tunnel().seals_records());
        assert_carries(pair.get());
    }
}

void records_are_libssls_where_they_are_to_be_padded(void**) {
    ContextTerms terms = test::terms_of();
    terms.policy.conf_commands = {{"recordpadding", "512"}};
    const auto context = test::build(std::move(terms));
    const auto pair = connect(kSuites[0], *context);
    assert_false(pair->tunnel().seals_records());
    assert_carries(pair.get());
}

void records_are_libssls_where_the_client_wants_short_ones(void**) {
    Pair pair(TLS1_3_VERSION,
              [](SSL* ssl) { SSL_set_tlsext_max_fragment_length(ssl, TLSEXT_max_fragment_length_1024); });
    pair.connect(own_context());
    assert_false(pair.tunnel().seals_records());
    assert_carries(&pair);
}

void a_session_is_resumed_with_records_of_our_own(void**) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Pair first(version);
        first.connect(own_context());
        SSL_SESSION* session = SSL_get1_session(first.client().ssl());
        if (version == TLS1_3_VERSION) {
            SSL_SESSION_free(session);
            session = first.client().sessions().back().get();
            SSL_SESSION_up_ref(session);
        }
        Pair second(version, [&](SSL* ssl) { SSL_set_session(ssl, session); });
        second.connect(own_context());
        SSL_SESSION_free(session);
        assert_true(second.tunnel().facts().session_reused);
        assert_true(second.tunnel().seals_records());
        assert_carries(&second);
    }
}

void the_client_changes_its_keys_and_asks_for_ours(void**) {
    for (const Suite& suite : kSuites) {
        if (suite.version != TLS1_3_VERSION) {
            continue;
        }
        const auto pair = connect(suite);
        for (int round = 0; round < 20; ++round) {
            const int type = round % 2 == 0 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED;
            assert_int_equal(SSL_key_update(pair->client().ssl(), type), 1);
            assert_carries(pair.get());
        }
    }
}

void hundreds_of_key_updates_in_a_row(void**) {
    const auto pair = connect(kSuites[1]);
    for (int i = 0; i < 300; ++i) {
        assert_int_equal(SSL_key_update(pair->client().ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
        assert_int_equal(SSL_do_handshake(pair->client().ssl()), 1);
    }
    assert_carries(pair.get());
}

// nginx shuts its side of the socket and lingers for what the client still sends.
void nothing_is_answered_behind_the_end(void**) {
    const auto pair = connect(kSuites[0]);
    pair->tunnel().close();
    assert_int_equal(shutdown(pair->server_fd(), SHUT_WR), 0);
    const uint64_t sent = pair->tunnel().bytes_sent();
    assert_int_equal(SSL_key_update(pair->client().ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    assert_int_equal(SSL_do_handshake(pair->client().ssl()), 1);
    pair->deliver();
    uint8_t byte;
    assert_status(pair->tunnel().read(&byte, 1).status, Status::WantRead);
    assert_int_equal(pair->tunnel().bytes_sent(), sent);
}

void a_flood_of_key_updates_is_refused(void**) {
    const auto pair = connect(kSuites[0]);
    uint8_t byte;
    Status status = Status::WantRead;
    for (int i = 0; i < 2000 && status == Status::WantRead; ++i) {
        SSL_key_update(pair->client().ssl(), SSL_KEY_UPDATE_NOT_REQUESTED);
        SSL_do_handshake(pair->client().ssl());
        pair->deliver();
        status = pair->tunnel().read(&byte, 1).status;
    }
    assert_status(status, Status::Failed);
    assert_int_equal(pair->tunnel().alert_sent(), 10);
}

// An answer to a KeyUpdate waits behind records that the socket does not take.
void a_key_update_behind_a_half_written_record(void**) {
    const auto pair = connect(kSuites[0]);
    const std::string text = pattern(300000);
    const ByteView bytes = ByteView::of(text);
    const int small = 4096;
    assert_int_equal(setsockopt(pair->server_fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)), 0);
    std::string got;
    size_t sent = 0;
    while (sent < bytes.size()) {
        const Tunnel::Transfer written = pair->tunnel().write(bytes.data() + sent, bytes.size() - sent);
        sent += written.size;
        if (written.status == Status::WantWrite) {
            SSL_key_update(pair->client().ssl(), SSL_KEY_UPDATE_REQUESTED);
            SSL_do_handshake(pair->client().ssl());
            pair->deliver();
            uint8_t byte;
            assert_status(pair->tunnel().read(&byte, 1).status, Status::WantRead);
        }
        got += client_reads(pair.get());
    }
    assert_true(got == text);
    assert_carries(pair.get());
}

void the_end_is_told_in_both_directions(void**) {
    for (const Suite& suite : kSuites) {
        const auto pair = connect(suite);
        SSL_write(pair->client().ssl(), "last", 4);
        SSL_shutdown(pair->client().ssl());
        pair->deliver();
        uint8_t buffer[10];
        Tunnel::Transfer read = pair->tunnel().read(buffer, sizeof(buffer));
        assert_status(read.status, Status::Ok);
        assert_int_equal(read.size, 4);
        assert_status(pair->tunnel().read(buffer, sizeof(buffer)).status, Status::Closed);
        assert_string_equal(test::through_tunnel(pair.get(), "answer").c_str(), "answer");
        pair->tunnel().close();
        assert_true(client_reads(pair.get()).empty());
        assert_true((SSL_get_shutdown(pair->client().ssl()) & SSL_RECEIVED_SHUTDOWN) != 0);
    }
}

void the_clients_alert_is_told(void**) {
    const auto pair = connect(kSuites[0]);
    // What the client cannot open makes it send bad_record_mac.
    const uint8_t garbage[] = {23, 3,  3,  0,  20, 1,  2,  3,  4,  5,  6,  7, 8,
                               9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    pair->client().give(garbage, sizeof(garbage));
    char byte;
    assert_true(SSL_read(pair->client().ssl(), &byte, 1) <= 0);
    pair->deliver();
    uint8_t buffer[10];
    assert_status(pair->tunnel().read(buffer, sizeof(buffer)).status, Status::Failed);
    assert_int_equal(pair->tunnel().alert_received(), 20);
    assert_int_equal(static_cast<int>(pair->tunnel().failure().reason), static_cast<int>(Reason::PeerAlert));
    assert_true(pair->tunnel().failure().peer_to_blame);
}

void records_come_cut_anywhere(void**) {
    for (const Suite& suite : {kSuites[0], kSuites[4]}) {
        const auto pair = connect(suite);
        const std::string text = pattern(2000);
        SSL_write(pair->client().ssl(), text.data(), 1000);
        SSL_write(pair->client().ssl(), text.data() + 1000, 1000);
        std::string got;
        uint8_t buffer[300];
        for (const uint8_t byte : pair->client().take_output()) {
            pair->send({byte});
            const Tunnel::Transfer read = pair->tunnel().read(buffer, sizeof(buffer));
            assert_true(read.status == Status::Ok || read.status == Status::WantRead);
            got.append(reinterpret_cast<char*>(buffer), read.size);
        }
        while (got.size() < text.size()) {
            const Tunnel::Transfer read = pair->tunnel().read(buffer, sizeof(buffer));
            assert_status(read.status, Status::Ok);
            got.append(reinterpret_cast<char*>(buffer), read.size);
        }
        assert_true(got == text);
    }
}

// Both in one event: nobody tells of the end again.
void the_end_behind_half_a_record_is_found_at_once(void**) {
    for (const char* whole : {"", "whole"}) {
        const auto pair = connect(kSuites[0]);
        SSL_write(pair->client().ssl(), whole, static_cast<int>(std::strlen(whole)));
        pair->deliver();
        pair->send({23, 3, 3, 1, 0, 1, 2, 3});
        shutdown(pair->client_fd(), SHUT_WR);
        pair->tunnel().on_readable(false, false);
        uint8_t buffer[10];
        const Tunnel::Transfer read = pair->tunnel().read(buffer, sizeof(buffer));
        assert_int_equal(read.size, std::strlen(whole));
        assert_status(read.status, read.size > 0 ? Status::Ok : Status::Closed);
        assert_false(read.drained);
        assert_status(pair->tunnel().read(buffer, sizeof(buffer)).status, Status::Closed);
    }
}

// Connections take turns in a worker: what one has not read yet must not be lost to another.
void what_waits_survives_another_connection(void**) {
    const auto one = connect(kSuites[0]);
    const auto two = connect(kSuites[4]);
    const std::string text = pattern(60000);
    std::string got[2];
    size_t turn = 0;
    SSL_write(one->client().ssl(), text.data(), static_cast<int>(text.size()));
    SSL_write(two->client().ssl(), text.data(), static_cast<int>(text.size()));
    one->deliver();
    two->deliver();
    while (got[0].size() < text.size() || got[1].size() < text.size()) {
        uint8_t buffer[5000];
        Pair* pair = turn % 2 == 0 ? one.get() : two.get();
        const Tunnel::Transfer read = pair->tunnel().read(buffer, sizeof(buffer));
        got[turn++ % 2].append(reinterpret_cast<char*>(buffer), read.size);
        assert_true(turn < 1000);
    }
    assert_true(got[0] == text && got[1] == text);
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(records_are_ours_where_libssl_hands_its_keys_over),
        cmocka_unit_test(records_are_libssls_where_we_are_told_so),
        cmocka_unit_test(records_are_libssls_where_they_are_to_be_padded),
        cmocka_unit_test(records_are_libssls_where_the_client_wants_short_ones),
        cmocka_unit_test(a_session_is_resumed_with_records_of_our_own),
        cmocka_unit_test(the_client_changes_its_keys_and_asks_for_ours),
        cmocka_unit_test(hundreds_of_key_updates_in_a_row),
        cmocka_unit_test(nothing_is_answered_behind_the_end),
        cmocka_unit_test(a_flood_of_key_updates_is_refused),
        cmocka_unit_test(a_key_update_behind_a_half_written_record),
        cmocka_unit_test(the_end_is_told_in_both_directions),
        cmocka_unit_test(the_clients_alert_is_told),
        cmocka_unit_test(records_come_cut_anywhere),
        cmocka_unit_test(the_end_behind_half_a_record_is_found_at_once),
        cmocka_unit_test(what_waits_survives_another_connection),
    };
    int failed = cmocka_run_group_tests(tests, nullptr, nullptr);
    // Once more, by the other library.
    library = ::test::real_ipsec_mb();
    if (library != nullptr) {
        failed += cmocka_run_group_tests(tests, nullptr, nullptr);
    }
    return failed;
}

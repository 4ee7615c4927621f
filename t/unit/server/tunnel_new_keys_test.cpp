// Keys that have sealed as many records as they may: the client gets a KeyUpdate that it did not ask for,
// once.
#include <cstring>

#include "record/key_schedule.h"
#include "support/ipsec_mb.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::Pair;

// RFC 8446 section 5.5, rounded down.
constexpr uint64_t kLimit = uint64_t{1} << 24;

// Where AES-GCM comes from, see TrafficKeys.
const IpsecMb* library = nullptr;

TrafficSecret server_secret;
int updates = 0;

void on_secret(const SSL*, const char* line) {
    if (std::strncmp(line, "SERVER_TRAFFIC_SECRET_0 ", 24) == 0) {
        assert_true(parse_secret(std::strrchr(line, ' ') + 1, &server_secret));
    }
}

void on_message(int sent, int, int type, const void* data, size_t size, SSL*, void*) {
    if (sent == 0 && type == SSL3_RT_HANDSHAKE && size > 0 &&
        *static_cast<const uint8_t*>(data) == SSL3_MT_KEY_UPDATE) {
        ++updates;
    }
}

// Of the suite, with no record sent but those of the handshake: there are no tickets.
std::unique_ptr<Pair> connect(const char* suite) {
    ContextTerms terms = test::terms_of();
    terms.policy.session_tickets = false;
    terms.ipsec_mb = library;
    static std::vector<std::unique_ptr<ServerContext>> contexts;
    contexts.push_back(test::build(std::move(terms)));
    auto pair = std::make_unique<Pair>(TLS1_3_VERSION, [suite](SSL* ssl) {
        assert_int_equal(SSL_set_ciphersuites(ssl, suite), 1);
        SSL_CTX_set_keylog_callback(SSL_get_SSL_CTX(ssl), on_secret);
        SSL_set_msg_callback(ssl, on_message);
    });
    pair->connect(*contexts.back());
    return pair;
}

// As if `sequence` records had been sealed. The client has opened `opened` and goes on by its own counting:
// of a record only the nonce has to do with that, which is made to stay the same as long as none of the two
// carries.
void count_from(Pair* pair, uint64_t sequence, uint64_t opened) {
    RecordWriter& writer = pair->tunnel().writer();
    TrafficKeys keys;
    keys.ipsec_mb = enroll(library);
    assert_true(derive_keys(server_secret, writer.suite(), &keys));
    keys.sequence = sequence;
    const uint64_t difference = sequence ^ opened;
    for (size_t i = 0; i < 8; ++i) {
        keys.iv[11 - i] ^= static_cast<uint8_t>(difference >> (8 * i));
    }
    writer.start(keys);
}

void keys_are_changed_at_their_limit(void**) {
    constexpr std::pair<const char*, int> kSuites[] = {
        {"TLS_AES_128_GCM_SHA256", 1}, {"TLS_AES_256_GCM_SHA384", 1}, {"TLS_CHACHA20_POLY1305_SHA256", 0}};
    for (const auto& [suite, wanted] : kSuites) {
        updates = 0;
        const auto pair = connect(suite);
        count_from(pair.get(), kLimit - 2, 0);
        assert_string_equal(test::through_tunnel(pair.get(), "last but one").c_str(), "last but one");
        assert_int_equal(updates, 0);
        count_from(pair.get(), kLimit + 1, 1);
        assert_string_equal(test::through_tunnel(pair.get(), "last").c_str(), "last");
        for (int i = 0; i < 5; ++i) {
            assert_string_equal(test::through_tunnel(pair.get(), "more").c_str(), "more");
        }
        assert_int_equal(updates, wanted);
        assert_string_equal(test::through_client(pair.get(), "and back").c_str(), "and back");
    }
}

}  // namespace
}  // namespace tls

int main() {
    using namespace tls;
    const CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_changed_at_their_limit),
    };
    int failed = cmocka_run_group_tests(tests, nullptr, nullptr);
    // Once more, by the other library.
    library = ::test::real_ipsec_mb();
    if (library != nullptr) {
        failed += cmocka_run_group_tests(tests, nullptr, nullptr);
    }
    return failed;
}

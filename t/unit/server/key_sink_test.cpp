// Which secrets reach a KeySink: those of the connections that ask for it, and they are what the client
// knows.
#include "server/key_sink.h"

#include <algorithm>

#include "support/cmocka.h"
#include "support/tls_pair.h"

namespace tls {
namespace {

using test::Pair;

class Lines : public KeySink {
  public:
    void write(std::string_view line) override { lines.emplace_back(line); }
    std::vector<std::string> lines;
};

std::unique_ptr<ServerContext> context_with(KeySink* keys) {
    ContextTerms terms = test::terms_of();
    terms.keys = keys;
    return test::build(std::move(terms));
}

std::vector<std::string>& client_lines() {
    static std::vector<std::string> lines;
    return lines;
}

// The same lines from libssl as the client.
void note_client_keys(SSL* ssl) {
    client_lines().clear();
    SSL_CTX_set_keylog_callback(SSL_get_SSL_CTX(ssl),
                                [](const SSL*, const char* line) { client_lines().emplace_back(line); });
}

void the_clients_own_lines_are_written(void**) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        Lines keys;
        const auto context = context_with(&keys);
        Pair pair(version, note_client_keys);
        pair.log_keys();
        pair.connect(*context);
        std::sort(keys.lines.begin(), keys.lines.end());
        std::sort(client_lines().begin(), client_lines().end());
        assert_int_equal(keys.lines.size(), version == TLS1_3_VERSION ? 5 : 1);
        assert_true(keys.lines == client_lines());
    }
}

void other_connections_are_not_written(void**) {
    Lines keys;
    const auto context = context_with(&keys);
    Pair pair;
    pair.connect(*context);
    assert_int_equal(keys.lines.size(), 0);
}

void without_a_sink_libssl_is_not_asked(void**) {
    const auto context = context_with(nullptr);
    assert_true(SSL_CTX_get_keylog_callback(context->native()) == nullptr);
    Pair pair;
    pair.log_keys();
    pair.connect(*context);
}

}  // namespace
}  // namespace tls

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(tls::the_clients_own_lines_are_written),
        cmocka_unit_test(tls::other_connections_are_not_written),
        cmocka_unit_test(tls::without_a_sink_libssl_is_not_asked),
    };
    return cmocka_run_group_tests_name("key_sink", tests, nullptr, nullptr);
}
